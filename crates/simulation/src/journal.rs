//! A record of a run, line by line, with a fingerprint for comparing two runs.

use std::hash::Hasher as _;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::VirtualClock;

/// Collects lines. Always keeps their fingerprint, and the lines themselves only on request.
#[derive(Debug)]
pub(crate) struct Journal {
    clock: Arc<VirtualClock>,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    #[expect(deprecated, reason = "the one hasher of the standard library that is the same in every process")]
    hasher: std::hash::SipHasher,
    lines: Option<Vec<String>>,
    count: u64,
}

impl Journal {
    pub(crate) fn new(clock: Arc<VirtualClock>, keeps_lines: bool) -> Self {
        #[expect(deprecated, reason = "see above")]
        let hasher = std::hash::SipHasher::new();
        Self { clock, written: Mutex::new(Written { hasher, lines: keeps_lines.then(Vec::new), count: 0 }) }
    }

    /// Adds a line made of these words.
    pub(crate) fn note(&self, words: &[&dyn std::fmt::Display]) {
        let at: Duration = self.clock.elapsed();
        let mut line = format!("{:>9.3}", at.as_secs_f64());
        for word in words {
            line.push(' ');
            line.push_str(&word.to_string());
        }
        let mut written = self.written.lock();
        written.hasher.write(line.as_bytes());
        written.count += 1;
        if let Some(lines) = &mut written.lines {
            lines.push(line);
        }
    }

    /// Equal for runs in which the same happened at the same times.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.written.lock().hasher.finish()
    }

    /// The number of lines.
    pub(crate) fn count(&self) -> u64 {
        self.written.lock().count
    }

    /// The lines, if they were kept.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.written.lock().lines.clone().unwrap_or_default()
    }
}
