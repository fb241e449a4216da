//! Measures how hard a text is to parse, in one pass whose own time is bounded.
//!
//! An HTML parser's time grows with nesting (every tag searches the open elements) and with
//! unclosed formatting elements (every paragraph reopens them). It grows quadratically with the
//! attributes of one tag, with content in tables outside cells, and with what must be escaped in
//! one long attribute. Texts that exceed any real comment in these are not parsed.

use super::tables::Tables;
use super::tags::{Name, Piece, Pieces};

/// The complexity of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Complexity {
    /// Well-nested elements of the policy.
    Plain,
    /// Misnested, or with elements for which a parser builds a different tree.
    Tangled,
    /// Too deep, or too hard to judge.
    Excessive,
}

/// Open elements plus elements left open at another element's end tag.
const MAX_DEPTH: usize = 100;

/// Per tag.
const MAX_ATTRIBUTES: usize = 64;

/// See [`Tag::escaping_cost`](super::tags::Tag::escaping_cost): an address of 2,000 bytes that all
/// need escaping.
const MAX_ESCAPING_COST: usize = 4 << 20;

/// See [`Tables::misplaced`].
const MAX_MISPLACED: usize = 200;

/// The size limit for a text with elements that change how the rest is read, so that tags cannot be
/// recognised reliably.
pub(super) const MAX_OPAQUE_BYTES: usize = 2048;

/// Elements without content.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements whose content follows other parsing rules.
const OPAQUE: &[&str] = &[
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "script",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "xmp",
];

/// Elements that the next one of their kind closes.
const CLOSED_BY_SIBLING: &[&str] = &["dd", "dt", "li", "option", "p", "td", "th", "tr"];

/// Elements whose end also closes such an element inside them.
const CONTAINERS: &[&str] = &["blockquote", "div", "dl", "li", "ol", "select", "table", "td", "tr", "ul"];

/// Measures how hard `source` is to parse.
pub(super) fn of(source: &str) -> Complexity {
    let mut open: Vec<Name<'_>> = Vec::new();
    let mut tables = Tables::new();
    let (mut left_open, mut is_tangled) = (0, false);
    for piece in Pieces::of(source) {
        let tag = match piece {
            Piece::Tag(tag, _) => tag,
            Piece::Text(text) => {
                tables.text(text);
                continue;
            }
            Piece::Comment(_) => {
                is_tangled = true;
                continue;
            }
        };
        tables.tag(&tag);
        let is_excessive = tag.attributes > MAX_ATTRIBUTES
            || tag.escaping_cost > MAX_ESCAPING_COST
            || tables.misplaced > MAX_MISPLACED;
        if is_excessive {
            return Complexity::Excessive;
        }
        if tag.name.is_one_of(OPAQUE) {
            return opaque(source);
        }
        is_tangled |= !tag.name.is_one_of(super::allow_list::TAGS);
        if tag.name.is_one_of(VOID) {
            continue;
        }
        if !tag.is_end {
            close_siblings(&mut open, tag.name);
            open.push(tag.name);
        } else if let Some(depth) = open.iter().rposition(|name| *name == tag.name) {
            let ends_by_itself = |name: &Name<'_>| tag.name.is_one_of(CONTAINERS) && name.is_one_of(CLOSED_BY_SIBLING);
            let misnested = open[depth + 1..].iter().filter(|name| !ends_by_itself(name)).count();
            is_tangled |= misnested > 0;
            left_open += misnested;
            open.truncate(depth);
        } else {
            is_tangled = true;
        }
        if open.len() + left_open > MAX_DEPTH {
            return Complexity::Excessive;
        }
    }
    if is_tangled || !open.is_empty() { Complexity::Tangled } else { Complexity::Plain }
}

fn opaque(source: &str) -> Complexity {
    if source.len() <= MAX_OPAQUE_BYTES && memchr::memchr_iter(b'<', source.as_bytes()).count() <= MAX_DEPTH {
        Complexity::Tangled
    } else {
        Complexity::Excessive
    }
}

/// `<p>` ends a paragraph before it, `<li>` an item (and the paragraph in it).
fn close_siblings(open: &mut Vec<Name<'_>>, next: Name<'_>) {
    if !next.is_one_of(CLOSED_BY_SIBLING) {
        return;
    }
    let paragraph = Name("p");
    if next != paragraph && open.last() == Some(&paragraph) && open.iter().rev().nth(1) == Some(&next) {
        open.pop();
    }
    if open.last() == Some(&next) {
        open.pop();
    }
}
