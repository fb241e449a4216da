//! Reads the names of columns. A damaged byte in one of them would cost every row a cell, so it is
//! repaired where the meaning is clear.

use rethread_syntax::json::is_bad;
use rethread_syntax::text::clean;

use crate::justcomments::KEYS;

/// The name in a cell of the header, or the two names whose delimiter is damaged.
pub(super) fn columns(cell: &[u8]) -> Vec<String> {
    let as_it_stands = || clean(cell).text.trim().to_owned();
    let Some(place) = cell.iter().position(|byte| is_bad(*byte)) else { return vec![as_it_stands()] };
    let (before, after) = (&cell[..place], &cell[place + 1..]);
    let is_known = |name: &[u8]| KEYS.iter().any(|key| key.as_bytes() == name.trim_ascii());
    if is_known(before) && is_known(after) {
        return [before, after].map(|name| clean(name).text.trim().to_owned()).into();
    }
    let names = |key: &&&str| {
        let rest = key.as_bytes().strip_prefix(before);
        // It replaces a character, or stands beside the name (in place of a quote, for example).
        rest.is_some_and(|rest| rest.get(1..) == Some(after) || rest == after)
    };
    vec![KEYS.iter().find(names).map_or_else(as_it_stands, |key| (*key).to_owned())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_byte_hides_no_column() {
        for (cell, expected) in [
            (&b"commentId"[..], vec!["commentId"]),
            (b" anything ", vec!["anything"]),
            (b"comm\xffntId", vec!["commentId"]),
            (b"\x08ommentId", vec!["commentId"]),
            (b"reactions\xff", vec!["reactions"]),
            (b"itemId\x08pageUrl", vec!["itemId", "pageUrl"]),
            (b"itemId\x08other", vec!["itemIdother"]),
            ("Größe".as_bytes(), vec!["Größe"]),
        ] {
            assert_eq!(columns(cell), expected, "{cell:?}");
        }
    }
}
