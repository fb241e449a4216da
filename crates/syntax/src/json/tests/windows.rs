//! What arrives in small windows is framed as at once.

use super::*;

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
}
