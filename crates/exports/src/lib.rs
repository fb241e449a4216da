#![doc = include_str!("../README.md")]

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
/// The caller starts the file with [`Writer::begin`]. For each of the [`Writer::passes`] passes it
/// supplies everything that the store yields, and calls [`Writer::end_pass`] after it. The writer
/// only appends to `out`, so the caller may drain it at any time. Every pass must supply the same
/// items, from one snapshot of the store.
///
/// Memory does not grow with the export, with these exceptions: `wordpress` keeps 24 bytes for
/// every comment of the current thread unless it keeps the vendor's ids, `commento` 16 bytes for
/// every author written, `disqus` the names of origins.
pub struct Writer {
    format: Box<dyn Format + Send>,
    count: Count,
}

/// The format-specific part of [`Writer`].
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

    /// See [`Writer::write`]. Counts what is written, and the losses that [`Count`] does not cover.
    fn write(&mut self, pass: u32, item: &Exported, count: &mut Count, out: &mut Vec<u8>);

    /// See [`Writer::end_pass`].
    fn end_pass(&mut self, _pass: u32, _out: &mut Vec<u8>) {}
}

impl Writer {
    /// A writer for a file made at `exported_at`, which is written if the format has a place for
    /// it.
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

    /// How often the whole sequence must be supplied: more than once if the format has all threads
    /// before all comments, or all authors after them.
    #[must_use]
    pub fn passes(&self) -> u32 {
        self.format.passes()
    }

    /// Whether a pass (counted from 0) needs comments. In other passes the store may omit them; the
    /// writer ignores them.
    #[must_use]
    pub fn needs_comments(&self, pass: u32) -> bool {
        self.format.needs_comments(pass)
    }

    /// Appends the start of the file.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        self.format.begin(out);
    }

    /// Takes the next item of a pass, and appends its output.
    pub fn write(&mut self, pass: u32, item: &Exported, out: &mut Vec<u8>) {
        self.format.write(pass, item, &mut self.count, out);
    }

    /// Appends what follows a pass; after the last one, the end of the file.
    pub fn end_pass(&mut self, pass: u32, out: &mut Vec<u8>) {
        self.format.end_pass(pass, out);
    }

    /// What was written so far, and what the format could not hold.
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
