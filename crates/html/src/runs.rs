//! Cuts long runs of text, because html5ever's serialiser is quadratic in them.

use std::borrow::Cow;

use super::tags::{Piece, Pieces};

/// A run of text is cut at the first possible position after this many bytes. Texts with elements
/// that follow other parsing rules are shorter ([`super::complexity`]), so in all longer texts it
/// is certain what is text.
const RUN_BYTES: usize = 4096;
const _: () = assert!(RUN_BYTES > super::complexity::MAX_OPAQUE_BYTES);

/// A comment: the parser splits the text around it into two, and the policy drops it.
const CUT: &str = "<!---->";

/// The same HTML with texts split into pieces that are short or contain nothing to escape.
///
/// html5ever's serialiser rescans the rest of a text for each character in it that may need
/// escaping ([`Tag::escaping_cost`](super::tags::Tag::escaping_cost)), so a megabyte of ampersands
/// took it a minute.
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

/// A cut before these characters is inside neither a character reference nor a line break.
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
