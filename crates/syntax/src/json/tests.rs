mod objects;
mod windows;

use proptest::prelude::*;
use rethread_model::Reason;
use serde_json::Value;

use super::*;
use crate::framing::{Frame, FrameKind, Framer, Step};
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
