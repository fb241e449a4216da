//! Long runs of text, cut for the sake of html5ever's serialiser.

use std::borrow::Cow;

use super::tags::{Piece, Pieces};

/// A run of text is cut at the first place that allows it after so many bytes. Texts with elements whose content is read by
/// other rules are shorter ([`super::complexity`]), so that what is text in the others is known.
const RUN_BYTES: usize = 4096;
const _: () = assert!(RUN_BYTES > super::complexity::MAX_OPAQUE_BYTES);

/// A comment: the parser makes two texts of what is before and after it, and the policy drops it.
const CUT: &str = "<!---->";

/// The same HTML, whose texts become pieces that are short, or hold nothing that is to be escaped.
///
/// html5ever's serialiser looks at the rest of a text again for each character in it that may have to be escaped
/// ([`Tag::escaping_cost`](super::tags::Tag::escaping_cost)), so a megabyte of ampersands took it a minute.
pub(super) fn cut(source: &str) -> Cow<'_, str> {
    if source.len() <= RUN_BYTES {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len() + source.len() / RUN_BYTES * CUT.len());
    for piece in Pieces::of(source) {
        match piece {
            Piece::Text(text) => push_cut(&mut out, text),
            Piece::Tag(_, source) | Piece::Comment(source) => out.push_str(source),
        }
    }
    Cow::Owned(out)
}

fn push_cut(out: &mut String, text: &str) {
    let mut rest = text;
    while rest.len() > RUN_BYTES {
        let from = rest.floor_char_boundary(RUN_BYTES);
        let Some(at) = rest[from..].find(may_begin_a_run) else { break };
        let (run, after) = rest.split_at(from + at);
        out.push_str(run);
        out.push_str(CUT);
        rest = after;
    }
    out.push_str(rest);
}

/// A cut before these is in no character reference and in no line break.
const fn may_begin_a_run(character: char) -> bool {
    !(character.is_ascii_alphanumeric() || matches!(character, '#' | ';' | '\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_cut_between_references() {
        assert!(matches!(cut("&amp;<b>short</b>"), Cow::Borrowed(_)));
        let references = "&amp;".repeat(2000);
        let runs = cut(&references).into_owned();
        assert_eq!(runs.replace(CUT, ""), references);
        let lengths: Vec<usize> = runs.split(CUT).map(str::len).collect();
        assert_eq!(lengths, [4100, 4100, 1800]);
        let plain = "a".repeat(10_000);
        assert_eq!(cut(&plain), plain, "nothing in it is to be escaped");
        let tag = format!("<a title=\"{}\">", "& ".repeat(5000));
        assert_eq!(cut(&tag), tag, "only text is cut");
    }
}
