use std::collections::HashMap;

use rethread_model::{MoveTally, MoveTarget};

use super::*;

/// Shortens keys, as a store with very small indexes would.
fn shortened(key: &str) -> Cow<'_, str> {
    if key.len() <= 16 { key.into() } else { format!("{}~{}", &key[..12], key.len()).into() }
}

fn whole(key: &str) -> Cow<'_, str> {
    key.into()
}

fn thread(url_id: &str, url: Option<&str>) -> ThreadLocation {
    let vendors = PageLocation { url_id: url_id.to_owned(), url: url.map(str::to_owned) };
    ThreadLocation { no: 1, page_no: Some(1), vendors, moved: Moved::default() }
}

fn of_domains(stored: for<'a> fn(&'a str) -> Cow<'a, str>) -> Decider {
    let rule = MoveRule::new(MoveTarget::Domain("a.example".to_owned()), MoveTarget::Domain("b.example".to_owned()));
    Decider::new(&rule.unwrap(), stored)
}

#[test]
fn a_thread_moves_from_where_it_is() {
    let mut moved = thread("post-1", Some("https://vendors.example/x"));
    moved.moved = Moved { url_id: Some("a.example/x".to_owned()), url: Some("https://a.example/x".to_owned()) };
    let relocation = of_domains(whole).relocate(moved).unwrap();
    assert_eq!((relocation.from(), relocation.to()), ("a.example/x", "b.example/x"));
    assert_eq!(relocation.after.url.as_deref(), Some("https://b.example/x"));
    assert_eq!(of_domains(whole).relocate(thread("vendors.example/x", Some("https://vendors.example/x"))), None);
}

#[test]
fn what_does_not_change_is_left_to_the_vendor() {
    let relocation = of_domains(whole).relocate(thread("post-1", Some("https://a.example/x"))).unwrap();
    assert_eq!(relocation.after, Moved { url_id: None, url: Some("https://b.example/x".to_owned()) });
    assert_eq!(relocation.to(), "post-1");
}

#[test]
fn shortened_keys_are_known_by_what_they_were() {
    let address = "https://a.example/a/rather/long/path";
    let stored = shortened(&page_key(address)).into_owned();
    let relocation = of_domains(shortened).relocate(thread(&stored, Some(address))).unwrap();
    assert_eq!(relocation.to(), shortened("b.example/a/rather/long/path"));

    let rule = MoveRule::new(MoveTarget::Url(address.to_owned()), MoveTarget::UrlId("post-1".to_owned())).unwrap();
    let decider = Decider::new(&rule, shortened);
    assert_eq!(decider.sought().0.as_deref(), Some(stored.as_str()));
    assert_eq!(decider.relocate(thread(&stored, None)).unwrap().to(), "post-1");
}

#[test]
fn only_what_still_stands_there_goes_back() {
    let after = Moved { url_id: Some("b".to_owned()), url: None };
    let mut moved = thread("a", None);
    moved.moved = after.clone();
    let relocation = back(moved.clone(), Moved::default(), &after).unwrap();
    assert_eq!((relocation.from(), relocation.to()), ("b", "a"));
    moved.moved.url_id = Some("c".to_owned());
    assert_eq!(back(moved, Moved::default(), &after), None);
}

#[test]
fn the_first_pages_are_outlined_whatever_the_order() {
    let relocations: Vec<Relocation> = (0..100)
        .map(|number: i64| {
            let page = number * 37 % 50;
            let thread = ThreadLocation { no: number, page_no: Some(page), ..thread(&format!("a/{page:02}"), None) };
            Relocation { thread, after: Moved { url_id: Some(format!("b/{page:02}")), url: None } }
        })
        .collect();
    let there = HashMap::from([("b/01".to_owned(), 901), ("b/40".to_owned(), 940)]);
    let mut outline = Outline::default();
    for some in relocations.chunks(7) {
        outline.add(some, &vec![2; some.len()], &there);
    }
    outline.keep(3);
    let preview = outline.preview();
    assert_eq!(preview.tally, MoveTally { threads: 100, pages: 50, comments: 200, merged: 2, kept: 3 });
    let keys: Vec<_> = preview.pages.iter().map(|page| page.from.clone()).collect();
    assert_eq!(keys, (0..20).map(|page| format!("a/{page:02}")).collect::<Vec<_>>());
    assert!(preview.pages.iter().all(|page| page.comments == 4 && page.is_merged == (page.from == "a/01")));
}
