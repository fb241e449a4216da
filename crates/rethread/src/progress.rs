//! The progress of a job: a bar on a terminal, plain lines elsewhere, nothing with JSON output.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

/// The interval between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows progress on standard error.
pub(crate) enum Progress {
    /// For a terminal.
    Bar(ProgressBar),
    /// For a file or a pipe.
    Lines {
        /// The time and phase of the last line.
        last: Option<(Instant, String)>,
    },
    /// Shows nothing.
    Silent,
}

impl Progress {
    /// Selects the form that suits standard error.
    pub(crate) fn new(is_json: bool) -> Self {
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(0);
            let template = "{msg:<28} [{bar:30}] {bytes:>10} of {total_bytes:<10} {bytes_per_sec:>12}  {eta} left";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            Self::Bar(bar)
        } else if is_json {
            Self::Silent
        } else {
            Self::Lines { last: None }
        }
    }

    /// Shows the current state. `comments` is the number read so far.
    pub(crate) fn show(&mut self, phase: &str, progress: &rethread_model::Progress, comments: i64) {
        let comments = u64::try_from(comments).unwrap_or(0);
        match self {
            Self::Silent => {}
            Self::Bar(bar) => {
                bar.set_length(progress.bytes_total.max(progress.bytes_read));
                bar.set_position(progress.bytes_read);
                bar.set_message(if comments == 0 {
                    phase.to_owned()
                } else {
                    format!("{phase}, {} comments", HumanCount(comments))
                });
            }
            Self::Lines { last } => {
                let is_due = last.as_ref().is_none_or(|(at, shown)| shown != phase || at.elapsed() >= LINE_INTERVAL);
                if is_due {
                    *last = Some((Instant::now(), phase.to_owned()));
                    line(&format!(
                        "{phase}: {} of {}, {} comments",
                        HumanBytes(progress.bytes_read),
                        HumanBytes(progress.bytes_total),
                        HumanCount(comments)
                    ));
                }
            }
        }
    }

    /// Shows how much of the file has been received.
    pub(crate) fn receiving(&mut self, received: u64, total: Option<u64>) {
        let progress = rethread_model::Progress {
            bytes_read: received,
            bytes_total: total.unwrap_or(received),
            ..rethread_model::Progress::default()
        };
        match self {
            Self::Bar(_) => self.show("storing", &progress, 0),
            Self::Lines { last } if last.is_none() => {
                *last = Some((Instant::now(), "storing".to_owned()));
                let size = total.map(|total| format!(", {}", HumanBytes(total))).unwrap_or_default();
                line(&format!("storing the file{size}"));
            }
            Self::Lines { .. } | Self::Silent => {}
        }
    }

    /// Removes the bar.
    pub(crate) fn end(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

#[expect(clippy::print_stderr, reason = "progress is for the person at the terminal")]
fn line(text: &str) {
    eprintln!("{text}");
}
