//! Counts table content outside cells.

use super::tags::Tag;

/// The position of the current text, judged by table tags alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of tables, in a cell or in a caption.
    Content,
    /// Between a table's rows and cells.
    Between,
}

/// Elements that hold content inside a table.
const CELLS: &[&str] = &["caption", "td", "th"];

/// The other elements of a table.
const STRUCTURE: &[&str] = &["caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"];

/// Counts what a parser must move out of tables. The parser puts each such node before its table,
/// and ammonia's tree scans all siblings for the table's position each time.
#[derive(Debug)]
pub(super) struct Tables {
    /// The positions of the enclosing tables; the last entry is the current position.
    places: Vec<Place>,
    /// An upper bound on what must be moved.
    pub(super) misplaced: usize,
}

impl Tables {
    pub(super) fn new() -> Self {
        Self { places: vec![Place::Content], misplaced: 0 }
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.is_between() && !text.trim_ascii().is_empty() {
            self.misplaced += 1;
        }
    }

    pub(super) fn tag(&mut self, tag: &Tag<'_>) {
        let is_table = tag.name.is_one_of(&["table"]);
        if is_table && tag.is_end {
            if self.places.len() > 1 {
                self.places.pop();
            }
        } else if is_table {
            // A table between the rows of another one ends that table.
            if !self.is_between() {
                self.places.push(Place::Between);
            }
        } else if tag.name.is_one_of(STRUCTURE) {
            let is_cell = !tag.is_end && tag.name.is_one_of(CELLS);
            if let [_, .., place] = self.places.as_mut_slice() {
                *place = if is_cell { Place::Content } else { Place::Between };
            }
        } else if self.is_between() {
            self.misplaced += 1;
        }
    }

    fn is_between(&self) -> bool {
        self.places.last() == Some(&Place::Between)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tags::{Piece, Pieces};
    use super::*;

    fn misplaced(source: &str) -> usize {
        let mut tables = Tables::new();
        for piece in Pieces::of(source) {
            match piece {
                Piece::Text(text) => tables.text(text),
                Piece::Tag(tag, _) => tables.tag(&tag),
                Piece::Comment(_) => {}
            }
        }
        tables.misplaced
    }

    #[test]
    fn only_what_stands_between_cells_is_counted() {
        for (source, expected) in [
            ("<b>a</b> b", 0),
            ("<table>\n<tr> <td>a <b>b</b></td>\n</tr></table>c<i>d</i>", 0),
            ("<table>a<b>b</b></table>", 4),
            ("<table><td>a</tr>b</table>c", 1),
            ("<table><td><table>a</table>b</td>c</table>d", 2),
            ("<table><table>a</table>b</table>c", 1),
            ("</table></td>a<tr>b", 0),
        ] {
            assert_eq!(misplaced(source), expected, "{source}");
        }
    }
}
