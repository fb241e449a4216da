//! Writers of export files, one for each [`ExportFormat`].
//!
//! A store yields what it holds as [`Exported`]; a [`Writer`] makes a file of that, piece by piece. What each format can
//! hold is said once, by [`holds`]; docs/exports.md shows it as a table.

mod commento;
mod count;
pub mod csv;
mod disqus;
mod hold;
mod hosts;
pub mod jsonl;
mod markup;
mod number;
mod page;
#[cfg(test)]
mod tests;
mod timestamp;
mod wordpress;
mod xml;

use std::fmt;

use rethread_model::{ExportFormat, ExportTally, Exported, Timestamp};

pub use self::hold::{Field, Held, holds};

use self::count::Count;

/// Writes one export file.
///
/// The caller asks [`Writer::begin`] for the beginning of the file, gives everything that the store yields for each of
/// [`Writer::passes`] passes, with [`Writer::end_pass`] after each, and takes the bytes out of `out` when it likes:
/// they are appended and never looked at again. Every pass must bring the same, from one snapshot of the store.
///
/// Memory does not grow with the export, but for these: `wordpress` remembers 24 bytes for every comment of the thread at
/// hand unless it keeps their ids, `commento` 16 bytes for every author written, `disqus` the names of origins.
pub struct Writer {
    format: Box<dyn Format + Send>,
    count: Count,
}

/// A format's side of [`Writer`].
trait Format {
    /// See [`Writer::passes`].
    fn passes(&self) -> u32 {
        1
    }

    /// See [`Writer::needs_comments`].
    fn needs_comments(&self, _pass: u32) -> bool {
        true
    }

    /// See [`Writer::begin`].
    fn begin(&mut self, out: &mut Vec<u8>);

    /// See [`Writer::write`]. What is written is counted, and what is lost but for that which [`Count`] knows to be lost.
    fn write(&mut self, pass: u32, item: &Exported, count: &mut Count, out: &mut Vec<u8>);

    /// See [`Writer::end_pass`].
    fn end_pass(&mut self, _pass: u32, _out: &mut Vec<u8>) {}
}

impl Writer {
    /// A writer of a file that says, where its format has a place for it, that it was made at this time.
    #[must_use]
    pub fn new(format: ExportFormat, exported_at: Timestamp) -> Self {
        let count = Count::new(format);
        let format: Box<dyn Format + Send> = match format {
            ExportFormat::Csv => Box::new(csv::Csv::default()),
            ExportFormat::Jsonl => Box::new(jsonl::Jsonl::new(exported_at)),
            ExportFormat::WordPress => Box::new(wordpress::WordPress::new(exported_at)),
            ExportFormat::Commento => Box::<commento::Commento>::default(),
            ExportFormat::Disqus => Box::<disqus::Disqus>::default(),
        };
        Self { format, count }
    }

    /// How often the whole sequence must be given: more than once where the format has all threads before all comments,
    /// or all authors after them.
    #[must_use]
    pub fn passes(&self) -> u32 {
        self.format.passes()
    }

    /// Whether a pass (counted from 0) needs comments. In those that do not, the store may leave them out; they are passed
    /// over if they come.
    #[must_use]
    pub fn needs_comments(&self, pass: u32) -> bool {
        self.format.needs_comments(pass)
    }

    /// Appends what begins the file.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        self.format.begin(out);
    }

    /// Takes the next item of a pass, and appends what it makes of it.
    pub fn write(&mut self, pass: u32, item: &Exported, out: &mut Vec<u8>) {
        self.format.write(pass, item, &mut self.count, out);
    }

    /// Appends what stands after a pass; after the last one, what ends the file.
    pub fn end_pass(&mut self, pass: u32, out: &mut Vec<u8>) {
        self.format.end_pass(pass, out);
    }

    /// What was written so far, and what the format could not hold of it.
    #[must_use]
    pub fn tally(&self) -> &ExportTally {
        self.count.tally()
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("count", &self.count).finish_non_exhaustive()
    }
}
