//! The lenient framer and this reader see the same tags.

use proptest::prelude::*;

use super::super::token::{Token, token};
use crate::framing::{Frame, FrameKind, Framer, Step};
use crate::testing::cases;
use crate::xml::tag::is_tag;
use crate::xml::{Ends, Grammar, LenientFramer, Rule};

const fn frame_of(tag: &'static str) -> Rule {
    Rule { tag, kind: FrameKind::Comment, ends: Ends::WithStartTag, interrupted_by: &[], lost_ends: &[] }
}

/// Every tag of these elements is a frame.
static GRAMMAR: Grammar =
    Grammar { root: "", rules: &[frame_of("a"), frame_of("/a"), frame_of("b"), frame_of("/b")], prefixed_heads: false };

/// Where the framer sees tags, in windows that grow by `chunk` bytes.
fn framed(document: &[u8], chunk: usize) -> Vec<(usize, usize)> {
    let mut framer = LenientFramer::new(&GRAMMAR);
    let (mut from, mut to) = (0, 0);
    let mut tags = Vec::new();
    loop {
        match framer.next(&document[from..to], to == document.len()) {
            Step::Frame(Frame { start, end, .. }) => {
                tags.push((from + start, from + end));
                from += end;
            }
            Step::Skip(length) => from += length,
            Step::NeedMore { .. } => to = document.len().min(to + chunk),
            Step::End { .. } => return tags,
            Step::Damaged { at } => panic!("a lenient framer goes on at {at}"),
        }
        to = to.max(from);
    }
}

/// Where the reader sees them.
fn read(document: &str) -> Vec<(usize, usize)> {
    let mut tags = Vec::new();
    let mut at = 0;
    while at < document.len() {
        let rest = &document[at..];
        let length = match token(rest) {
            Token::Start { length, .. } | Token::End(length) => {
                if GRAMMAR.rules.iter().any(|rule| is_tag(rest.as_bytes(), rule.tag)) {
                    tags.push((at, at + length));
                }
                length
            }
            Token::Text(length) | Token::Passed(length) => length,
            Token::Cdata => panic!("there are no sections in {document}"),
        };
        at += length;
    }
    tags
}

#[test]
fn a_bracket_in_a_value_ends_no_tag() {
    let document = "<a x=\"1>2\" y='/>'>text</a>";
    assert_eq!(read(document), [(0, 18), (22, 26)]);
    assert_eq!(framed(document.as_bytes(), 1), read(document));
}

/// Tags, attributes with any values, and what damage leaves of them.
fn tags() -> impl Strategy<Value = String> {
    let pieces = [
        "<a",
        "<b ",
        "</a",
        "</b>",
        ">",
        "/>",
        " x=\"",
        " x = '",
        "\"",
        "'",
        "=",
        ">2",
        "text",
        " ",
        "\n",
        "<",
        "<?",
        "<!",
        "<c>",
        " y='>'",
        " y=\"a/>b\"",
        "é",
        "it's",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn framer_and_reader_agree_where_tags_end(document in tags(), chunk in 1_usize..20) {
        prop_assert_eq!(framed(document.as_bytes(), chunk), read(&document));
    }
}
