use proptest::prelude::*;
use rethread_model::{Author, AuthorRef, Comment, ImportOptions, PageKey, Reaction, Reason, Status, TextKind};

use crate::Limits;
use crate::testing::{Imported, guest, gzip, import, import_with, signed, slices_of};

const SAMPLE: &str = include_str!("../../../../samples/hyvor.json");

fn with(file: &str, options: &ImportOptions) -> Imported {
    import_with(file.as_bytes(), options, &Limits::default()).unwrap()
}

fn comment<'i>(imported: &'i Imported, id: &str) -> &'i Comment {
    imported.comments().into_iter().find(|comment| comment.source_id == id).unwrap()
}

/// A file with only these comments.
fn comments(elements: &str) -> String {
    format!("{{\"website\":{{\"id\":1}},\"comments\":[{elements}]}}")
}

#[test]
fn the_layout_of_2025_is_read() {
    let imported = import(SAMPLE);
    assert_eq!(imported.plan.facts.origin.as_str(), "tidepool.example");
    assert_eq!(imported.plan.facts.evidence, "arrays of Hyvor Talk, 16 comments, 4 pages, 2 users");
    assert_eq!((imported.defect(), imported.plan.findings.len()), (None, 0));

    let first = comment(&imported, "501");
    assert_eq!((first.thread.as_str(), first.parent.as_deref()), ("11", None));
    assert_eq!(
        (first.details.votes_up, first.details.votes_down, first.details.score, first.details.pinned),
        (Some(4), Some(1), None, true)
    );
    assert_eq!(
        (first.text.as_str(), first.text_kind),
        ("<p>I counted <em>forty</em> on one rock.</p>", TextKind::Html)
    );
    assert_eq!(first.html.as_str(), first.text);
    assert_eq!(first.created_at.unwrap().to_string(), "2023-11-14T22:21:41Z");
    assert_eq!((&first.author, &first.details.ip), (&AuthorRef::Known("user:sso_55".to_owned()), &None));

    assert_eq!(comment(&imported, "503").parent.as_deref(), Some("502"));
    assert_eq!(comment(&imported, "503").author, AuthorRef::Known("user:hyvor_123".to_owned()));
    assert_eq!(signed(comment(&imported, "502")), guest("Ines"));
    assert_eq!(comment(&imported, "516").author, AuthorRef::Known("email:ole@post.example".to_owned()));
    let statuses = ["504", "505", "506", "507", "516"].map(|id| comment(&imported, id).status);
    assert_eq!(statuses, [Status::Spam, Status::Pending, Status::Deleted, Status::Approved, Status::Pending]);
    assert_eq!((comment(&imported, "506").text.as_str(), &comment(&imported, "506").author), ("", &AuthorRef::Nobody));
    assert_eq!(comment(&imported, "508").html.as_str(), "<p>Grün ist am häufigsten: 绿色 &amp; &lt;rare&gt; blue</p>");

    let refused: Vec<_> = imported.refused().iter().map(|r| (r.reason, r.source_id.as_deref(), r.is_reply)).collect();
    assert_eq!(refused, [(Reason::NoThreadReference, Some("513"), false), (Reason::NoId, None, true)]);
    let findings: Vec<_> = imported.findings.iter().map(|f| (f.reason, f.source_id.as_deref())).collect();
    assert_eq!(findings, [(Reason::ControlCharacters, Some("510")), (Reason::UnreadableDate, Some("511"))]);
}

#[test]
fn pages_are_addressed_by_url_or_identifier() {
    let keys = |page_key| {
        let imported = with(SAMPLE, &ImportOptions { page_key, ..ImportOptions::default() });
        let mut threads: Vec<_> =
            imported.threads().iter().map(|t| (t.source_id.clone(), t.url_id.clone(), t.closed)).collect();
        threads.sort();
        threads.dedup();
        threads
    };
    let own = |id: &str, key: &str, closed| (id.to_owned(), key.to_owned(), closed);
    let by_url = [
        own("11", "tidepool.example/limpets", false),
        own("12", "tidepool.example/sea-glass", true),
        own("13", "talk.hyvor.com/api/public/embed-preview", false),
        own("14", "tidepool.example/about", false),
    ];
    assert_eq!(keys(PageKey::Url), by_url);
    let by_identifier: Vec<_> = keys(PageKey::Identifier).into_iter().map(|(_, key, _)| key).collect();
    assert_eq!(
        by_identifier,
        ["tidepool.example/limpets", "sea-glass", "hyvor-talk-preview", "tidepool.example/about"],
        "an identifier that is the address is a key like the address"
    );
    assert_eq!(keys(PageKey::Item), keys(PageKey::Identifier));
}

#[test]
fn reactions_to_pages_come_over() {
    let reaction = |kind: &str, count| Reaction { kind: kind.to_owned(), count };
    for thread in import(SAMPLE).threads() {
        assert_eq!(thread.reactions, [reaction("love", 1), reaction("superb", 2)], "{}", thread.source_id);
    }
    // Embedded in a comment, or named by it; with any words and any form of numbers.
    let embedded = r#"{"id":1,"page":{"id":7,"reactions":{"wow":"3","party":1,"sad":0,"angry":-2,"":5,"a\u0000b":5,"laugh":null}}}"#;
    let file =
        |comment: &str, pages: &str| format!("{{\"website\":{{}},\"comments\":[{comment}],\"pages\":[{pages}]}}");
    let by_id = r#"{"id":8,"reactions":{"wow":3,"party":1.0}}"#;
    for file in [file(embedded, ""), file(r#"{"id":1,"page_id":8}"#, by_id)] {
        let imported = import(&file);
        let [thread] = imported.threads()[..] else { panic!("one thread") };
        assert_eq!(thread.reactions, [reaction("party", 1), reaction("wow", 3)], "{file}");
    }
    // PHP writes an empty object as an array.
    for none in ["[]", "{}", "null", "7", "[1]", "{\"wow\":{\"count\":1}}"] {
        let imported = import(file(&format!("{{\"id\":1,\"page\":{{\"id\":7,\"reactions\":{none}}}}}"), ""));
        assert_eq!(imported.threads()[0].reactions, [], "{none}");
    }
}

#[test]
fn people_are_known_by_their_id_at_hyvor() {
    let imported = import(SAMPLE);
    let author = |key: &str| -> Vec<&Author> {
        let mut found: Vec<_> = imported.authors().into_iter().filter(|author| author.key == key).collect();
        found.dedup();
        found
    };
    let [owner] = author("user:hyvor_123")[..] else { panic!("one description, wherever it stands") };
    assert_eq!((owner.name.as_deref(), owner.moderator), (Some("Tomás Vega"), Some(true)));
    assert_eq!(owner.avatar.as_deref(), Some("https://hyvor.com/media/user/123.png"));
    let [member] = author("user:sso_55")[..] else { panic!("one description, wherever it stands") };
    assert_eq!((member.email.as_deref(), member.moderator), (Some("mirja@tidepool.example"), Some(false)));
    assert_eq!(member.link.as_deref(), Some("https://mirja.example/"));
}

#[test]
fn the_secrets_of_the_site_stay_in_the_file() {
    let imported = import(SAMPLE);
    assert!(SAMPLE.contains("not-a-real-key"));
    assert!(!format!("{imported:?}").contains("not-a-real-key"));
    // Nor are addresses stored, unless requested.
    assert!(!format!("{imported:?}").contains("192.0.2."));
    let asked = with(SAMPLE, &ImportOptions { include_ip_addresses: true, ..ImportOptions::default() });
    assert_eq!(comment(&asked, "502").details.ip.as_deref(), Some("192.0.2.44"));
}

#[test]
fn spam_may_be_left_out() {
    let imported = with(SAMPLE, &ImportOptions { exclude_spam: true, ..ImportOptions::default() });
    assert_eq!(
        (imported.refused()[0].reason, imported.refused()[0].source_id.as_deref()),
        (Reason::SpamExcluded, Some("504"))
    );
}

#[test]
fn other_layouts_are_read() {
    let by_id = r#"{"comments":[
        {"id":"7","page_id":3,"parent_id":null,"content":"line\nbreak <b>","user":"Ann","status":"published","created_at":"2022-01-02T03:04:05Z"},
        {"id":8,"page_id":"3","parent_id":7,"content_html":"<p>x</p>","user":{"type":"sso","id":9,"username":"ben"},"upvotes":"2"}],
        "pages":[{"id":3,"title":"T","identifier":"post-3","url":"https://site.example/3/"}]}"#;
    let imported = import(by_id);
    assert_eq!(imported.plan.facts.origin.as_str(), "site.example");
    assert_eq!(imported.threads().len(), 1);
    assert_eq!(imported.threads()[0].url_id, "site.example/3");
    let first = comment(&imported, "7");
    assert_eq!((first.thread.as_str(), signed(first), first.text_kind), ("3", guest("Ann"), TextKind::Plain));
    assert_eq!(first.html.as_str(), "<p>line<br>break &lt;b&gt;</p>".replace("<br>", "<br>\n").replace("\n\n", "\n"));
    let second = comment(&imported, "8");
    assert_eq!((second.parent.as_deref(), second.details.votes_up), (Some("7"), Some(2)));
    assert_eq!(second.author, AuthorRef::Known("user:sso_9".to_owned()));

    let by_name = r#"{"comments":[
        {"id":1,"page_url":"https://site.example/a/#c","page_title":"A","markdown":"*m*","user_name":"Cy","parent":null},
        {"id":2,"page_identifier":"post-2","body":{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"d"}]}]},"parent":1}]}"#;
    let imported = import(by_name);
    let threads: Vec<_> = imported.threads().iter().map(|t| (t.source_id.as_str(), t.url_id.as_str())).collect();
    assert_eq!(threads, [("https://site.example/a/#c", "site.example/a"), ("post-2", "site.example#post-2")]);
    assert_eq!(comment(&imported, "1").text_kind, TextKind::Markdown);
    assert_eq!(comment(&imported, "2").html.as_str(), "<p>d</p>");
    assert_eq!(comment(&imported, "2").parent.as_deref(), Some("1"));
}

#[test]
fn parents_in_parents_are_linked_at_any_depth() {
    let page = r#""page":{"id":1,"url":"https://site.example/"}"#;
    let chain = (1..400).fold("null".to_owned(), |parent, id| format!("{{\"id\":{id},{page},\"parent\":{parent}}}"));
    let imported = import(comments(&chain));
    assert_eq!(imported.ids(), ["399"]);
    assert_eq!(imported.comments()[0].parent.as_deref(), Some("398"));
    let bodies = format!("{{\"id\":1,{page},\"body\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(import(comments(&bodies)).comments()[0].text, "");
}

#[test]
fn damage_costs_its_comment_alone() {
    let whole = import(SAMPLE);
    for (found, damaged) in [("Forty? I never", "Forty\" I never"), ("{\"id\":502,", "\u{8}\"id\":502,")] {
        let imported = import(SAMPLE.replacen(found, damaged, 1));
        assert_eq!(imported.comments().len(), whole.comments().len() - 1, "{damaged}");
        let refused = imported.refused()[0];
        assert_eq!(refused.reason, Reason::UnreadableRecord, "{damaged}");
        assert_eq!(imported.defect(), None);
    }
    let large = comments(&format!("{{\"id\":1,\"parent\":{{\"id\":3}},\"body\":\"{}\"}}", "x".repeat(200_000)));
    let limits = Limits { record_bytes: 50_000, ..Limits::default() };
    let imported = import_with(large.as_bytes(), &ImportOptions::default(), &limits).unwrap();
    let refused = imported.refused()[0];
    assert_eq!(
        (refused.reason, refused.source_id.as_deref(), refused.is_reply),
        (Reason::RecordTooLarge, Some("1"), true)
    );
}

/// What an import stores, with its findings; threads may repeat.
fn essence(imported: &Imported) -> Vec<String> {
    let mut all: Vec<_> = imported.records.iter().map(|record| format!("{record:?}")).collect();
    all.extend(imported.findings.iter().map(|finding| format!("{finding:?}")));
    all.sort();
    all.dedup();
    all
}

#[test]
fn slices_hold_the_same_records_whatever_their_size() {
    let whole = import(SAMPLE);
    for slice_bytes in [1, 3_000, 20_000] {
        for upload in [SAMPLE.as_bytes().to_vec(), gzip(SAMPLE)] {
            let cut = import_with(&upload, &ImportOptions::default(), &slices_of(slice_bytes)).unwrap();
            assert!(cut.plan.slices.len() > 1);
            assert_eq!(essence(&cut), essence(&whole), "slices of {slice_bytes} bytes");
        }
    }
}

#[test]
fn the_order_of_the_comments_does_not_matter() {
    let mut file: serde_json::Value = serde_json::from_str(SAMPLE).unwrap();
    let list = file["comments"].as_array_mut().unwrap();
    // Of two with the same id, the first is imported.
    list.retain(|comment| comment["id"] != 502);
    let records = |file: &serde_json::Value| {
        let imported = import(file.to_string());
        let mut records: Vec<_> = imported.records.iter().map(|record| format!("{record:?}")).collect();
        records.sort();
        records.dedup();
        (records, imported.plan.facts)
    };
    let straight = records(&file);
    file["comments"].as_array_mut().unwrap().reverse();
    assert_eq!(records(&file), straight);
}

proptest! {
    #![proptest_config(crate::testing::cases(150))]

    #[test]
    fn damaged_files_read_the_same_in_slices_of_any_size(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"{}[],:\\x\0\xff"[..]), any::<bool>()), 0..6),
        slice_bytes in 1_usize..20_000,
    ) {
        let mut file = SAMPLE.as_bytes().to_vec();
        for (index, byte, replace) in changes {
            let at = index.index(file.len());
            if replace { file[at] = byte } else { file.insert(at, byte) }
        }
        if let Ok(whole) = import_with(&file, &ImportOptions::default(), &Limits::default()) {
            let cut = import_with(&file, &ImportOptions::default(), &slices_of(slice_bytes)).unwrap();
            prop_assert_eq!(essence(&cut), essence(&whole));
            prop_assert_eq!(cut.plan.defect, whole.plan.defect);
        }
    }

    #[test]
    fn arbitrary_bytes_in_the_arrays_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut file = b"{\"website\":{},\"comments\":[{\"id\":1,\"page\":{\"id\":2}},".to_vec();
        file.extend(bytes);
        let imported = import_with(&file, &ImportOptions::default(), &slices_of(10)).unwrap();
        prop_assert!(imported.ids().contains(&"1"));
    }
}
