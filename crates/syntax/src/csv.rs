//! One row of a table in text form (CSV).

use std::borrow::Cow;

/// Where a row ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The row has `cells` cells and ends at `end`, where a line break or the document's end
    /// follows.
    Whole {
        /// Where it ends.
        end: usize,
        /// The number of its cells.
        cells: usize,
    },
    /// The window ends in the row.
    More,
    /// A quote ends a cell, but the cell continues. (In a cell that did not start with a quote,
    /// quotes are ordinary characters.)
    Damaged,
}

/// Finds the end of the row that begins at `from`. `at_end` means that nothing follows the window.
#[must_use]
pub fn row(window: &[u8], from: usize, delimiter: u8, at_end: bool) -> Row {
    let (mut at, mut cells) = (from, 1);
    loop {
        // At the start of a cell.
        if window.get(at) == Some(&b'"') {
            match closing_quote(window, at + 1) {
                Some(close) if close + 1 < window.len() || at_end => at = close + 1,
                Some(_) | None => return Row::More,
            }
        } else {
            let rest = &window[at..];
            at += rest.iter().position(|byte| ends_cell(*byte, delimiter)).unwrap_or(rest.len());
        }
        match window.get(at) {
            Some(byte) if *byte == delimiter => {
                at += 1;
                cells += 1;
            }
            Some(b'\n' | b'\r') => return Row::Whole { end: at, cells },
            Some(_) => return Row::Damaged,
            None if at_end => return Row::Whole { end: at, cells },
            None => return Row::More,
        }
    }
}

/// The cells of a row, without their quotes.
pub fn cells(row: &[u8], delimiter: u8) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let mut rest = Some(row);
    std::iter::from_fn(move || {
        let cell = rest?;
        let quoted = cell.strip_prefix(b"\"");
        let end = match quoted {
            Some(_) => closing_quote(cell, 1).unwrap_or(cell.len()),
            None => 0,
        };
        let next = cell[end..].iter().position(|byte| *byte == delimiter).map(|length| end + length);
        rest = next.map(|next| &cell[next + 1..]);
        Some(match quoted {
            Some(_) => unquoted(&cell[1..end.max(1)]),
            None => Cow::Borrowed(&cell[..next.unwrap_or(cell.len())]),
        })
    })
}

/// The next quote that is not doubled. A quote at the window's end may be.
fn closing_quote(window: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let quote = from + memchr::memchr(b'"', window.get(from..)?)?;
        if window.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        from = quote + 2;
    }
}

fn unquoted(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'"', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        out.push(byte);
        if byte == b'"' {
            bytes.next();
        }
    }
    Cow::Owned(out)
}

const fn ends_cell(byte: u8, delimiter: u8) -> bool {
    byte == delimiter || matches!(byte, b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        cells(source.as_bytes(), b',').map(|cell| String::from_utf8(cell.into_owned()).unwrap()).collect()
    }

    #[test]
    fn rows_end_where_their_quotes_say() {
        let whole = |end, cells| Row::Whole { end, cells };
        for (source, at_end, expected) in [
            ("a,b,c\nd", false, whole(5, 3)),
            ("a,\"b\n,\"\"\",c\r\nd", false, whole(11, 3)),
            ("a,,\n", false, whole(3, 3)),
            ("a,b", false, Row::More),
            ("a,b", true, whole(3, 2)),
            ("a,\"b\"", false, Row::More),
            ("a,\"b\"", true, whole(5, 2)),
            ("a,\"b\n", true, Row::More),
            ("a,\"b\"c,d\n", false, Row::Damaged),
            ("a,b\"c,d\n", false, whole(7, 3)),
            ("", true, whole(0, 1)),
        ] {
            assert_eq!(row(source.as_bytes(), 0, b',', at_end), expected, "{source:?}");
        }
    }

    #[test]
    fn cells_come_without_their_quotes() {
        assert_eq!(texts("a,\"b,\n\"\"c\"\"\",,\"\",d e"), ["a", "b,\n\"c\"", "", "", "d e"]);
        assert_eq!(texts(""), [""]);
        assert_eq!(texts("\"a"), ["a"]);
        assert_eq!(texts("\""), [""]);
        assert_eq!(texts("\"a\"x,b"), ["a", "b"]);
    }
}
