//! A human-readable receipt.

use std::fmt::Write as _;

use indicatif::HumanBytes;
use rethread_model::kinds::KindVerbs;
use rethread_model::{ExportFile, ExportResult, JobKind, JobState, Reason, Receipt};

/// Of an import that only checked its file.
const CHECK: KindVerbs = KindVerbs { done: "Checked", doing: "Checking", to_do: "check", object: "the file" };

/// Prints a receipt on standard output: as a single JSON document, or as a summary.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) fn print(receipt: &Receipt, is_json: bool) -> anyhow::Result<()> {
    if is_json {
        println!("{}", serde_json::to_string_pretty(receipt)?);
    } else {
        print!("{}", text(receipt));
    }
    Ok(())
}

/// The text of the summary.
pub(crate) fn text(receipt: &Receipt) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_text(&mut out, receipt);
    out
}

fn write_text(out: &mut String, receipt: &Receipt) -> std::fmt::Result {
    let verbs = match receipt.kind.facts().verbs {
        _ if receipt.kind == JobKind::Import && receipt.dry_run && receipt.state == JobState::Succeeded => CHECK,
        verbs => verbs,
    };
    let what = match (&receipt.vendor, &receipt.origin) {
        (Some(vendor), Some(origin)) => {
            let more = receipt.origins.len().saturating_sub(1);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!("{} \"{origin}\"{more}", vendor.name())
        }
        _ => verbs.object.to_owned(),
    };
    let KindVerbs { done, doing, to_do, .. } = verbs;
    let (before, after) = match receipt.state {
        JobState::Succeeded => (done.to_owned(), "in"),
        JobState::Failed => (format!("Failed to {to_do}"), "after"),
        JobState::Cancelled => (format!("Cancelled the {to_do} of"), "after"),
        JobState::Queued | JobState::Running | JobState::Waiting => (doing.to_owned(), "for"),
    };
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let seconds = receipt.duration_ms as f64 / 1000.0;
    writeln!(out, "{before} {what} {after} {seconds:.1} s  (job {})\n", receipt.job_id)?;
    if receipt.vendor.is_some() {
        write_counts(out, receipt)?;
    }
    write_lines(out, &receipt.results.lines())?;
    if let Some(written) = &receipt.results.export {
        write_file(out, written)?;
    }
    if let Some(error) = &receipt.error {
        writeln!(out, "  {}", error.message)?;
    }
    Ok(())
}

/// Writes indented lines.
pub(crate) fn write_lines(out: &mut String, lines: &[String]) -> std::fmt::Result {
    lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn write_file(out: &mut String, written: &ExportResult) -> std::fmt::Result {
    let size = HumanBytes(written.bytes);
    match &written.file {
        None => writeln!(out, "  {size} written so far"),
        Some(ExportFile { deleted_at: Some(at), .. }) => {
            writeln!(out, "  {size}, deleted {}", at.strftime("%Y-%m-%d %H:%M"))
        }
        Some(ExportFile { expires_at, .. }) => {
            writeln!(out, "  {size}, to be fetched until {}", expires_at.strftime("%Y-%m-%d %H:%M"))
        }
    }
}

/// The outcome lines add up to the number of comments read.
fn write_counts(out: &mut String, receipt: &Receipt) -> std::fmt::Result {
    let read = &receipt.read;
    writeln!(
        out,
        "  read      {:>9} comments, {} of them replies, in {} threads",
        read.comments, read.replies, read.threads
    )?;
    let would = if receipt.dry_run { " (would be)" } else { "" };
    let outcome = &receipt.outcome;
    for (word, count) in [
        ("created", outcome.created),
        ("updated", outcome.updated),
        ("unchanged", outcome.unchanged),
        ("skipped", outcome.skipped),
        ("failed", outcome.failed),
    ] {
        writeln!(out, "  {word:<9} {count:>9}{would}")?;
    }
    writeln!(out, "  {:<9} {:>9}\n", "total", outcome.sum())?;

    let status = &receipt.status;
    writeln!(
        out,
        "  {} approved, {} pending, {} spam, {} deleted; {} pages with comments",
        status.approved, status.pending, status.spam, status.deleted, receipt.pages
    )?;
    if let Some(removed) = receipt.removed.filter(|removed| *removed > 0) {
        writeln!(out, "  {removed} comments of earlier imports are not in this file; they were kept")?;
    }
    match receipt.merged_pages {
        0 => {}
        1 => writeln!(out, "  1 page was found under several addresses, which were brought together")?,
        count => writeln!(out, "  {count} pages were found under several addresses each, which were brought together")?,
    }
    let findings = &receipt.findings;
    for (title, counts) in
        [("repaired", &findings.repaired), ("skipped", &findings.skipped), ("failed", &findings.failed)]
    {
        for (reason, count) in counts {
            writeln!(out, "  {title}: {count:>7}  {}", sentence(*reason))?;
        }
    }
    writeln!(out)
}

fn sentence(reason: Reason) -> String {
    format!("{} ({reason})", reason.sentence().trim_end_matches('.'))
}
