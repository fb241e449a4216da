//! Finds the rows of a table.
//!
//! A broken row (with a missing quote or cell) ends where, after a line break, a sound row begins:
//! one with as many cells as the header. So damage costs its own row, and adjacent rows only if
//! they are damaged too.

use rethread_model::Reason;
use rethread_syntax::csv::{Row, row};
use rethread_syntax::{Frame, FrameKind, Framer, Step};

use super::Table;

/// Maximum size of a header.
const HEADER_BYTES: usize = 16 * 1024;

/// Maximum size of a row at which reading resumes after damage. It bounds the search, whatever the
/// file holds.
const SOUND_ROW_BYTES: usize = 64 * 1024;

/// In a table with this many columns, a line with nearly as many cells is a row.
const TELLING_CELLS: usize = 8;

/// A framer for a document or a slice.
#[derive(Debug)]
pub(crate) struct CsvFramer {
    delimiter: u8,
    /// Cells in each row; 0 before the header is read.
    cells: usize,
    is_slice: bool,
    /// Whether a line break follows the header.
    is_header_whole: bool,
    /// The row is too large for memory and is skipped.
    passing: bool,
}

/// The result of the search for a sound row.
enum Sound {
    /// After the line break at this position.
    At(usize),
    /// Possibly after the line break at this position; more bytes are needed.
    Perhaps(usize),
    Nowhere,
}

impl CsvFramer {
    pub(crate) const fn for_document() -> Self {
        Self { delimiter: b',', cells: 0, is_slice: false, is_header_whole: false, passing: false }
    }

    pub(crate) fn for_slice(table: &Table) -> Self {
        let cells = table.columns.len();
        Self { delimiter: table.delimiter, cells, is_slice: true, is_header_whole: true, passing: false }
    }

    fn header(&mut self, window: &[u8], at_end: bool) -> Step {
        let near = &window[..window.len().min(HEADER_BYTES)];
        let may_grow = !at_end && window.len() < HEADER_BYTES;
        match Table::find(near) {
            // A header that reaches the window's end may continue.
            Some((_, end)) if end == near.len() && may_grow => Step::NeedMore { open: None },
            Some((table, end)) => {
                self.delimiter = table.delimiter;
                // Two names with a damaged delimiter share one cell.
                self.cells = table.columns.len();
                self.is_header_whole = end < window.len();
                Step::Frame(Frame { kind: FrameKind::Head, start: 0, end, damage: None })
            }
            None if may_grow => Step::NeedMore { open: None },
            None => Step::Damaged { at: 0 },
        }
    }

    fn row(&mut self, window: &[u8], at_end: bool) -> Step {
        let found = if self.passing { Row::Damaged } else { row(window, 0, self.delimiter, at_end) };
        match found {
            Row::Whole { end, cells } if cells == self.cells => return frame(end, None),
            // A row cut off by the document's end may lack a cell. A slice always ends with a row.
            Row::Whole { end, cells }
                if cells >= self.nearly_all() && (cells > self.cells || end < window.len() || self.is_slice) =>
            {
                return frame(end, Some(Reason::UnreadableRecord));
            }
            Row::More if !at_end => return Step::NeedMore { open: Some((FrameKind::Comment, 0)) },
            Row::Whole { .. } | Row::More | Row::Damaged => {}
        }
        let open = Some((FrameKind::Comment, 0));
        match self.sound_row(window, at_end) {
            Sound::At(line_break) if self.passing => {
                self.passing = false;
                Step::Skip(line_break)
            }
            Sound::At(line_break) => frame(line_break, Some(Reason::UnreadableRecord)),
            // Everything before it was scanned.
            Sound::Perhaps(line_break) if self.passing && line_break > 0 => Step::Skip(line_break),
            Sound::Perhaps(_) if self.passing => Step::NeedMore { open: None },
            Sound::Perhaps(_) => Step::NeedMore { open },
            Sound::Nowhere if self.passing && !window.is_empty() => Step::Skip(window.len()),
            Sound::Nowhere => {
                let is_ended = self.is_slice || window.ends_with(b"\n");
                let end = window.len() - trailing_breaks(window);
                if is_ended {
                    frame(end.max(1), Some(Reason::UnreadableRecord))
                } else {
                    Step::End { closed: false, open }
                }
            }
        }
    }

    /// Whether the line has enough cells that it must be a row, even if damaged: the rest of a text
    /// with a line break has fewer. `None` to request the whole line.
    fn is_line_of_a_row(&self, line: &[u8], sees_all: bool) -> Option<bool> {
        let length = memchr::memchr2(b'\n', b'\r', line);
        if length.is_none() && !sees_all {
            return None;
        }
        let line = &line[..length.unwrap_or(line.len())];
        let cells = memchr::memchr_iter(self.delimiter, line).count() + 1;
        Some(!line.is_empty() && self.cells >= TELLING_CELLS && cells >= self.nearly_all())
    }

    /// The number of cells of a row with one damaged delimiter.
    const fn nearly_all(&self) -> usize {
        if self.cells >= TELLING_CELLS { self.cells - 1 } else { self.cells }
    }

    /// The first line break in the window that a sound row follows.
    fn sound_row(&self, window: &[u8], at_end: bool) -> Sound {
        // If a skipped row was cut, its first byte may be the line break.
        let mut from = usize::from(!self.passing);
        while let Some(length) = memchr::memchr2(b'\n', b'\r', window.get(from..).unwrap_or_default()) {
            let line_break = from + length;
            let breaks = window[line_break..].iter().take_while(|byte| is_break(**byte)).count();
            let start = line_break + breaks;
            let end = window.len().min(start + SOUND_ROW_BYTES);
            let sees_all = end < window.len() || at_end;
            match row(&window[..end], start, self.delimiter, at_end && end == window.len()) {
                Row::Whole { cells, .. } if cells == self.cells && start < end => return Sound::At(line_break),
                Row::More if !sees_all => return Sound::Perhaps(line_break),
                Row::Whole { .. } | Row::More | Row::Damaged => {}
            }
            match self.is_line_of_a_row(&window[start..end], sees_all) {
                None => return Sound::Perhaps(line_break),
                Some(true) => return Sound::At(line_break),
                Some(false) => from = start,
            }
        }
        if at_end { Sound::Nowhere } else { Sound::Perhaps(window.len()) }
    }
}

impl Framer for CsvFramer {
    fn next(&mut self, window: &[u8], at_end: bool) -> Step {
        let breaks = window.iter().take_while(|byte| is_break(**byte)).count();
        match (breaks, window.is_empty()) {
            (_, true) if at_end => Step::End { closed: self.is_header_whole, open: None },
            (_, true) => Step::NeedMore { open: None },
            (1.., _) if !self.passing => Step::Skip(breaks),
            _ if self.cells == 0 => self.header(window, at_end),
            _ => self.row(window, at_end),
        }
    }

    fn pass_over(&mut self) {
        self.passing = true;
    }
}

const fn frame(end: usize, damage: Option<Reason>) -> Step {
    Step::Frame(Frame { kind: FrameKind::Comment, start: 0, end, damage })
}

const fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn trailing_breaks(window: &[u8]) -> usize {
    window.iter().rev().take_while(|byte| is_break(**byte)).count()
}
