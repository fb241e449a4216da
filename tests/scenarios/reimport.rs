//! A second file of the same site, with changed, new and removed comments.

use std::collections::BTreeMap;
use std::fs;

use rethread_tests::{Rethread, Side, System, on_both_sides};
use rusqlite::Connection;
use rusqlite::types::Value;

/// A comment: id, parent, text.
type Post<'a> = (u32, Option<u32>, &'a str);

fn disqus(posts: &[Post<'_>]) -> String {
    let thread = "<thread dsq:id=\"10\"><id /><forum>small</forum><link>https://small.example/a/</link>\
         <title>A</title><createdAt>2020-01-01T00:00:00Z</createdAt></thread>\n";
    let post = |(id, parent, text): &Post<'_>| {
        let parent = parent.map(|id| format!("<parent dsq:id=\"{id}\" />")).unwrap_or_default();
        format!(
            "<post dsq:id=\"{id}\"><id /><message><![CDATA[{text}]]></message><createdAt>2020-01-02T00:00:00Z</createdAt>\
             <isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Ann</name><isAnonymous>false</isAnonymous>\
             <username>ann</username></author><thread dsq:id=\"10\" />{parent}</post>\n"
        )
    };
    let posts: String = posts.iter().map(post).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<disqus xmlns=\"http://disqus.com\" \
         xmlns:dsq=\"http://disqus.com/disqus-internals\"><category dsq:id=\"1\"><forum>small</forum></category>\n\
         {thread}{posts}</disqus>"
    )
}

fn wordpress(posts: &[Post<'_>]) -> String {
    let comment = |(id, parent, text): &Post<'_>| {
        format!(
            "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author>Ann</wp:comment_author>\
             <wp:comment_date_gmt>2020-01-02 00:00:00</wp:comment_date_gmt><wp:comment_content>{text}</wp:comment_content>\
             <wp:comment_approved>1</wp:comment_approved><wp:comment_parent>{}</wp:comment_parent></wp:comment>\n",
            parent.unwrap_or_default()
        )
    };
    let comments: String = posts.iter().map(comment).collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>\
         <wp:base_blog_url>https://small.example</wp:base_blog_url><item><title>A</title>\
         <link>https://small.example/a/</link><wp:post_id>10</wp:post_id>{comments}</item></channel></rss>"
    )
}

fn commento(posts: &[Post<'_>]) -> String {
    let comment = |(id, parent, text): &Post<'_>| {
        serde_json::json!({
            "commentHex": format!("{id:064x}"), "domain": "small.example", "url": "/a/", "commenterHex": "c1",
            "markdown": text, "parentHex": parent.map_or_else(|| "root".to_owned(), |id| format!("{id:064x}")),
            "score": 0, "state": "approved", "creationDate": "2020-01-02T00:00:00Z",
        })
    };
    let comments: Vec<serde_json::Value> = posts.iter().map(comment).collect();
    let commenters = serde_json::json!([{"commenterHex": "c1", "email": "ann@small.example", "name": "Ann"}]);
    serde_json::json!({"version": 1, "comments": comments, "commenters": commenters}).to_string()
}

const FIRST: &[Post<'_>] = &[
    (1, None, "stays"),
    (2, None, "changes"),
    (3, Some(2), "changes, and was judged here"),
    (4, Some(1), "goes"),
    (5, Some(1), "stays, and was judged here"),
    (6, Some(4), "stays below one that goes"),
];

const SECOND: &[Post<'_>] = &[
    (1, None, "stays"),
    (2, None, "changed"),
    (3, Some(2), "changed, and was judged here"),
    (5, Some(1), "stays, and was judged here"),
    (6, Some(4), "stays below one that goes"),
    (7, Some(2), "comes"),
];

/// The suffix of the vendor's comment ids.
fn ending(vendor: &str, id: u32) -> String {
    match vendor {
        "commento" => format!("{id:064x}"),
        "wordpress" => format!("10:{id}"),
        _ => id.to_string(),
    }
}

fn open(rethread: &Rethread) -> Connection {
    Connection::open(rethread.data().join("comments.db")).unwrap()
}

/// Complete rows, by the vendor's id: every column, including its number.
fn whole_rows(store: &Connection) -> BTreeMap<String, Vec<Value>> {
    let query = "SELECT c.source_id, c.*, r.parent_no FROM comments c LEFT JOIN replies r ON r.comment_no = c.no";
    let mut statement = store.prepare(query).unwrap();
    let columns = statement.column_count();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, (1..columns).map(|n| row.get(n)).collect::<Result<_, _>>()?)))
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Writes posts as a vendor's export file.
type Writer = fn(&[Post<'_>]) -> String;

#[test]
fn a_newer_file_updates_creates_and_leaves_the_rest_untouched() {
    let vendors: [(&str, Writer); 3] = [("disqus", disqus), ("wordpress", wordpress), ("commento", commento)];
    for (vendor, write) in vendors {
        let rethread = Rethread::new();
        let file = rethread.data().join("export");
        fs::write(&file, write(FIRST)).unwrap();
        let first = rethread.import(&file, &[]).json();
        assert_eq!(first["outcome"]["created"], 6, "{vendor}: {first:#}");

        let store = open(&rethread);
        let id = |number| ending(vendor, number);
        for (number, status) in [(3, "spam"), (5, "pending")] {
            let judge = "UPDATE comments SET local_status = ?2 WHERE source_id = ?1";
            assert_eq!(store.execute(judge, [&id(number), status]).unwrap(), 1, "{vendor}");
        }
        store
            .execute_batch(
                "CREATE TABLE written (what TEXT, source_id TEXT);
                 CREATE TRIGGER on_insert AFTER INSERT ON comments
                   BEGIN INSERT INTO written VALUES ('created', NEW.source_id); END;
                 CREATE TRIGGER on_update AFTER UPDATE ON comments
                   BEGIN INSERT INTO written VALUES ('updated', NEW.source_id); END;
                 CREATE TRIGGER on_delete AFTER DELETE ON comments
                   BEGIN INSERT INTO written VALUES ('deleted', OLD.source_id); END;",
            )
            .unwrap();
        let before = whole_rows(&store);
        drop(store);

        fs::write(&file, write(SECOND)).unwrap();
        let second = rethread.import(&file, &[]).json();
        assert_eq!(
            second["outcome"],
            serde_json::json!({"created": 1, "updated": 2, "unchanged": 3, "skipped": 0, "failed": 0}),
            "{vendor}: {second:#}"
        );
        assert_eq!(second["removed"], 1, "{vendor}");

        let store = open(&rethread);
        let after = whole_rows(&store);
        for number in [1, 4, 5, 6] {
            assert_eq!(after[&id(number)], before[&id(number)], "{vendor}: {number} is as it was");
        }
        for number in [2, 3] {
            assert_eq!(after[&id(number)][0], before[&id(number)][0], "{vendor}: {number} keeps its number");
        }
        let read = "SELECT text, local_status FROM comments WHERE source_id = ?1";
        let judged: (String, Option<String>) =
            store.query_row(read, [id(3)], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(judged, ("changed, and was judged here".to_owned(), Some("spam".to_owned())), "{vendor}");

        let mut statement =
            store.prepare("SELECT DISTINCT what, source_id FROM written ORDER BY what, source_id").unwrap();
        let written: Vec<(String, String)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
        let expected =
            [("created", 7), ("updated", 2), ("updated", 3)].map(|(what, number)| (what.to_owned(), id(number)));
        assert_eq!(written, expected, "{vendor}: nothing else is written");
    }
}

/// A file for another range of dates, for example, contains no comments of the first: all are kept.
#[test]
fn a_file_without_any_of_the_earlier_comments_removes_nothing() {
    let rethread = Rethread::new();
    let file = rethread.data().join("export");
    fs::write(&file, disqus(FIRST)).unwrap();
    assert_eq!(rethread.import(&file, &[]).code, Some(0));
    fs::write(&file, disqus(&[(8, None, "alone")])).unwrap();
    let second = rethread.import(&file, &[]).json();
    assert_eq!((&second["outcome"]["created"], &second["removed"]), (&1.into(), &6.into()), "{second:#}");
    assert_eq!(rethread_tests::comment_rows(rethread.data()).len(), 7);
}

on_both_sides!(a_newer_upload_updates_creates_and_leaves_the_rest);

async fn a_newer_upload_updates_creates_and_leaves_the_rest(side: Side) {
    let system = System::start(side).await;
    let api = system.api();
    let vendors: [(&str, Writer); 3] = [("disqus", disqus), ("wordpress", wordpress), ("commento", commento)];
    for (vendor, write) in vendors {
        // One account per vendor, so that the store holds the data of one vendor.
        let token = system.token(vendor);
        let first = api.import("", &token, write(FIRST).into_bytes()).await;
        assert_eq!(first["outcome"]["created"], 6, "{vendor}: {first:#}");
        let before = system.comment_rows().await;

        let second = api.import("", &token, write(SECOND).into_bytes()).await;
        assert_eq!(
            second["outcome"],
            serde_json::json!({"created": 1, "updated": 2, "unchanged": 3, "skipped": 0, "failed": 0}),
            "{vendor}: {second:#}"
        );
        assert_eq!(second["removed"], 1, "{vendor}");
        let after = system.comment_rows().await;
        let (gone, come): (Vec<_>, Vec<_>) = (
            before.iter().filter(|row| !after.contains(row)).collect(),
            after.iter().filter(|row| !before.contains(row)).collect(),
        );
        assert_eq!(gone.len(), 2, "{vendor}: the two that changed: {gone:#?}");
        let texts = ["changed, and was judged here", "changed", "comes"];
        assert_eq!(come.len(), texts.len(), "{vendor}: {come:#?}");
        for text in texts {
            assert!(come.iter().any(|row| row.contains(&format!("\"{text}\""))), "{vendor}: {text}: {come:#?}");
        }
    }
}
