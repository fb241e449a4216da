//! Finds the rows of a table.
//!
//! A row that cannot be one (a quote is missing, or a cell) ends where, after a line break, one begins that can: with as many
//! cells as the header. So damage costs its row, and rows that touch it if they are damaged too.

use rethread_model::Reason;

use super::Table;
use crate::csv_row::{Row, row};
use crate::format::{Frame, FrameKind, Framer, Step};

/// A header is not longer.
const HEADER_BYTES: usize = 16 * 1024;

/// A row by which reading goes on after damage is not longer. So the search is bounded, whatever the file holds.
const SOUND_ROW_BYTES: usize = 64 * 1024;

/// In a table of so many columns, a line with nearly as many cells is a row.
const TELLING_CELLS: usize = 8;

/// A framer for a document or a slice.
#[derive(Debug)]
pub(crate) struct CsvFramer {
    delimiter: u8,
    /// Cells of each row; 0 before the header was seen.
    cells: usize,
    is_slice: bool,
    /// A line break follows the header.
    is_header_whole: bool,
    /// The row is too large to be held.
    passing: bool,
}

/// A row begins here that can be one.
enum Sound {
    /// After a line break here.
    At(usize),
    /// Perhaps, after a line break here; more must be seen.
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
            // A header that reaches to the window's end may go on.
            Some((_, end)) if end == near.len() && may_grow => Step::NeedMore { open: None },
            Some((table, end)) => {
                self.delimiter = table.delimiter;
                // Two names whose delimiter is damaged stand in one cell.
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
            // One that the document's end cuts off may lack a cell. A slice ends where a row does.
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
            // All before it was looked at.
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

    /// Whether the line holds so many cells that it can only be a row, though a damaged one: what a line break in a text
    /// leaves over has fewer. `None` to see all of the line.
    fn is_line_of_a_row(&self, line: &[u8], sees_all: bool) -> Option<bool> {
        let length = memchr::memchr2(b'\n', b'\r', line);
        if length.is_none() && !sees_all {
            return None;
        }
        let line = &line[..length.unwrap_or(line.len())];
        let cells = memchr::memchr_iter(self.delimiter, line).count() + 1;
        Some(!line.is_empty() && self.cells >= TELLING_CELLS && cells >= self.nearly_all())
    }

    /// The cells of a row of which one delimiter is damaged.
    const fn nearly_all(&self) -> usize {
        if self.cells >= TELLING_CELLS { self.cells - 1 } else { self.cells }
    }

    /// The first line break in the window after which a sound row begins.
    fn sound_row(&self, window: &[u8], at_end: bool) -> Sound {
        // Where a row that is passed over was cut off, its first byte may be the line break.
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
