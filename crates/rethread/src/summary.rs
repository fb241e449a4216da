//! A receipt as people read it.

use std::fmt::Write as _;

use rethread_model::{JobState, Reason, Receipt};

/// Prints a receipt on standard output: as the one JSON document, or as a summary.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) fn print(receipt: &Receipt, is_json: bool) -> anyhow::Result<()> {
    if is_json {
        println!("{}", serde_json::to_string_pretty(receipt)?);
    } else {
        print!("{}", text(receipt));
    }
    Ok(())
}

/// The summary.
pub(crate) fn text(receipt: &Receipt) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = write_text(&mut out, receipt);
    out
}

fn write_text(out: &mut String, receipt: &Receipt) -> std::fmt::Result {
    let what = match (&receipt.vendor, &receipt.origin) {
        (Some(vendor), Some(origin)) => format!(" {} \"{origin}\"", vendor.name()),
        _ => " the file".to_owned(),
    };
    let (before, after) = match (receipt.state, receipt.dry_run) {
        (JobState::Succeeded, true) => ("Checked", "in"),
        (JobState::Succeeded, false) => ("Imported", "in"),
        (JobState::Failed, _) => ("Failed to import", "after"),
        (JobState::Cancelled, _) => ("Cancelled the import of", "after"),
        (JobState::Queued | JobState::Running | JobState::Waiting, _) => ("Importing", "for"),
    };
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let seconds = receipt.duration_ms as f64 / 1000.0;
    writeln!(out, "{before}{what} {after} {seconds:.1} s  (job {})\n", receipt.job_id)?;
    if receipt.vendor.is_some() {
        write_counts(out, receipt)?;
    }
    if let Some(error) = &receipt.error {
        writeln!(out, "  {}", error.message)?;
    }
    Ok(())
}

/// The outcome lines add up to what was read.
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
    if receipt.removed > 0 {
        writeln!(out, "  {} comments of earlier imports are not in this file; they were kept", receipt.removed)?;
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
