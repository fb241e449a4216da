use proptest::prelude::*;
use rethread_model::{AuthorRef, Comment, ImportOptions, PageKey, Reason, Status, TextKind};

use crate::Limits;
use crate::testing::{Imported, guest, gzip, import, import_with, signed, slices_of, zip};

const JSON: &str = include_str!("../../../../samples/justcomments.json");
const LINES: &str = include_str!("../../../../samples/justcomments.jsonl");
const CSV: &str = include_str!("../../../../samples/justcomments.csv");

fn id(number: u32) -> String {
    format!("6d1f0c1e-0000-4000-8000-{number:012}")
}

fn comment(imported: &Imported, number: u32) -> &Comment {
    imported.comments().into_iter().find(|comment| comment.source_id == id(number)).unwrap()
}

fn refused(imported: &Imported) -> Vec<(Reason, Option<String>, bool)> {
    imported.refused().iter().map(|refused| (refused.reason, refused.source_id.clone(), refused.is_reply)).collect()
}

#[test]
fn an_object_with_comments_is_read() {
    let imported = import(JSON);
    assert_eq!(imported.plan.facts.origin.as_str(), "lanternpost.example");
    assert_eq!(imported.plan.facts.evidence, "the JSON array comments, 12 comments");
    assert_eq!((imported.defect(), imported.plan.findings.len()), (None, 0));

    let first = comment(&imported, 1);
    assert_eq!((first.thread.as_str(), first.parent.as_deref()), ("lanternpost.example/oil", None));
    assert_eq!((first.text_kind, first.details.votes_up), (TextKind::Markdown, Some(3)));
    assert_eq!(first.html.as_str(), "<p>Kerosene <strong>smells</strong>.<br>\nLamp oil does not.</p>");
    assert_eq!(first.author, AuthorRef::Known("user:fb-8812".to_owned()));
    assert_eq!(first.created_at.unwrap().to_string(), "2019-05-02T08:30:01Z");
    let petra = imported.authors().into_iter().find(|author| author.key == "user:fb-8812").unwrap();
    assert_eq!(
        (petra.email.as_deref(), petra.link.as_deref()),
        (Some("petra@lang.example"), Some("https://petra.example/"))
    );

    assert_eq!(comment(&imported, 2).author, AuthorRef::Known("email:yusuf@mail.example".to_owned()));
    assert_eq!(comment(&imported, 3).parent, Some(id(2)), "what it answers, not what began the conversation");
    assert_eq!(comment(&imported, 4).status, Status::Pending);
    assert_eq!(signed(comment(&imported, 5)), guest("Grünberg"));
    let old = comment(&imported, 7);
    assert_eq!((old.text_kind, old.html.as_str()), (TextKind::Html, "<p>From the <b>old</b> widget</p>"));
    assert_eq!(refused(&imported), [(Reason::NoThreadReference, Some(id(10)), false), (Reason::NoId, None, true)]);
    let findings: Vec<_> = imported.findings.iter().map(|f| (f.reason, f.source_id.clone())).collect();
    let expected = [(Reason::FieldDropped, id(1)), (Reason::ControlCharacters, id(9)), (Reason::UnreadableDate, id(9))];
    assert_eq!(findings.len(), 3);
    for (reason, id) in expected {
        assert!(findings.contains(&(reason, Some(id))), "{reason}");
    }
}

#[test]
fn pages_are_addressed_by_url_or_item() {
    let keys = |page_key| {
        let options = ImportOptions { page_key, ..ImportOptions::default() };
        let imported = import_with(JSON.as_bytes(), &options, &Limits::default()).unwrap();
        let mut keys: Vec<_> = imported.threads().iter().map(|thread| thread.url_id.clone()).collect();
        keys.sort();
        keys.dedup();
        keys
    };
    assert_eq!(
        keys(PageKey::Url),
        ["lanternpost.example/oil", "lanternpost.example/wicks", "lanternpost.example:8080/shop"]
    );
    let items = ["lanternpost.example/oil/", "lanternpost.example/shop/", "lanternpost.example/wicks/"];
    assert_eq!(keys(PageKey::Item), items);
    assert_eq!(keys(PageKey::Identifier), items);
}

#[test]
fn each_container_holds_the_same() {
    let file: serde_json::Value = serde_json::from_str(JSON).unwrap();
    let list = file["comments"].as_array().unwrap();
    let lines: String = list.iter().map(|comment| comment.to_string() + "\r\n").collect();
    let half = lines.lines().take(5).fold(String::new(), |all, line| all + line + "\n");
    let rest = lines.lines().skip(5).fold(String::new(), |all, line| all + line + "\n");
    let records = |upload: &[u8]| {
        let imported = import(upload);
        assert_eq!((imported.defect(), imported.plan.findings.len()), (None, 0));
        imported.records
    };
    let expected = records(JSON.as_bytes());
    // A line's keys are in another order, so that the position of each matters.
    for container in [
        serde_json::Value::Array(list.clone()).to_string(),
        format!("{{\"Count\":12,\"Items\":{}}}", serde_json::Value::Array(list.clone())),
        format!("{{\"itemId\":\"x\",\"comments\":{}}}", serde_json::Value::Array(list.clone())),
        lines.clone(),
        lines.trim_end().to_owned(),
    ] {
        assert_eq!(records(container.as_bytes()), expected, "{}", &container[..60]);
        assert_eq!(records(&gzip(&container)), expected);
    }
    let zipped = import(zip(&[("1.jsonl", half.as_bytes()), ("2.jsonl", rest.as_bytes())]));
    assert_eq!(zipped.ids().len(), import(JSON).ids().len());
}

#[test]
fn a_broken_line_costs_itself() {
    let imported = import(LINES);
    assert_eq!(imported.plan.facts.evidence, "JSON Lines, 4 comments");
    assert_eq!(imported.ids(), [id(21), id(22), id(24)]);
    assert_eq!(refused(&imported), [(Reason::UnreadableRecord, Some(id(23)), true)]);
    assert_eq!(imported.defect(), None);
    let cut = import(&LINES[..LINES.len() - 30]);
    assert_eq!((cut.ids().len(), cut.defect()), (2, Some("truncated")));
}

#[test]
fn a_first_line_that_is_broken_leaves_the_others() {
    let damaged = LINES.replacen("{\"commentId\":", "{\"commentId\" \"", 1);
    assert_eq!(import(damaged).ids(), [id(22), id(24)]);
}

#[test]
fn a_table_is_read() {
    let imported = import(CSV);
    assert_eq!(imported.plan.facts.evidence, "a CSV table of 15 columns, 4 comments");
    assert_eq!(imported.ids(), [id(32), id(33), id(34)]);
    assert_eq!(refused(&imported), [(Reason::UnreadableRecord, Some(id(31)), false)]);
    assert_eq!(comment(&imported, 33).parent, Some(id(32)));
    assert_eq!(comment(&imported, 34).status, Status::Pending);
    assert_eq!(imported.defect(), None);

    let whole = import(CSV.replacen("Polish", "\"Polish", 1));
    let first = comment(&whole, 31);
    assert_eq!((first.text.as_str(), first.details.votes_up), ("Polish it,\nthen \"wait\"", Some(4)));
    assert_eq!((whole.ids().len(), whole.findings.len()), (4, 0));
    let mended = CSV.replacen("Polish", "\"Polish", 1);
    for (separator, columns) in [(';', "itemId;message;commentId"), ('\t', "\"message\"\titemId\tcommentId")] {
        let row = columns.replace("itemId", "h.example/a").replace("commentId", "7").replace("\"message\"", "message");
        let table = import(format!("\u{feff}{columns}\n{row}\n\n{row}"));
        assert_eq!(table.ids(), ["7", "7"], "{separator:?}");
        assert_eq!((table.comments()[0].text.as_str(), table.defect()), ("message", None));
    }
    let cut = import(&mended[..mended.len() - 20]);
    assert_eq!((cut.ids().len(), cut.defect()), (3, Some("truncated")));
}

#[test]
fn damage_in_a_table_costs_its_row() {
    let whole = CSV.replacen("Polish", "\"Polish", 1);
    // A closing quote, a comma, an opening quote of the reactions.
    for (found, damaged, lost) in [
        ("wait\"\"\",", "wait\"\"x,", 31),
        ("With vinegar,", "With vinegar\u{8}", 32),
        ("Never with vinegar!,", "\"Never with vinegar!,", 33),
    ] {
        let imported = import(whole.replacen(found, damaged, 1));
        let expected: Vec<_> = [31, 32, 33, 34].into_iter().filter(|number| *number != lost).map(id).collect();
        assert_eq!(imported.ids(), expected, "{damaged}");
        assert_eq!(refused(&imported), [(Reason::UnreadableRecord, Some(id(lost)), false)], "{damaged}");
    }
    let large = whole.replacen("With vinegar", &format!("\"With {} vinegar\"", "very much\n".repeat(20_000)), 1);
    let limits = Limits { record_bytes: 50_000, ..Limits::default() };
    let imported = import_with(large.as_bytes(), &ImportOptions::default(), &limits).unwrap();
    assert_eq!(imported.ids(), [31, 33, 34].map(id));
    assert_eq!(refused(&imported), [(Reason::RecordTooLarge, Some(id(32)), false)]);
}

#[test]
fn answers_in_a_tree_are_read_where_they_stand() {
    let file = r#"[{"commentId":"a","pageUrl":"https://h.example/p#x","message":"A","nested":[
        {"commentId":"b","pageUrl":"https://h.example/p","message":"B","parentId":"a","nestedComments":[
            {"commentId":"c","pageUrl":"https://h.example/p","message":"C","parentId":"a","replyTo":"b","reactions":{"sad":1}}]},
        {"commentId":"d","pageUrl":"https://h.example/p","message":"D","parentId":"a","replyTo":"d","userId":"undefined","username":"null"}]},
        {"commentId":"e","pageUrl":"https://h.example/p","message":"E","createdAt":1558000000000,"nested":[]}]"#;
    let imported = import(file);
    assert_eq!(imported.ids(), ["a", "b", "c", "d", "e"]);
    let parents: Vec<_> = imported.comments().iter().map(|comment| comment.parent.as_deref()).collect();
    assert_eq!(parents, [None, Some("a"), Some("b"), Some("a"), None]);
    assert_eq!(imported.plan.facts.evidence, "a JSON array, 5 comments");
    let [dropped] = imported.findings.as_slice() else { panic!("one reaction is dropped") };
    assert_eq!((dropped.reason, dropped.source_id.as_deref()), (Reason::FieldDropped, Some("c")));
    assert_eq!(dropped.at.offset, file.find("{\"commentId\":\"c\"").unwrap() as u64);
    assert_eq!(imported.comments()[3].author, AuthorRef::Nobody);
    assert_eq!(imported.comments()[4].created_at.unwrap().to_string(), "2019-05-16T09:46:40Z");
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
    for file in [JSON, LINES, CSV] {
        let whole = import(file);
        for slice_bytes in [1, 700, 2_000] {
            for upload in [file.as_bytes().to_vec(), gzip(file)] {
                let cut = import_with(&upload, &ImportOptions::default(), &slices_of(slice_bytes)).unwrap();
                assert_eq!(essence(&cut), essence(&whole), "slices of {slice_bytes} bytes");
            }
        }
    }
}

#[test]
fn the_order_of_the_comments_does_not_matter() {
    let mut file: serde_json::Value = serde_json::from_str(JSON).unwrap();
    let records = |file: &serde_json::Value| {
        let imported = import(file.to_string());
        (essence(&Imported { findings: Vec::new(), ..imported }), import(file.to_string()).plan.facts)
    };
    let straight = records(&file);
    file["comments"].as_array_mut().unwrap().reverse();
    assert_eq!(records(&file), straight);
}

/// Bytes after damage are framed alike by the planner and the slice reader.
#[test]
fn brackets_behind_damaged_lines_are_framed_alike() {
    let mut file = b"{\"commentId\":\"1\",\"itemId\":\"h\"}\n".to_vec();
    file.extend([0, 34, 91, 123, 125, 93, 123, 125]);
    let limits = Limits { slice_bytes: 10, record_bytes: 30, ..Limits::default() };
    let imported = import_with(&file, &ImportOptions::default(), &limits).unwrap();
    assert!(imported.ids().contains(&"1"));
}

proptest! {
    #![proptest_config(crate::testing::cases(300))]

    #[test]
    fn damaged_files_read_the_same_in_slices_of_any_size(
        file in prop::sample::select(&[JSON, LINES, CSV][..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"{}[],:\\x\n\0\xff"[..]), any::<bool>()), 0..6),
        slice_bytes in 1_usize..5_000,
    ) {
        let mut file = file.as_bytes().to_vec();
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
    fn arbitrary_bytes_after_a_beginning_are_read_to_their_end(
        beginning in prop::sample::select(&["commentId,itemId,message\n1,h.example,x\n", "{\"commentId\":\"1\",\"itemId\":\"h\"}\n", "[{\"commentId\":\"1\",\"itemId\":\"h\"},"][..]),
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\",\n{}[]"[..])], 0..200),
        record_bytes in 30_usize..200,
    ) {
        let mut file = beginning.as_bytes().to_vec();
        file.extend(bytes);
        let limits = Limits { slice_bytes: 10, record_bytes, ..Limits::default() };
        let imported = import_with(&file, &ImportOptions::default(), &limits).unwrap();
        prop_assert!(imported.ids().contains(&"1"));
    }
}
