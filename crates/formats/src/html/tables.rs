//! What stands in a table outside of its cells.

use super::tags::Tag;

/// Where the text at hand stands, by the tags of tables alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of tables, in a cell or in a caption.
    Content,
    /// Between a table's rows and cells.
    Between,
}

/// Elements in which, inside of a table, content stands.
const CELLS: &[&str] = &["caption", "td", "th"];

/// The other elements of a table.
const STRUCTURE: &[&str] = &["caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"];

/// Counts what a parser has to move out of tables. It puts each such thing before its table, and the tree that ammonia
/// builds looks for the table's place among all of its siblings to do so.
#[derive(Debug)]
pub(super) struct Tables {
    /// Where the tables around the one at hand stand; the last entry is the place at hand.
    places: Vec<Place>,
    /// Never less than what has to be moved.
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
            // Between the rows of another, a table ends that one.
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
