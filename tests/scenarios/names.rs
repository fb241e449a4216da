//! One e-mail address, twenty names: each comment keeps its signature wherever it is shown.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::Event;
use rethread_tests::{Side, System, on_both_sides};
use serde_json::Value;

on_both_sides!(twenty_names_of_one_address_show_everywhere);

/// Number of names.
pub(super) const NAMES: usize = 20;

/// The signature of a comment, by its number.
pub(super) fn name(number: usize) -> String {
    format!("Name {number:02}")
}

fn link(number: usize) -> String {
    format!("https://name-{number:02}.example/")
}

/// A WordPress export in which comments with these numbers are signed with a name and a site each,
/// all with one address.
pub(super) fn file(numbers: impl IntoIterator<Item = usize>) -> Vec<u8> {
    let comment = |number: usize| {
        format!(
            "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author><![CDATA[{name}]]></wp:comment_author>\
             <wp:comment_author_email>office@firm.example</wp:comment_author_email>\
             <wp:comment_author_url>{link}</wp:comment_author_url>\
             <wp:comment_date_gmt>2020-01-01 00:00:{number:02}</wp:comment_date_gmt>\
             <wp:comment_content><![CDATA[Text {number}]]></wp:comment_content><wp:comment_approved>1</wp:comment_approved>\
             <wp:comment_type>comment</wp:comment_type><wp:comment_parent>0</wp:comment_parent>\
             <wp:comment_user_id>0</wp:comment_user_id></wp:comment>\n",
            id = number + 1,
            name = name(number),
            link = link(number),
        )
    };
    let comments: String = numbers.into_iter().map(comment).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\">\
         <channel><title>Firm</title><link>https://firm.example</link><wp:wxr_version>1.2</wp:wxr_version>\
         <wp:base_blog_url>https://firm.example</wp:base_blog_url>\n<item><title>Hello</title>\
         <link>https://firm.example/hello/</link><wp:post_id>1</wp:post_id><wp:status>publish</wp:status>\
         <wp:post_type>post</wp:post_type>\n{comments}</item></channel></rss>\n"
    )
    .into_bytes()
}

async fn twenty_names_of_one_address_show_everywhere(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    let receipt = api.import("", &token, file(0..NAMES)).await;
    assert_eq!(receipt["outcome"]["created"], NAMES, "{receipt:#}");
    assert_eq!(receipt["findings"]["repaired"]["shared_address"], 1, "{receipt:#}");
    // A newer name of the same author does not change older comments.
    let receipt = api.import("", &token, file(NAMES..=NAMES)).await;
    assert_eq!(receipt["outcome"]["created"], 1, "{receipt:#}");
    let receipt = api.import("", &token, file(0..NAMES)).await;
    assert_eq!(receipt["outcome"]["unchanged"], NAMES, "{receipt:#}");

    let expected: BTreeSet<(String, String)> = (0..=NAMES).map(|number| (name(number), link(number))).collect();
    let (_, pages) = api.get("pages", &token).await;
    let page = pages["pages"][0]["id"].as_str().unwrap();
    let (_, listed) = api.get(&format!("pages/{page}/comments"), &token).await;
    let shown = listed["comments"].as_array().unwrap().iter().map(|comment| {
        assert_eq!(comment["author"]["email"], "office@firm.example");
        (text(&comment["author"]["name"]), text(&comment["author"]["link"]))
    });
    assert_eq!(shown.collect::<BTreeSet<_>>(), expected, "the API");

    let names: BTreeSet<String> = expected.iter().map(|(name, _)| name.clone()).collect();
    for format in ["csv", "jsonl", "wordpress", "commento", "disqus"] {
        let finished = system.run(&["export", "--format", format]);
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        let signed = signatures(format, &finished.stdout);
        if format == "disqus" {
            // The format has no field for sites.
            assert_eq!(signed.into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>(), names);
        } else {
            assert_eq!(signed, expected, "{format}");
        }
    }
}

/// The names and sites in an export, read with independent parsers.
fn signatures(format: &str, export: &str) -> BTreeSet<(String, String)> {
    match format {
        "csv" => {
            let mut table = csv::Reader::from_reader(export.trim_start_matches('\u{feff}').as_bytes());
            let head = table.headers().unwrap().clone();
            let place = |column: &str| head.iter().position(|name| name == column).unwrap();
            let (name, link) = (place("Name"), place("Link"));
            table.records().map(Result::unwrap).map(|row| (row[name].to_owned(), row[link].to_owned())).collect()
        }
        "jsonl" => {
            let lines = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            let comments = lines.filter(|line| line["type"] == "comment");
            comments.map(|line| (text(&line["author"]["name"]), text(&line["author"]["link"]))).collect()
        }
        "commento" => {
            let document: Value = serde_json::from_str(export).unwrap();
            let of = |member: &str| document[member].as_array().unwrap().clone();
            let commenters: BTreeMap<String, Value> =
                of("commenters").into_iter().map(|commenter| (text(&commenter["commenterHex"]), commenter)).collect();
            // Commento merges people with the same address.
            let addresses: BTreeSet<String> = commenters.values().map(|commenter| text(&commenter["email"])).collect();
            assert_eq!(addresses.len(), commenters.len());
            assert!(addresses.contains("office@firm.example"));
            of("comments")
                .iter()
                .map(|comment| &commenters[&text(&comment["commenterHex"])])
                .map(|commenter| (text(&commenter["name"]), text(&commenter["link"])))
                .collect()
        }
        "wordpress" => {
            let (names, links) = (texts(export, "wp:comment_author"), texts(export, "wp:comment_author_url"));
            names.into_iter().zip(links).collect()
        }
        "disqus" => texts(export, "name").into_iter().map(|name| (name, String::new())).collect(),
        other => panic!("{other} is no format"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The texts of all elements of a name.
fn texts(export: &str, element: &str) -> Vec<String> {
    let mut reader = Reader::from_str(export);
    let mut texts = Vec::new();
    let mut is_inside = false;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == element => {
                is_inside = true;
                texts.push(String::new());
            }
            Event::End(_) => is_inside = false,
            Event::Text(text) if is_inside => texts.last_mut().unwrap().push_str(&text),
            Event::CData(text) if is_inside => texts.last_mut().unwrap().push_str(&text),
            Event::Eof => return texts,
            _ => {}
        }
    }
}
