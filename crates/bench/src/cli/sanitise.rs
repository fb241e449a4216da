//! `rethread-bench sanitise`.

use std::io::{self, Cursor, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use rethread_formats::{Limits, SliceSink, plan, read_slice};
use rethread_model::{ImportOptions, Reason, Record, SliceNumber};

use crate::fragments::{Fragment, Markup};
use crate::size::parse_bytes;

/// A text that takes longer than this is not tried in larger sizes.
const LONG_ENOUGH: Duration = Duration::from_secs(20);

/// The best of this many runs counts, because other programs share the machine.
const RUNS: usize = 3;

/// Shorter times are not compared: they depend on more than the text.
const LEAST: Duration = Duration::from_millis(20);

/// The time may grow by this factor more than the text, because of the machine's caches.
const TOLERANCE: f64 = 2.5;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Sizes of the texts, ascending.
    #[arg(long, value_name = "SIZES", value_delimiter = ',', value_parser = parse_bytes, default_values_t = [250_000, 1_000_000, 4_000_000])]
    sizes: Vec<u64>,
    /// Only the fragments that contain this text.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Only texts in this markup: html, wordpress or markdown.
    #[arg(long, value_name = "MARKUP")]
    markup: Option<String>,
}

impl Arguments {
    /// Prints a line for each fragment. `false` if any time grew faster than its text.
    pub(super) fn run(&self) -> Result<bool> {
        let mut out = io::stdout().lock();
        let sizes: String = self.sizes.iter().map(|size| format!("{size:>12}")).collect::<Vec<_>>().concat();
        writeln!(out, "{:<10}{:<42}{sizes}{:>10}  bytes, seconds, growth", "", "", "ratio")?;
        let mut is_linear = true;
        for markup in Markup::ALL {
            if self.markup.as_deref().is_some_and(|asked| asked != markup.name()) {
                continue;
            }
            for fragment in markup.fragments() {
                let is_asked_for = |text: &String| fragment.piece.contains(text) || fragment.before.contains(text);
                if !self.only.as_ref().is_none_or(is_asked_for) {
                    continue;
                }
                let runs = self.measure(markup, fragment)?;
                is_linear &= write_row(&mut out, markup, fragment, &runs)?;
            }
        }
        Ok(is_linear)
    }

    fn measure(&self, markup: Markup, fragment: &Fragment) -> Result<Vec<Run>> {
        let mut runs: Vec<Run> = Vec::new();
        for size in &self.sizes {
            if runs.last().is_some_and(|run| run.time > LONG_ENOUGH) {
                break;
            }
            let text = fragment.text(usize::try_from(*size)?);
            let best = (0..RUNS).map(|_| read(markup, &text)).collect::<Result<Vec<Run>>>()?;
            runs.extend(best.into_iter().min_by_key(|run| run.time));
        }
        Ok(runs)
    }
}

/// One measured text.
struct Run {
    size: usize,
    time: Duration,
    /// The text was shown as plain text, or not at all.
    is_given_up: bool,
}

/// Reads an export with one comment. The time covers all reading of the record: framing,
/// unescaping, sanitising.
fn read(markup: Markup, text: &str) -> Result<Run> {
    let document = markup.document(text).into_bytes();
    let (options, limits) = (ImportOptions::default(), Limits::default());
    let size = u64::try_from(document.len())?;
    let started = Instant::now();
    let plan = plan(&mut Cursor::new(&document), size, &options, &limits, &mut Nowhere)?;
    let (mut comments, mut is_given_up) = (0, false);
    for slice in &plan.slices {
        let bytes = document.get(usize::try_from(slice.start)?..usize::try_from(slice.end)?);
        for portion in read_slice(markup.vendor(), slice, &options, bytes.context("a slice of the document")?) {
            is_given_up |= portion.findings.iter().any(|finding| finding.reason == Reason::FlattenedHtml);
            is_given_up |= portion.records.iter().any(|record| matches!(record.value, Record::Refused(_)));
            comments += portion.records.iter().filter(|record| matches!(record.value, Record::Comment(_))).count();
        }
    }
    let time = started.elapsed();
    Ok(Run { size: text.len(), time, is_given_up: is_given_up || comments != 1 })
}

/// Plain uploads have no separate slices.
struct Nowhere;

impl SliceSink for Nowhere {
    fn put(&mut self, _: SliceNumber, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// Returns whether the time grew with the text.
fn write_row(out: &mut impl io::Write, markup: Markup, fragment: &Fragment, runs: &[Run]) -> io::Result<bool> {
    let growth = runs.windows(2).map(|pair| growth(&pair[0], &pair[1])).fold(0.0, f64::max);
    let is_linear = growth <= TOLERANCE;
    let times: String = runs.iter().map(|run| format!("{:>12.3}", run.time.as_secs_f64())).collect::<Vec<_>>().concat();
    let text = [fragment.before, fragment.piece, "…"].concat();
    let name = format!("{text:?}");
    let note = match (is_linear, runs.iter().any(|run| run.is_given_up)) {
        (false, _) => "  NOT LINEAR",
        (true, true) => "  as plain text",
        (true, false) => "",
    };
    writeln!(out, "{:<10}{name:<42}{times}{growth:>10.2}{note}", markup.name())?;
    out.flush()?;
    Ok(is_linear)
}

/// The growth of the time relative to the text; 1 is linear.
fn growth(smaller: &Run, larger: &Run) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "for a ratio with two decimals")]
    let size_ratio = larger.size as f64 / smaller.size.max(1) as f64;
    let time_ratio = larger.time.as_secs_f64() / smaller.time.max(LEAST).as_secs_f64();
    time_ratio / size_ratio
}
