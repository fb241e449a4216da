use proptest::prelude::*;
use rethread_model::Reason;
use serde_json::Value;

use super::*;
use crate::framing::{Frame, Framer, Step};
use crate::notes::Notes;

static GRAMMAR: Grammar = Grammar {
    arrays: &[
        ArrayRule { name: "items", kind: FrameKind::Comment, keys: &["id", "text", "n"] },
        ArrayRule { name: "people", kind: FrameKind::Author, keys: &["who"] },
    ],
    scalars: &["version"],
};

/// For documents that may also be an array or lines.
static ROOT_GRAMMAR: Grammar = Grammar {
    arrays: &[
        ArrayRule { name: ROOT, kind: FrameKind::Comment, keys: &["id", "text", "n"] },
        ArrayRule { name: "items", kind: FrameKind::Comment, keys: &["id", "text", "n"] },
    ],
    scalars: &[],
};

/// The result of a framer: its frames, and whether the document was closed.
#[derive(Debug, PartialEq, Eq)]
struct Framing {
    frames: Vec<(FrameKind, String, Option<Reason>)>,
    closed: bool,
    is_damaged: bool,
    open: Option<FrameKind>,
}

/// Frames a document in windows that grow by `chunk` bytes, as the planner does.
fn frame(document: &[u8], head: Option<&Value>, chunk: usize, limit: usize) -> Framing {
    frame_by(&GRAMMAR, document, head, chunk, limit)
}

fn frame_by(grammar: &'static Grammar, document: &[u8], head: Option<&Value>, chunk: usize, limit: usize) -> Framing {
    let mut framer = JsonFramer::new(grammar, head);
    let (mut from, mut to) = (0, 0);
    let mut found = Vec::new();
    // Each step skips bytes or requests more.
    for _ in 0..4 * document.len() + 100 {
        match framer.next(&document[from..to], to == document.len()) {
            Step::Frame(Frame { kind, start, end, damage }) => {
                assert!(start < end && from + end <= to);
                let text = String::from_utf8_lossy(&document[from + start..from + end]).into_owned();
                found.push((kind, text, damage));
                from += end;
            }
            Step::Skip(length) => {
                assert!(length > 0 && from + length <= to);
                from += length;
            }
            Step::NeedMore { open } => {
                assert!(to < document.len(), "more than everything");
                assert!(open.is_some() || to - from < 64 * 1024, "a window without a record that grows");
                if open.is_some_and(|(_, start)| to - from - start > limit) {
                    framer.pass_over();
                }
                to = (to + chunk).min(document.len());
            }
            Step::End { closed, open } => {
                let open = open.map(|(kind, _)| kind);
                return Framing { frames: found, closed, is_damaged: false, open };
            }
            Step::Damaged { .. } => {
                assert_eq!(from, document.len(), "only the end tells what is missing");
                return Framing { frames: found, closed: false, is_damaged: true, open: None };
            }
        }
    }
    panic!("the framer does not get on");
}

fn framed(document: &str) -> Framing {
    frame(document.as_bytes(), None, usize::MAX / 2, usize::MAX)
}

/// The elements alone.
fn elements(document: &str) -> Vec<(String, Option<Reason>)> {
    elements_by(&GRAMMAR, document)
}

fn elements_by(grammar: &'static Grammar, document: &str) -> Vec<(String, Option<Reason>)> {
    let framing = frame_by(grammar, document.as_bytes(), None, usize::MAX / 2, usize::MAX);
    let elements = framing.frames.into_iter().filter(|(kind, ..)| *kind != FrameKind::Head);
    elements.map(|(_, text, damage)| (text, damage)).collect()
}

fn good(text: &str) -> (String, Option<Reason>) {
    (text.to_owned(), None)
}

fn bad(text: &str) -> (String, Option<Reason>) {
    (text.to_owned(), Some(Reason::UnreadableRecord))
}

#[test]
fn elements_are_found_whatever_the_layout() {
    let framing = framed(
        " {\n \"other\": [{\"id\":0}, 5], \"version\" : 3 ,\n\"items\" : [\n {\"id\":1} ,\n{\"text\":\"]}\\\"{\"} ],\"people\":[]}\n",
    );
    let frames: Vec<_> = framing.frames.iter().map(|(kind, text, _)| (*kind, text.as_str())).collect();
    let expected = [
        (FrameKind::Head, "\"version\" : 3"),
        (FrameKind::Head, "\"items\" : ["),
        (FrameKind::Comment, "{\"id\":1}"),
        (FrameKind::Comment, "{\"text\":\"]}\\\"{\"}"),
        (FrameKind::Head, "\"people\":["),
    ];
    assert_eq!(frames, expected);
    assert!(framing.closed);
}

#[test]
fn arrays_that_are_null_or_missing_hold_nothing() {
    for document in [
        "{}",
        "{\"version\":1}",
        "{\"people\":[]}",
        "{\"items\":null}",
        "{\"items\":{}}",
        "{\"people\":[null, 5, \"x\"],\"items\":[]}",
    ] {
        assert_eq!(elements(document), [], "{document}");
        assert!(framed(document).closed, "{document}");
    }
    // Every non-empty file has its array of comments, even if that is empty.
    for document in ["{\"other\":1}", "{\"people\":[{\"who\":1}]}", "{\"i\u{8}e\u{8}s\":[{\"id\":1}]}"] {
        assert!(framed(document).is_damaged, "{document}");
    }
}

#[test]
fn commas_too_many_or_too_few_do_not_matter() {
    let expected = [good("{\"id\":1}"), good("{\"id\":2,}"), good("{\"id\":3}")];
    for document in [
        "{\"items\":[{\"id\":1},{\"id\":2,},,{\"id\":3},]}",
        "{\"items\":[{\"id\":1}{\"id\":2,} {\"id\":3}],}",
        "{,\"items\":[,{\"id\":1}\n{\"id\":2,}\n{\"id\":3}]}",
    ] {
        assert_eq!(elements(document), expected, "{document}");
    }
}

#[test]
fn a_missing_quote_costs_its_element() {
    let document = "{\"items\":[{\"id\":1,\"text\":\"a\"},{\"id\":2,\"text\":\"b,\"n\":0},{\"id\":3,\"text\":\"c\"}],\"people\":[{\"who\":1}]}";
    let expected = [
        good("{\"id\":1,\"text\":\"a\"}"),
        bad("{\"id\":2,\"text\":\"b,\"n\":0}"),
        good("{\"id\":3,\"text\":\"c\"}"),
        good("{\"who\":1}"),
    ];
    assert_eq!(elements(document), expected);
    assert!(framed(document).closed);
}

#[test]
fn a_quote_missing_at_the_end_costs_its_element_alone() {
    let document = "{\"items\":[{\"id\":1,\"text\":\"b},{\"id\":2,\"text\":\"c\"},{\"id\":3}]}";
    let expected = [bad("{\"id\":1,\"text\":\"b}"), good("{\"id\":2,\"text\":\"c\"}"), good("{\"id\":3}")];
    assert_eq!(elements(document), expected);
}

#[test]
fn other_damage_costs_its_element() {
    for damaged in [
        "{\"id\":1,\"text\":\"say \"hi\" to {\"}",
        "{\"id\":1,\"text\":b\",\"n\":2}",
        "{\"id\":1,\"n\":[1,2}",
        "{\"id\":1,\"n\"2}",
        "{\"id\":1,\"text\":\"b\",\"n\":2",
        "{\"id\":1;\"n\":2}",
    ] {
        let document = format!("{{\"items\":[{{\"id\":0}},{damaged},{{\"text\":\"t\",\"id\":2}}]}}");
        assert_eq!(
            elements(&document),
            [good("{\"id\":0}"), bad(damaged), good("{\"text\":\"t\",\"id\":2}")],
            "{damaged}"
        );
        let last = format!("{{\"items\":[{{\"id\":0}},{damaged}],\"people\":[{{\"who\":1}}]}}");
        assert_eq!(elements(&last), [good("{\"id\":0}"), bad(damaged), good("{\"who\":1}")], "{damaged}");
    }
}

#[test]
fn damage_in_the_last_element_leaves_the_document_closed() {
    let framing = framed("{\"items\":[{\"id\":1},{\"id\":2,\"text\":\"a,\"n\":1}\n]\n}\n");
    assert!(framing.closed);
    assert_eq!(framing.frames.last().unwrap().1, "{\"id\":2,\"text\":\"a,\"n\":1}");
}

#[test]
fn what_looks_like_an_element_inside_a_text_is_none() {
    let element = "{\"id\":1,\"text\":\"},{\\\"id\\\":9},\\\"people\\\":[{\"}";
    assert_eq!(elements(&format!("{{\"items\":[{element},{{\"id\":2}}]}}")), [good(element), good("{\"id\":2}")]);
}

#[test]
fn a_document_that_breaks_off_is_not_closed() {
    for (document, count, open) in [
        ("{\"items\":[{\"id\":1},{\"id\":2", 1, true),
        ("{\"items\":[{\"id\":1},", 1, false),
        ("{\"items\":[{\"id\":1}]", 1, false),
        ("{\"items\":[{\"id\":1},{\"id\":2,\"text\":\"]}", 1, true),
        ("{\"ite", 0, false),
        ("", 0, false),
    ] {
        let framing = framed(document);
        assert!(!framing.closed, "{document}");
        assert_eq!(framing.open.is_some(), open, "{document}");
        assert_eq!(elements(document).len(), count, "{document}");
    }
}

#[test]
fn any_depth_is_framed() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{{\"id\":1,\"n\":{}0{}}}", open.repeat(10_000), close.repeat(10_000));
        let found = elements(&format!("{{\"items\":[{deep},{{\"id\":2}}]}}"));
        assert_eq!(found, [good(&deep), good("{\"id\":2}")]);
    }
}

#[test]
fn a_record_over_the_limit_is_passed_over() {
    let large = format!("{{\"id\":2,\"text\":\"{}\"}}", "x\\\"{\"id\":".repeat(30_000).replace("{\"id\":", ""));
    for damage in ["", "\"oops\" "] {
        let document = format!("{{\"items\":[{{\"id\":1}},{damage}{large},{{\"id\":3}}]}}");
        for chunk in [1000, 70_000] {
            let framing = frame(document.as_bytes(), None, chunk, 10_000);
            let texts: Vec<_> = framing.frames.iter().filter(|frame| frame.0 == FrameKind::Comment).collect();
            assert_eq!(texts.len(), 2, "{chunk}");
            assert_eq!((texts[0].1.as_str(), texts[1].1.as_str()), ("{\"id\":1}", "{\"id\":3}"));
            assert!(framing.closed);
        }
    }
}

#[test]
fn a_slice_begins_in_its_array() {
    let slice = "{\"id\":7},{\"id\":8}],\"people\":[{\"who\":1},{\"who\":2,\"x\":\"y";
    let framing = frame(slice.as_bytes(), Some(&slice_head("items")), 1, usize::MAX);
    let kinds: Vec<_> = framing.frames.iter().map(|frame| frame.0).collect();
    assert_eq!(kinds, [FrameKind::Comment, FrameKind::Comment, FrameKind::Head, FrameKind::Author]);
    assert_eq!(framing.open, Some(FrameKind::Author));
}

fn read(text: &[u8]) -> Option<(Vec<(&'static str, String)>, String)> {
    let mut notes = Notes::default();
    let object = Object::read(text, &mut notes).ok()?;
    let values = ["id", "text", "n"].into_iter().filter_map(|key| {
        let value = object.text(key).map(str::to_owned).or_else(|| object.integer(key).map(|n| n.to_string()))?;
        Some((key, value))
    });
    Some((values.collect(), format!("{notes:?}")))
}

#[test]
fn objects_are_read_forgivingly() {
    let notes = |reasons: &str| format!("Notes([{reasons}])");
    let cases: &[(&[u8], &str, &str)] = &[
        (b"{\"id\":\"a\",\"text\":\"x\\ny\"}", "x\ny", ""),
        (b"{\"id\":\"a\",\"text\":\"x\ny\tz\"}", "x\ny\tz", "DamagedMarkup"),
        (b"{\"id\":\"a\",\"text\":\"x\0y\x1f\"}", "xy", "ControlCharacters"),
        (b"{\"id\":\"a\",\"text\":\"x\\u0000y\"}", "xy", "ControlCharacters"),
        (b"{\"id\":\"a\",\"text\":\"caf\xe9\"}", "caf\u{fffd}", "InvalidUtf8"),
        (b"{\"id\":\"a\",\"text\":\"\\ud83e\\udd80 \\ud83e!\"}", "\u{1f980} \u{fffd}!", "DamagedMarkup"),
        (b"{\"id\":\"a\",\"text\":\"it\\'s\",}", "it's", "DamagedMarkup"),
        (b"{\"id\":\"a\" \"text\":\"b\" \"x\":[1,],}", "b", "DamagedMarkup"),
    ];
    for (source, text, reasons) in cases {
        let expected = vec![("id", "a".to_owned()), ("text", (*text).to_owned())];
        assert_eq!(read(source), Some((expected, notes(reasons))), "{}", String::from_utf8_lossy(source));
    }
    assert_eq!(
        read(b"{\"n\":\"5\",\"n\":\"-6\"}"),
        Some((vec![("n", "-6".to_owned())], notes(""))).map(|(mut values, notes)| {
            values[0] = ("n", "-6".to_owned());
            (values, notes)
        })
    );
    assert_eq!(read(b"[1]"), None);
    assert_eq!(read(b"{\"id\":\"a"), None);
}

#[test]
fn damage_that_ends_a_text_or_a_value_early_or_late_hides_no_array_and_no_element() {
    let second = good("{\"id\":2}");
    for (grammar, document) in [
        // A string that ended early: the bytes after it closed the element, the array and the root.
        (&GRAMMAR, "{\"items\":[{\"id\":1,\"text\":\"{[{\"}]}]}\",\"more\":1},{\"id\":2}]}"),
        (&ROOT_GRAMMAR, "[{\"id\":1,\"text\":\"[{\"}]}]\",\"more\":1},{\"id\":2}]"),
    ] {
        assert_eq!(elements_by(grammar, document).last(), Some(&second), "{document}");
    }
    for document in [
        // A key without its opening quote.
        "{\u{8}other\":{\"a\":\"[\"},\"items\":[{\"id\":2}]}",
        "{\u{fffd}other\" : 1,\"items\":[{\"id\":2}]}",
        // A key without its closing quote.
        "{\"other\":{\"a\u{8}:null},\"items\":[{\"id\":2}]}",
        // A bracket that became a control character.
        "{\"other\":{\"a\":null\u{8},\"items\":[{\"id\":2}]}",
    ] {
        assert_eq!(elements(document), std::slice::from_ref(&second), "{document}");
    }
}

#[test]
fn an_id_is_salvaged_where_it_looks_like_one() {
    assert_eq!(salvage(b"{\"id\" : \"ab-1\",\"text\":\"x", "id"), Some("ab-1"));
    assert_eq!(salvage(b"{\"text\":\"the \\\"id\\\" of it\",\"id\":\"7\"", "id"), Some("7"));
    assert_eq!(salvage(b"{\"id\":\"not an id\"}", "id"), None);
    assert_eq!(salvage(b"{\"id\":\"cut", "id"), None);
    assert_eq!(salvage(b"\"id\"", "id"), None);
}

/// The part of the result that must not depend on windows. Junk between elements may be cut
/// differently; its content is the same.
fn essence(grammar: &'static Grammar, document: &[u8], chunk: usize) -> Framing {
    let framing = frame_by(grammar, document, None, chunk, usize::MAX);
    let frames = framing.frames.into_iter().filter(|(kind, ..)| *kind != FrameKind::Head).collect();
    Framing { frames, ..framing }
}

/// Documents that once violated the property below.
#[test]
fn framing_does_not_depend_on_windows_where_it_once_did() {
    for document in [
        // A window may end at the quote before the damage.
        "{\"other\":[\"x\"items\":[{\"id\":1}]}",
        // A damaged byte stands for a brace only at the start of the document, not of a window.
        "}}1}éé",
        "{\"items\":[\"text\":\"{[{{\"id\":]{{{é\"id\":",
    ] {
        for grammar in [&GRAMMAR, &ROOT_GRAMMAR] {
            let whole = essence(grammar, document.as_bytes(), usize::MAX / 2);
            for chunk in 1..40 {
                assert_eq!(essence(grammar, document.as_bytes(), chunk), whole, "{document} by {chunk}");
            }
        }
    }
}

/// Intact and damaged documents.
fn documents() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(
        &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\"id\":",
            "\"text\":\"",
            "{\"id\":",
            "\"items\":[",
            "\"people\":[",
            "1",
            "null",
            " ",
            "\n",
            "{\"id\":1,\"text\":\"a\"}",
            "},{\"id\":2",
            "x",
            "\u{0}",
            "é",
            "\"other\":",
            "\"version\":1",
            "{\"who\":3}",
            "]}",
        ][..],
    );
    let start = prop::sample::select(&["{\"items\":[", "{", "[", "{\"id\":", "{\"other\":{", " \u{8}", ""][..]);
    (start, prop::collection::vec(piece, 0..60))
        .prop_map(|(start, pieces)| [start, &pieces.concat()].concat().into_bytes())
}

proptest! {
    #![proptest_config(crate::testing::cases(1500))]

    #[test]
    fn framing_does_not_depend_on_windows(document in documents(), chunk in 1_usize..40) {
        for grammar in [&GRAMMAR, &ROOT_GRAMMAR] {
            prop_assert_eq!(essence(grammar, &document, chunk), essence(grammar, &document, usize::MAX / 2));
        }
    }

    #[test]
    fn arbitrary_bytes_are_framed_to_their_end(document in prop::collection::vec(any::<u8>(), 0..300), chunk in 1_usize..40) {
        frame(&document, None, chunk, 50);
        frame(&document, Some(&slice_head("items")), chunk, 50);
        let mut notes = Notes::default();
        let _ = Object::read(&document, &mut notes);
    }

    /// Lenient reading returns exactly what was written if nothing is damaged.
    #[test]
    fn whole_objects_are_read_as_they_are(text in "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{0,40}") {
        let source = serde_json::json!({ "text": text }).to_string();
        prop_assert_eq!(read(source.as_bytes()), Some((vec![("text", text.clone())], "Notes([])".to_owned())));
        let mended = super::mend::mend(&source);
        prop_assert_eq!(serde_json::from_str::<Value>(&mended).unwrap(), serde_json::json!({ "text": text }));
    }
}
