use std::io::Cursor;

use proptest::prelude::*;
use rethread_model::{
    Author, AuthorRef, Comment, ImportOptions, PageKey, Reason, Record, Scheme, SliceNumber, Status, TextKind, Thread,
    Vendor,
};
use rethread_vendors::Portion;

use crate::reader::read_slice;
use crate::testing::{guest, signed};
use crate::{Limits, Plan, PlanError, SliceSink, plan};

const VERSION_1: &str = include_str!("commento/version_1.json");
const VERSION_3: &str = include_str!("commento/version_3.json");

/// Plain uploads need no sink.
struct NoSink;

impl SliceSink for NoSink {
    fn put(&mut self, number: SliceNumber, _: &[u8]) -> std::io::Result<()> {
        panic!("slice {number} of a plain upload was stored")
    }
}

fn planned(file: &[u8], options: &ImportOptions, slice_bytes: usize) -> Result<Plan, PlanError> {
    let limits = Limits { slice_bytes, record_bytes: 20_000, ..Limits::default() };
    plan(&mut Cursor::new(file), file.len() as u64, options, &limits, &mut NoSink)
}

/// Everything that an import of the file would yield, in file order.
struct Import {
    plan: Plan,
    portions: Vec<Portion>,
}

fn import(file: &[u8], options: &ImportOptions, slice_bytes: usize) -> Import {
    let plan = planned(file, options, slice_bytes).unwrap();
    let mut portions = Vec::new();
    for spec in &plan.slices {
        let range = usize::try_from(spec.start).unwrap()..usize::try_from(spec.end).unwrap();
        let mut reader = read_slice(Vendor::Commento, spec, options, &file[range]);
        portions.extend(reader.by_ref());
        assert_eq!(spec.verify_frames(reader.frames()), Ok(()));
    }
    Import { plan, portions }
}

impl Import {
    fn of(file: &str) -> Self {
        import(file.as_bytes(), &ImportOptions::default(), usize::MAX)
    }

    fn records(&self) -> impl Iterator<Item = &Record> {
        self.portions.iter().flat_map(|portion| &portion.records).map(|located| &located.value)
    }

    fn comments(&self) -> Vec<&Comment> {
        self.records()
            .filter_map(|record| if let Record::Comment(comment) = record { Some(&**comment) } else { None })
            .collect()
    }

    fn comment(&self, id: &str) -> &Comment {
        self.comments().into_iter().find(|comment| comment.source_id == id).unwrap()
    }

    fn refused(&self) -> Vec<(Reason, Option<&str>, bool)> {
        let refused = self
            .records()
            .filter_map(|record| if let Record::Refused(refused) = record { Some(refused) } else { None });
        refused.map(|refused| (refused.reason, refused.source_id.as_deref(), refused.is_reply)).collect()
    }

    fn authors(&self) -> Vec<&Author> {
        self.records()
            .filter_map(|record| if let Record::Author(author) = record { Some(author) } else { None })
            .collect()
    }

    fn threads(&self) -> Vec<&Thread> {
        self.records()
            .filter_map(|record| if let Record::Thread(thread) = record { Some(thread) } else { None })
            .collect()
    }

    fn findings(&self) -> Vec<(Reason, Option<&str>)> {
        let findings = self.portions.iter().flat_map(|portion| &portion.findings);
        findings.map(|finding| (finding.reason, finding.source_id.as_deref())).collect()
    }
}

#[test]
fn commento_is_read_with_its_quirks() {
    let import = Import::of(VERSION_1);
    assert_eq!(import.plan.facts.origin.as_str(), "example.com");
    assert_eq!(import.plan.facts.evidence, "version 1, 7 comments, 4 commenters");
    assert!(import.plan.defect.is_none());

    let root = import.comment("aa01");
    assert_eq!((root.thread.as_str(), root.parent.as_deref()), ("/post/", None));
    let profile = (AuthorRef::Known("user:c1".to_owned()), None);
    assert_eq!(signed(root), profile, "shown as the commenter is called at present");
    assert_eq!((root.text.as_str(), root.text_kind), ("Hi **all** <3\nsee you", TextKind::Markdown));
    assert_eq!(root.html.as_str(), "<p>Hi <strong>all</strong> &lt;3<br>\nsee you</p>");
    assert_eq!((root.details.score, root.details.votes_up, root.details.votes_down), (Some(-3), None, None));
    assert_eq!(root.created_at.unwrap().to_string(), "2020-01-27T14:20:21.101653Z");

    let statuses = ["aa01", "aa02", "aa03", "aa04", "aa05", "aa06"].map(|id| import.comment(id).status);
    let expected =
        [Status::Approved, Status::Approved, Status::Pending, Status::Spam, Status::Deleted, Status::Approved];
    assert_eq!(statuses, expected);
    assert_eq!(import.comment("aa02").parent.as_deref(), Some("aa01"));
    assert_eq!(signed(import.comment("aa02")), guest("Anonymous"));
    let tombstone = import.comment("aa05");
    assert_eq!((tombstone.text.as_str(), &tombstone.author), ("", &AuthorRef::Nobody));
    assert_eq!(import.refused(), []);
}

#[test]
fn a_comment_without_a_path_is_on_the_home_page() {
    let import = Import::of(VERSION_1);
    assert_eq!(import.comment("aa07").thread, "/");
    let threads = import.threads();
    let home = threads.iter().find(|thread| thread.source_id == "/").unwrap();
    assert_eq!((home.url.as_deref(), home.url_id.as_str()), (Some("https://example.com/"), "example.com"));
    let of = |path: &str| Import::of(&VERSION_1.replacen("\"aa07\"", &format!("\"aa07\", {path}"), 1));
    for path in ["\"url\": \"\"", "\"url\": null", "\"url\": \"/\"", "\"path\": \"\""] {
        assert_eq!(of(path).comment("aa07").thread, "/", "{path}");
    }
}

#[test]
fn commenters_have_no_invented_values() {
    let import = Import::of(VERSION_1);
    let authors = import.authors();
    assert_eq!(authors.len(), 4);
    let john = authors[0];
    assert_eq!(
        (john.key.as_str(), john.name.as_deref(), john.email.as_deref()),
        ("user:c1", Some("John"), Some("john@example.org"))
    );
    assert_eq!((&john.link, &john.avatar, john.moderator), (&None, &None, None));
    assert_eq!(john.as_of.unwrap().to_string(), "2020-01-27T14:17:59.298737Z");
    assert_eq!(authors[1], john);
    // One from Disqus, with an address invented by Commento; and an anonymous one of Commento++.
    assert_eq!((authors[2].key.as_str(), &authors[2].email), ("user:c2", &None));
    assert_eq!(authors[2].link.as_deref(), Some("https://jo.example/"));
    assert_eq!((authors[3].key.as_str(), &authors[3].email), ("user:c3", &None));
}

#[test]
fn pages_are_addressed_by_path_url_or_identifier() {
    let keys = |options: &ImportOptions| {
        let import = import(VERSION_1.as_bytes(), options, usize::MAX);
        let threads = import.threads().into_iter();
        threads.map(|thread| (thread.source_id.clone(), thread.url_id.clone(), thread.url.clone())).collect::<Vec<_>>()
    };
    let own = |path: &str, key: &str, url: Option<&str>| (path.to_owned(), key.to_owned(), url.map(str::to_owned));
    let by_url = keys(&ImportOptions { scheme: Scheme::Http, ..ImportOptions::default() });
    let absolute = "https://www.example.com/blog/1?utm_source=x";
    let expected = [
        own("/post/", "example.com/post", Some("http://example.com/post/")),
        own(absolute, "example.com/blog/1", Some(absolute)),
        own("post-17", "example.com#post-17", None),
        own("/", "example.com", Some("http://example.com/")),
    ];
    assert_eq!(by_url, expected);
    let by_identifier = keys(&ImportOptions { page_key: PageKey::Identifier, ..ImportOptions::default() });
    assert_eq!(
        by_identifier.iter().map(|thread| thread.1.as_str()).collect::<Vec<_>>(),
        ["/post/", absolute, "post-17", "/"]
    );
}

#[test]
fn comentario_3_is_read_with_its_pages() {
    let import = Import::of(VERSION_3);
    assert_eq!(import.plan.facts.origin.as_str(), "localhost:8000");
    let thread = import.threads()[0];
    assert_eq!((thread.source_id.as_str(), thread.url.as_deref()), ("page-1", Some("http://localhost:8000/a/")));
    assert_eq!(
        (thread.url_id.as_str(), thread.title.as_deref(), thread.closed),
        ("localhost:8000/a", Some("A page"), true)
    );

    let first = import.comment("id-1");
    assert_eq!((first.thread.as_str(), first.details.pinned, first.details.score), ("page-1", true, Some(23)));
    assert_eq!(first.html.as_str(), "<p>Yay</p>");
    assert_eq!((first.text.as_str(), first.edited_at), ("Yay", None));
    assert_eq!(first.author, AuthorRef::Known("user:u-1".to_owned()));
    assert_eq!(first.details.ip, None);
    let second = import.comment("id-2");
    assert_eq!((second.parent.as_deref(), signed(second)), (Some("id-1"), guest("Ann")));
    assert_eq!(second.edited_at.unwrap().to_string(), "2023-11-15T00:00:00Z");
    let statuses = ["id-1", "id-2", "id-3", "id-4"].map(|id| import.comment(id).status);
    assert_eq!(statuses, [Status::Approved, Status::Pending, Status::Spam, Status::Deleted]);
    assert_eq!(import.authors()[0].moderator, Some(false));
    assert_eq!(import.findings(), []);
}

#[test]
fn options_are_honoured() {
    let options = ImportOptions { exclude_spam: true, include_ip_addresses: true, ..ImportOptions::default() };
    let import = import(VERSION_3.as_bytes(), &options, usize::MAX);
    assert_eq!(import.comment("id-2").details.ip.as_deref(), Some("192.0.2.7"));
    assert_eq!(import.refused(), [(Reason::SpamExcluded, Some("id-3"), false)]);
}

#[test]
fn comentario_1_is_read() {
    let file = r#"{"comments":[
        {"commentHex":"01","host":"Example.com","path":"/a","commenterHex":"0000","markdown":"x","parentHex":"root","state":"approved"},
        {"commentHex":"02","host":"example.com","path":"/a","commenterHex":"c1","markdown":"","parentHex":"01","state":"approved"}
        ],"commenters":[{"commenterHex":"0000","name":"Anonymous"},
        {"commenterHex":"c1","name":"C","avatarUrl":"https://c.example/c.png","websiteUrl":"https://c.example/"}],"version":1}"#;
    let import = Import::of(file);
    assert_eq!(import.plan.facts.origin.as_str(), "example.com");
    assert_eq!(signed(import.comment("01")), guest("Anonymous"));
    assert_eq!(import.comment("02").status, Status::Deleted);
    let author = import.authors()[0];
    assert_eq!(author.link.as_deref(), Some("https://c.example/"));
    assert_eq!(author.avatar.as_deref(), Some("https://c.example/c.png"));
    assert_eq!(import.authors().len(), 1);
}

#[test]
fn other_versions_are_refused() {
    let file = VERSION_1.replace("\"version\": 1", "\"version\": 2");
    let Err(PlanError::Refused(error)) = planned(file.as_bytes(), &ImportOptions::default(), usize::MAX) else {
        panic!("read")
    };
    assert_eq!(error.code, "bad_version");
    assert!(error.message.contains("version 2"), "{}", error.message);
}

#[test]
fn damage_costs_its_record_alone() {
    let whole = Import::of(VERSION_1);
    let damaged = VERSION_1.replacen("\"markdown\": \"A reply", "\"markdown\": \"A \"reply\"", 1);
    let import = Import::of(&damaged);
    assert_eq!(import.comments().len(), whole.comments().len() - 1);
    assert!(import.refused().contains(&(Reason::UnreadableRecord, Some("aa02"), true)));
    assert!(import.plan.defect.is_none());
    assert_eq!(import.authors(), whole.authors());
}

#[test]
fn repairs_are_told_with_the_record() {
    let file = VERSION_1
        .replacen("\"A reply", "\"A\u{1} reply", 1)
        .replacen("2020-01-27T14:20:21.101653Z", "some day", 1)
        .replacen("\"post-17\"", "\" post-17\\n\"", 1);
    let import = Import::of(&file);
    let expected =
        [(Reason::UnreadableDate, "aa01"), (Reason::ControlCharacters, "aa02"), (Reason::PaddedValue, "aa06")];
    assert_eq!(import.findings(), expected.map(|(reason, id)| (reason, Some(id))));
    assert_eq!(import.comment("aa01").created_at, None);
    assert_eq!(import.comment("aa06").thread, "post-17");
}

#[test]
fn size_becomes_a_finding_and_depth_does_not() {
    let deep = format!("{{\"commentHex\":\"d1\",\"url\":\"/\",\"x\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let large = format!(
        "{{\"commentHex\":\"b1\",\"url\":\"/\",\"parentHex\":\"aa01\",\"markdown\":\"{}\"}}",
        "x".repeat(30_000)
    );
    let file = VERSION_1.replacen("\"comments\": [", &format!("\"comments\": [{deep},{large},"), 1);
    let import = Import::of(&file);
    let refused = &import.plan.refused[0];
    assert_eq!((refused.value.reason, refused.value.source_id.as_deref()), (Reason::RecordTooLarge, Some("b1")));
    assert!(refused.value.is_reply);
    assert_eq!(import.comments().len(), Import::of(VERSION_1).comments().len() + 1);
    assert_eq!(import.comment("d1").thread, "/");
}

#[test]
fn a_file_that_breaks_off_is_read_as_far_as_it_goes() {
    let end = VERSION_1.find("\"aa04\"").unwrap();
    let import = Import::of(&VERSION_1[..end]);
    let defect = import.plan.defect.as_ref().unwrap();
    assert_eq!((defect.code.as_str(), defect.offset), ("truncated", Some(end as u64)));
    assert_eq!(
        import.comments().iter().map(|comment| comment.source_id.as_str()).collect::<Vec<_>>(),
        ["aa01", "aa02", "aa03"]
    );
}

#[test]
fn slices_hold_the_same_records_whatever_their_size() {
    for file in [VERSION_1, VERSION_3] {
        let whole = Import::of(file);
        for slice_bytes in [1, 100, 500, 1000] {
            let cut = import(file.as_bytes(), &ImportOptions::default(), slice_bytes);
            assert!(cut.plan.slices.len() > 1);
            assert_eq!(essence(&cut), essence(&whole), "slices of {slice_bytes} bytes");
        }
    }
}

/// What an import stores. Threads may repeat; the order of the rest matters.
fn essence(import: &Import) -> (Vec<String>, Vec<String>) {
    let mut threads: Vec<_> = import.threads().iter().map(|thread| format!("{thread:?}")).collect();
    threads.sort();
    threads.dedup();
    let located = import.portions.iter().flat_map(|portion| &portion.records);
    let records =
        located.filter(|record| !matches!(record.value, Record::Thread(_))).map(|record| format!("{record:?}"));
    let findings = import.portions.iter().flat_map(|portion| &portion.findings).map(|finding| format!("{finding:?}"));
    (threads, records.chain(findings).collect())
}

proptest! {
    #![proptest_config(crate::testing::cases(400))]

    #[test]
    fn damaged_files_read_the_same_in_slices_of_any_size(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"{}[],:\\x\0\xff"[..]), any::<bool>()), 0..6),
        slice_bytes in 1_usize..2000,
    ) {
        let mut file = VERSION_1.as_bytes().to_vec();
        for (index, byte, replace) in changes {
            let at = index.index(file.len());
            if replace { file[at] = byte } else { file.insert(at, byte) }
        }
        let options = ImportOptions::default();
        if planned(&file, &options, usize::MAX).is_ok() {
            let whole = import(&file, &options, usize::MAX);
            let cut = import(&file, &options, slice_bytes);
            prop_assert_eq!(essence(&cut), essence(&whole));
            prop_assert_eq!(cut.plan.defect, whole.plan.defect);
        }
    }
}
