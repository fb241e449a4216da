//! Bad files: a clear message, exit code 1, and existing data is unharmed.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use rethread_model::Vendor;
use rethread_tests::{Finished, Rethread, Side, System, comment_rows, gzip, on_both_sides, rows, sample, zip_of};
use serde_json::Value;

use crate::{assert_adds_up, comparable, generated};

on_both_sides!(an_upload_that_is_no_export_is_refused, a_truncated_upload_is_completed_by_the_whole_one);

/// An importer with existing comments, and a folder for files.
struct Site {
    rethread: Rethread,
    files: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { rethread: Rethread::new(), files: tempfile::tempdir().unwrap() };
        let first = site.rethread.import(&sample("disqus.xml.gz"), &[]);
        assert_eq!(first.code, Some(0), "{}", first.stderr);
        site
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.files.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Imports a file that must be refused as a whole, with this code and a helpful message.
    #[track_caller]
    fn refuses(&self, name: &str, bytes: &[u8], more: &[&str], code: &str, words: &str) {
        let before = rows(self.rethread.data());
        let finished = self.rethread.import(&self.file(name, bytes), more);
        assert_eq!(finished.code, Some(1), "{name}: {}", finished.stderr);
        let error = &finished.json()["error"];
        assert_eq!(error["code"], code, "{name}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(words), "{name}: {message}");
        assert_eq!(rows(self.rethread.data()), before, "{name}");
        assert_eq!(rethread_tests::files_under(&self.rethread.data().join("blobs")).len(), 0, "{name}");
    }
}

fn disqus(posts: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<disqus xmlns=\"http://disqus.com\" \
         xmlns:dsq=\"http://disqus.com/disqus-internals\"><category dsq:id=\"1\"><forum>small</forum></category>\
         <thread dsq:id=\"10\"><id /><forum>small</forum><link>https://small.example/a/</link><title>A</title>\
         <createdAt>2020-01-01T00:00:00Z</createdAt></thread>{posts}</disqus>"
    )
}

fn post(id: u64, parent: Option<u64>, message: &str) -> String {
    let parent = parent.map(|id| format!("<parent dsq:id=\"{id}\" />")).unwrap_or_default();
    format!(
        "<post dsq:id=\"{id}\"><id /><message><![CDATA[{message}]]></message><createdAt>2020-01-02T00:00:00Z</createdAt>\
         <isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Ann</name><isAnonymous>true</isAnonymous>\
         </author><thread dsq:id=\"10\" />{parent}</post>\n"
    )
}

#[test]
fn what_is_no_export_is_refused() {
    let site = Site::new();
    site.refuses("empty.xml", b"", &[], "empty", "empty");
    let page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>";
    site.refuses("export.xml", page, &[], "not_an_export", "HTML");
    site.refuses("export.json", b"%PDF-1.7 ...", &[], "not_an_export", "PDF");
    let sheet = zip_of(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")]);
    site.refuses("export.zip", &sheet, &[], "not_an_export", "spreadsheet");
    site.refuses("nothing.zip", &zip_of(&[]), &[], "empty", "zip");
}

#[test]
fn an_export_that_is_not_read_yet_is_called_by_its_name() {
    let site = Site::new();
    let backup = b"{\"version\":1,\"users\":[],\"posts\":[]}\n{\"id\":\"a\",\"pid\":\"\",\"text\":\"x\"}\n";
    let words = "This is a backup of Remark42, which Rethread does not read (yet).";
    site.refuses("backup.json", backup, &[], "not_an_export", words);
    site.refuses("backup.json.gz", &gzip(backup), &["--vendor", "commento"], "not_an_export", words);
}

#[test]
fn an_archive_with_a_wrong_checksum_is_refused_unless_what_is_left_is_asked_for() {
    let site = Site::new();
    let file = disqus(&(post(1, None, "first") + &post(2, Some(1), "second")));
    let mut altered = gzip(file.as_bytes());
    let checksum = altered.len() - 8;
    altered[checksum] ^= 1;
    site.refuses("altered.xml.gz", &altered, &[], "damaged_archive", "--salvage");
    let salvaged = site.rethread.import(&site.file("altered.xml.gz", &altered), &["--salvage"]);
    assert_eq!(salvaged.code, Some(0), "{}", salvaged.stderr);
    let receipt = salvaged.json();
    assert_eq!(receipt["outcome"]["created"], 2, "{receipt:#}");
    assert_eq!(receipt["findings"]["repaired"]["unverified_bytes"], 2, "{receipt:#}");
}

#[test]
fn what_is_no_file_begins_no_job() {
    let site = Site::new();
    let missing = site.files.path().join("missing.xml");
    for path in [site.files.path(), &missing] {
        assert_eq!(site.rethread.import(path, &[]).code, Some(2));
    }
    assert_eq!(site.rethread.run(&["jobs"]).stdout.matches("succeeded").count(), 1);
}

#[test]
fn a_file_of_another_vendor_than_named_is_refused() {
    let site = Site::new();
    let file = fs::read(sample("commento.json")).unwrap();
    site.refuses("a.json", &file, &["--vendor", "disqus"], "other_vendor", "Commento");
}

#[test]
fn a_document_type_or_entities_are_refused() {
    let site = Site::new();
    let declared = "<?xml version=\"1.0\"?>\n<!DOCTYPE disqus [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    let file = disqus(&post(1, None, "&x;")).replace("<?xml version=\"1.0\" encoding=\"utf-8\"?>", declared);
    site.refuses("xxe.xml", file.as_bytes(), &[], "dtd", "document type");
}

#[test]
fn bombs_are_refused() {
    let site = Site::new();
    let unpacked = disqus(&(post(1, None, "before") + &post(2, None, &"a".repeat(300 << 20))));
    let bomb = gzip(unpacked.as_bytes());
    assert!(bomb.len() < 1 << 20);
    site.refuses("bomb.xml.gz", &bomb, &[], "bomb", "unpack");
    site.refuses("bomb.zip", &zip_of(&[("a.xml", unpacked.as_bytes())]), &[], "bomb", "unpack");
}

#[test]
fn the_import_dialect_of_disqus_is_read_as_what_it_is() {
    let site = Site::new();
    let file = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" \
        xmlns:dsq=\"http://www.disqus.com/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
        xmlns:wp=\"http://wordpress.org/export/1.0/\"><channel><item><title>A</title>\
        <link>https://dialect.example/a</link><dsq:thread_identifier>page-a</dsq:thread_identifier>\
        <wp:comment><wp:comment_id>7</wp:comment_id><wp:comment_author>Bo</wp:comment_author>\
        <wp:comment_date_gmt>2020-01-01 10:00:00</wp:comment_date_gmt><wp:comment_content><![CDATA[Hello]]>\
        </wp:comment_content><wp:comment_approved>1</wp:comment_approved><wp:comment_parent>0</wp:comment_parent>\
        </wp:comment></item></channel></rss>";
    let finished = site.rethread.import(&site.file("dialect.xml", file.as_bytes()), &[]);
    assert_eq!(finished.code, Some(0), "{}", finished.stdout);
    let receipt = finished.json();
    assert_eq!(receipt["vendor"], "wordpress");
    assert_eq!(receipt["outcome"]["created"], 1);
}

/// Complete records are imported, the job fails with the byte offset, and the complete file adds
/// the rest.
#[test]
fn a_truncated_file_is_completed_by_the_whole_one() {
    let site = Site::new();
    let folder = site.files.path();
    for (vendor, name) in [(Vendor::Disqus, "d.xml"), (Vendor::WordPress, "w.xml"), (Vendor::Commento, "c.json")] {
        for is_gzipped in [false, true] {
            let rethread = Rethread::new();
            let whole_file = folder.join(name);
            generated(vendor, 3000, &whole_file);
            let whole = fs::read(&whole_file).unwrap();
            let whole = if is_gzipped { gzip(&whole) } else { whole };
            let what = format!("{name}, gzipped: {is_gzipped}");

            let cut = whole.len() * 2 / 3;
            let finished = rethread.import(&site.file("part", &whole[..cut]), &[]);
            assert_eq!(finished.code, Some(1), "{what}: {}", finished.stderr);
            let first = finished.json();
            assert_adds_up(&first);
            assert_eq!(first["state"], "failed");
            assert_eq!(first["error"]["code"], "truncated", "{what}");
            let offset = first["error"]["offset"].as_u64().expect("the byte is named");
            assert!(is_gzipped || offset <= cut as u64, "{what}");
            let created = first["outcome"]["created"].as_i64().unwrap();
            assert!(created > 100, "{what}: what is whole is imported, not {created}");

            let second = rethread.import(&site.file("whole", &whole), &[]).json();
            assert_eq!(second["state"], "succeeded", "{what}: {second:#}");
            assert_eq!(second["outcome"]["unchanged"].as_i64(), Some(created), "{what}");
            let undisturbed = Rethread::new();
            let expected = undisturbed.import(&site.file("whole", &whole), &[]).json();
            assert_eq!(second["read"], expected["read"], "{what}");
            assert_eq!(rows(rethread.data()), rows(undisturbed.data()), "{what}");
        }
    }
}

/// Imports a Disqus file with these posts and returns its receipt.
fn imported(posts: &str) -> (Rethread, Value, Finished) {
    let rethread = Rethread::new();
    let file = rethread.data().join("posts.xml");
    fs::write(&file, disqus(posts)).unwrap();
    let finished = rethread.import(&file, &[]);
    let receipt = finished.json();
    assert_adds_up(&receipt);
    (rethread, receipt, finished)
}

#[test]
fn ten_thousand_levels_of_nesting_harm_nothing() {
    let mut deep = String::new();
    for _ in 0..10_000 {
        deep.push_str("<blockquote>");
    }
    write!(deep, "deep").unwrap();
    let (rethread, receipt, _) = imported(&(post(1, None, &deep) + &post(2, None, "after")));
    assert_eq!(receipt["state"], "succeeded");
    assert_eq!(receipt["outcome"]["created"], 2);
    assert_eq!(receipt["findings"]["repaired"]["flattened_html"], 1);
    assert_eq!(comment_rows(rethread.data()).len(), 2);

    let markup = format!("<post dsq:id=\"1\">{}</post>", "<deep>".repeat(10_000));
    let (_, receipt, _) = imported(&(markup + &post(2, None, "after")));
    assert_eq!(receipt["outcome"]["created"], 1, "{receipt:#}");
    assert_eq!(receipt["outcome"]["failed"], 1);

    let nested = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let comment = |hex: &str, markdown: &str| {
        format!(
            "{{\"commentHex\":\"{hex}\",\"domain\":\"deep.example\",\"url\":\"/a\",\"commenterHex\":\"anonymous\",\
             \"markdown\":{markdown},\"parentHex\":\"root\",\"score\":0,\"state\":\"approved\",\
             \"creationDate\":\"2021-03-12T11:21:56Z\"}}"
        )
    };
    let file = format!(
        "{{\"version\":1,\"comments\":[{},{}],\"commenters\":[]}}",
        comment("aa", &format!("\"before\",\"other\":{nested}")),
        comment("bb", "\"after\"")
    );
    let rethread = Rethread::new();
    let path = rethread.data().join("deep.json");
    fs::write(&path, file).unwrap();
    let receipt = rethread.import(&path, &[]).json();
    assert_eq!(receipt["outcome"]["created"], 2, "{receipt:#}");
    assert_eq!(receipt["findings"]["failed"], serde_json::json!({}), "{receipt:#}");
}

#[test]
fn a_comment_of_fifty_megabytes_is_a_finding() {
    let huge = "word ".repeat(10 << 20);
    let (rethread, receipt, finished) = imported(&(post(1, None, &huge) + &post(2, None, "after")));
    assert_eq!(finished.code, Some(0));
    assert_eq!(receipt["outcome"]["created"], 1, "{receipt:#}");
    assert_eq!(receipt["findings"]["failed"]["record_too_large"], 1, "{receipt:#}");
    assert_eq!(comment_rows(rethread.data()).len(), 1);
}

#[test]
fn of_comments_with_one_id_the_first_is_taken() {
    let posts = post(1, None, "first") + &post(1, None, "second") + &post(2, Some(1), "reply");
    let (rethread, receipt, _) = imported(&posts);
    assert_eq!(receipt["outcome"]["created"], 2);
    assert_eq!(receipt["findings"]["skipped"]["duplicate_id"], 1);
    let stored = comment_rows(rethread.data());
    assert!(stored.iter().any(|row| row.contains("first")), "{stored:#?}");
    assert!(!stored.iter().any(|row| row.contains("second")), "{stored:#?}");
}

#[test]
fn a_circle_of_parents_is_cut_and_an_orphan_is_kept() {
    let posts = post(1, Some(3), "a") + &post(2, Some(1), "b") + &post(3, Some(2), "c") + &post(4, Some(99), "d");
    let (rethread, receipt, _) = imported(&posts);
    assert_eq!(receipt["outcome"]["created"], 4);
    assert_eq!(receipt["read"]["replies"], 4);
    assert_eq!(receipt["findings"]["repaired"]["parent_cycle"], 1);
    assert_eq!(receipt["findings"]["repaired"]["parent_not_in_file"], 1);
    assert_eq!(receipt["orphans"], 1);
    let again = rethread.import(&rethread.data().join("posts.xml"), &[]).json();
    assert_eq!(comparable(&again)["findings"], comparable(&receipt)["findings"]);
}

async fn an_upload_that_is_no_export_is_refused(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    let first = api.import("", &token, fs::read(sample("disqus.xml.gz")).unwrap()).await;
    assert_eq!(first["state"], "succeeded", "{first:#}");
    let before = system.rows().await;
    let bomb = gzip(disqus(&post(1, None, &"a".repeat(300 << 20))).as_bytes());
    let mut altered = gzip(disqus(&post(1, None, "x")).as_bytes());
    let checksum = altered.len() - 8;
    altered[checksum] ^= 1;
    let refused: [(&str, &[u8], &str, &str); 5] = [
        ("", &altered, "damaged_archive", "salvage"),
        ("", b"<!DOCTYPE html><html><head></head><body>Please sign in</body></html>", "not_an_export", "HTML"),
        ("", b"%PDF-1.7 ...", "not_an_export", "PDF"),
        ("", &bomb, "bomb", "unpack"),
        ("vendor=disqus", &fs::read(sample("commento.json")).unwrap(), "other_vendor", "Commento"),
    ];
    for (query, upload, code, words) in refused {
        let receipt = api.import(query, &token, upload.to_vec()).await;
        assert_eq!(receipt["state"], "failed", "{code}: {receipt:#}");
        assert_eq!(receipt["error"]["code"], code, "{receipt:#}");
        let message = receipt["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{code}: {message}");
        assert_eq!(system.files().await, Vec::<String>::new(), "{code}");
    }
    assert_eq!(system.rows().await, before);
    let salvaged = api.import("salvage=true", &token, altered).await;
    assert_eq!(salvaged["findings"]["repaired"]["unverified_bytes"], 1, "{salvaged:#}");
}

async fn a_truncated_upload_is_completed_by_the_whole_one(side: Side) {
    let undisturbed = Rethread::new();
    let file = undisturbed.data().join("export.xml");
    generated(Vendor::WordPress, 3000, &file);
    let whole = gzip(&fs::read(&file).unwrap());
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    let first = api.import("", &token, whole[..whole.len() * 2 / 3].to_vec()).await;
    assert_adds_up(&first);
    assert_eq!(first["error"]["code"], "truncated", "{first:#}");
    let created = first["outcome"]["created"].as_i64().unwrap();
    assert!(created > 100, "what is whole is imported, not {created}");

    let second = api.import("", &token, whole).await;
    assert_eq!(second["state"], "succeeded", "{second:#}");
    assert_eq!(second["outcome"]["unchanged"].as_i64(), Some(created));
    let expected = tokio::task::block_in_place(|| undisturbed.import(&file, &[])).json();
    assert_eq!(second["read"], expected["read"]);
    assert_eq!(system.rows().await, rows(undisturbed.data()));
}
