//! Formats measurements for people.

use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::Usage;
use crate::truth::Truth;

const MEGABYTE: f64 = 1_000_000.0;

/// A line for each run, and the minimum, median and maximum of each column.
pub(crate) fn render(truth: &Truth, runs: &[Usage]) -> String {
    let mut text = format!(
        "{} comments on {} pages, {:.1} MB of {}\n\n",
        truth.read.comments,
        truth.pages,
        approximate(truth.bytes) / MEGABYTE,
        truth.vendor.name(),
    );
    let _ =
        writeln!(text, "{:<8}{:>10}{:>10}{:>14}{:>10}{:>10}", "", "seconds", "CPU s", "comments/s", "MB/s", "peak MB");
    let rows: Vec<[f64; 5]> = runs.iter().map(|usage| row(truth, usage)).collect();
    for (number, columns) in rows.iter().enumerate() {
        push(&mut text, &format!("run {}", number + 1), columns);
    }
    if rows.len() > 1 {
        push(&mut text, "min", &at(&rows, 0));
        push(&mut text, "median", &at(&rows, rows.len() / 2));
        push(&mut text, "max", &at(&rows, rows.len() - 1));
    }
    text
}

fn row(truth: &Truth, usage: &Usage) -> [f64; 5] {
    let seconds = usage.wall.as_secs_f64().max(1e-6);
    let comments = approximate(truth.read.comments.unsigned_abs());
    let megabytes = approximate(truth.bytes) / MEGABYTE;
    let peak = approximate(usage.peak_bytes) / MEGABYTE;
    [seconds, usage.cpu.as_secs_f64(), comments / seconds, megabytes / seconds, peak]
}

#[expect(clippy::cast_precision_loss, reason = "for a table with one decimal")]
const fn approximate(number: u64) -> f64 {
    number as f64
}

fn push(text: &mut String, name: &str, columns: &[f64; 5]) {
    let [seconds, cpu, comments, megabytes, peak] = columns;
    let _ = writeln!(text, "{name:<8}{seconds:>10.2}{cpu:>10.2}{comments:>14.0}{megabytes:>10.1}{peak:>10.1}");
}

/// A sentence about the median import and the median of writing the same rows.
pub(crate) fn against_baseline(imports: &[Usage], baseline: &[Duration]) -> String {
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times.get(times.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
    };
    let (import, rows) = (median(imports.iter().map(|usage| usage.wall).collect()), median(baseline.to_vec()));
    format!("the same rows by bound statements: {rows:.2} s; an import takes {:.2} times as long\n", import / rows)
}

/// The header of a table of exports.
pub(crate) fn export_head() -> String {
    format!("{:<12}{:>10}{:>10}{:>10}{:>12}{:>10}{:>10}", "", "MB", "seconds", "CPU s", "comments/s", "MB/s", "peak MB")
}

/// A line for a format: the median of each column.
pub(crate) fn export_row(name: &str, comments: u64, bytes: u64, runs: &[Usage]) -> String {
    let megabytes = approximate(bytes) / MEGABYTE;
    let columns = |usage: &Usage| {
        let seconds = usage.wall.as_secs_f64().max(1e-6);
        let peak = approximate(usage.peak_bytes) / MEGABYTE;
        [seconds, usage.cpu.as_secs_f64(), approximate(comments) / seconds, megabytes / seconds, peak]
    };
    let rows: Vec<[f64; 5]> = runs.iter().map(columns).collect();
    let [seconds, cpu, rate, speed, peak] = at(&rows, rows.len() / 2);
    format!("{name:<12}{megabytes:>10.1}{seconds:>10.2}{cpu:>10.2}{rate:>12.0}{speed:>10.1}{peak:>10.1}")
}

/// A line with the minimum, median and maximum of some times, in seconds.
pub(crate) fn spread(name: &str, times: &[Duration]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |rank: usize| times.get(rank).map_or(f64::NAN, Duration::as_secs_f64);
    let (min, median, max) = (at(0), at(times.len() / 2), at(times.len().saturating_sub(1)));
    format!("{name:<36}{:>8}{min:>10.2}{median:>10.2}{max:>10.2}", times.len())
}

/// The value at this rank in each column.
fn at(rows: &[[f64; 5]], rank: usize) -> [f64; 5] {
    std::array::from_fn(|column| {
        let mut values: Vec<f64> = rows.iter().map(|row| row[column]).collect();
        values.sort_by(f64::total_cmp);
        values[rank]
    })
}

#[cfg(test)]
mod tests {
    use rethread_model::Vendor;

    use super::*;
    use crate::truth::Counting;

    #[test]
    fn a_table_shows_each_run_and_their_middle() {
        let truth = Counting::default().truth(Vendor::Disqus, 1, 30_000_000);
        let usage = |seconds| Usage {
            wall: Duration::from_secs(seconds),
            cpu: Duration::from_millis(2500),
            peak_bytes: 64_000_000,
        };
        let text = render(&truth, &[usage(3), usage(1), usage(2)]);
        let row_of = |name: &str| -> Vec<String> {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line[8..].split_whitespace().map(str::to_owned).collect()
        };
        assert_eq!(row_of("run 1"), ["3.00", "2.50", "0", "10.0", "64.0"]);
        assert_eq!(row_of("median")[0], "2.00");
        assert_eq!(row_of("min")[3], "10.0");
        assert_eq!(row_of("max")[0], "3.00");
    }
}
