//! An author who signed with several names.

use std::collections::BTreeMap;

use rethread_model::{ExportFormat, Exported, ExportedAuthor, ExportedComment, Loss, Origin, Scope, Vendor};
use serde_json::Value;

use super::losses::{of, page, plain, thread};

/// Comments `1`, `2` and so on by one author of Commento, signed with these names.
fn signed(names: &[&str]) -> Vec<Exported> {
    let (vendor, origin) = (Vendor::Commento, Origin::new("example.org"));
    let scope = Scope { account: "default".parse().unwrap(), vendor, origin };
    let mut items = vec![page(Some("https://example.org/a"), "example.org/a"), of(scope.vendor, thread("/a"))];
    for (id, name) in (1..).zip(names) {
        let author = ExportedAuthor::Known {
            id: scope.author_id("user:abc"),
            key: "user:abc".to_owned(),
            name: Some((*name).to_owned()),
            email: Some("ann@post.example".to_owned()),
            link: None,
            avatar: None,
            moderator: None,
        };
        let comment = ExportedComment { author, ..plain(scope.vendor, &format!("{id}")) };
        items.push(Exported::Comment(Box::new(comment)));
    }
    items
}

/// A commenter of Commento has one name, and importers merge commenters with the same address.
#[test]
fn a_commenter_for_each_name_and_the_address_with_the_first() {
    let (file, tally) = super::export(ExportFormat::Commento, &signed(&["Ann", "Owl", "Ann", "Owl"]));
    let document: Value = serde_json::from_slice(&file).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let commenters: BTreeMap<String, (String, String)> = document["commenters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|commenter| (text(&commenter["commenterHex"]), (text(&commenter["name"]), text(&commenter["email"]))))
        .collect();
    assert_eq!(commenters.len(), 2, "{document:#}");
    assert_eq!(commenters["abc"], ("Ann".to_owned(), "ann@post.example".to_owned()));
    let names: Vec<_> = document["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|comment| commenters[&text(&comment["commenterHex"])].0.clone())
        .collect();
    assert_eq!(names, ["Ann", "Owl", "Ann", "Owl"]);
    let others: Vec<_> = commenters.iter().filter(|(hex, _)| *hex != "abc").collect();
    assert!(others.iter().all(|(hex, (_, email))| *email == format!("{hex}@commenter.invalid")), "{others:?}");
    assert_eq!((tally.losses.get(&Loss::Email), tally.losses.get(&Loss::AuthorKey)), (Some(&2), Some(&2)));
}
