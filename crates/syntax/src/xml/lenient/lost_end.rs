//! Finds the end of a record in a CDATA section or comment that was never closed.

use memchr::{memchr, memmem};

use crate::xml::grammar::{Ends, Rule};
use crate::xml::tag::is_tag;

/// Maximum white space between two tags that together show that a record has ended.
const LONGEST_SPACE: usize = 1024;

/// Whether a record ends where its end was searched.
pub(super) enum Lost {
    No,
    Yes(usize),
    /// The window ends too early to decide; search again from here.
    Cut(usize),
}

/// Whether the record ends inside `inside`, the part of a section up to its end or the window's
/// end.
pub(super) fn lost_end(rule: &Rule, inside: &[u8], rest: &[u8], at_end: bool) -> Lost {
    let mut first = Lost::No;
    let mut first_at = usize::MAX;
    for (tag, followers) in rule.lost_ends {
        for found in tags(inside, tag) {
            if found >= first_at {
                break;
            }
            let Some(length) = memchr(b'>', &rest[found..]).map(|length| length + 1) else { break };
            let after = &rest[found + length..];
            let space = after.iter().take(LONGEST_SPACE).take_while(|byte| byte.is_ascii_whitespace()).count();
            let next = &after[space..];
            let is_cut = !at_end && space < LONGEST_SPACE && next.len() < 32 && memchr(b'>', next).is_none();
            // Only a second tag proves that the first one is markup and not text.
            let follows = if next.is_empty() { at_end } else { followers.iter().any(|name| is_tag(next, name)) };
            if follows {
                let is_before = matches!(rule.ends, Ends::Before(_));
                first = Lost::Yes(if is_before { found } else { found + length });
                first_at = found;
            } else if is_cut {
                first = Lost::Cut(found);
                first_at = found;
            }
        }
    }
    first
}

/// Where tags with this name begin.
fn tags<'a>(text: &'a [u8], name: &'a str) -> impl Iterator<Item = usize> + 'a {
    memmem::find_iter(text, name.as_bytes())
        .filter(|at| *at > 0)
        .map(|at| at - 1)
        .filter(move |at| text[*at] == b'<' && is_tag(&text[*at..], name))
}
