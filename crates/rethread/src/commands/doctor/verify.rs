//! `doctor --verify`: checks whether the comments listed in receipts are stored.
//!
//! A comment that an import created is a row of its own, and no import deletes one. So an account
//! and a vendor have at least as many rows as the receipts of all imports created together. Fewer
//! rows mean that the store was rolled back after an import had ended.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use rethread_model::{AccountId, Job, JobId, JobKind, Reach, Vendor};
use rethread_runtime::{Config, Context};
use rethread_stores::{JobFilter, JobLife};
use serde::Serialize;

use crate::cli::DoctorArgs;
use crate::embedded;
use crate::failure::EXIT_FAILED;

/// Jobs read at once.
const AT_ONCE: u32 = 200;

/// The imports of one vendor into one account, according to their receipts, and what is stored.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Verified {
    account: AccountId,
    vendor: Vendor,
    imports: u64,
    /// Comments created by all imports, according to the receipts.
    created: i64,
    /// The largest number of comments in a single import, according to its receipt.
    largest: i64,
    /// Stored rows.
    stored: i64,
    /// Whether an import that has not ended may be adding rows.
    is_growing: bool,
}

impl Verified {
    fn missing(&self) -> i64 {
        (self.created.max(self.largest) - self.stored).max(0)
    }

    fn sentence(&self) -> String {
        let Self { account, vendor, imports, created, stored, .. } = self;
        let vendor = vendor.name();
        let receipts = match imports {
            1 => "the receipt of 1 import".to_owned(),
            count => format!("the receipts of {count} imports"),
        };
        let missing = self.missing();
        if missing > 0 {
            return format!(
                "{account}: {stored} comments of {vendor} are stored, and {missing} are missing of those in {receipts}. \
                 Import the files again: what is there is not doubled"
            );
        }
        if stored > created && !self.is_growing {
            let more = stored - created;
            return format!(
                "{account}: {stored} comments of {vendor} are stored, all of those in {receipts}, and {more} of jobs \
                 that are not known any more"
            );
        }
        format!("{account}: {stored} comments of {vendor} are stored, all of those in {receipts}")
    }
}

/// Compares receipts with stored comments, prints the result, and fails if anything is missing.
/// With `job`, checks only that import.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(super) async fn run(config: &Config, args: &DoctorArgs, job: Option<JobId>) -> anyhow::Result<ExitCode> {
    let context =
        if config.comments.is_none() { embedded::open_existing(config).await? } else { embedded::open(config).await? };
    let reach = args.account.clone().map_or(Reach::All, Reach::Account);
    let about = match job {
        Some(id) => Some(ended_import(&*context.backends.jobs, &reach, id).await?),
        None => None,
    };
    let verified = compare(&context, &reach, about.as_ref()).await?;
    let is_well = verified.iter().all(|verified| verified.missing() == 0);
    if args.json {
        let rows: Vec<_> = verified
            .iter()
            .map(|verified| {
                let Verified { account, vendor, imports, created, stored, .. } = verified;
                serde_json::json!({
                    "account": account, "vendor": vendor, "imports": imports, "created": created, "stored": stored,
                    "missing": verified.missing(), "message": verified.sentence(),
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&serde_json::json!({"ok": is_well, "verified": rows}))?);
    } else {
        if verified.is_empty() {
            println!("no import has ended yet");
        }
        for verified in &verified {
            let word = if verified.missing() == 0 { "ok" } else { "wrong" };
            println!("{word:<8} {}", verified.sentence());
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

async fn ended_import(jobs: &dyn JobLife, reach: &Reach, id: JobId) -> anyhow::Result<Job> {
    let job = jobs.get(reach, id).await?.ok_or_else(|| anyhow!("there is no job {id} here"))?;
    match &job {
        Job { facts: Some(_), state, .. } if state.is_final() && job.kind() == JobKind::Import && !job.is_dry_run() => {
        }
        _ => bail!("job {id} is no import that has ended and could have stored anything"),
    }
    Ok(job)
}

async fn compare(context: &Context, reach: &Reach, about: Option<&Job>) -> anyhow::Result<Vec<Verified>> {
    let mut sums: BTreeMap<(AccountId, Vendor), Verified> = BTreeMap::new();
    let about = about.and_then(|job| Some((job, job.facts.as_ref()?.vendor)));
    let mut before = None;
    loop {
        let filter = JobFilter { kind: Some(JobKind::Import), before, limit: AT_ONCE, ..JobFilter::default() };
        let page = context.backends.jobs.list(reach, &filter).await?;
        for job in &page.jobs {
            let Some(vendor) = job.facts.as_ref().map(|facts| facts.vendor).filter(|_| !job.is_dry_run()) else {
                continue;
            };
            if about.is_none_or(|(about, of)| about.account == job.account && of == vendor) {
                let none = || Verified {
                    account: job.account.clone(),
                    vendor,
                    imports: 0,
                    created: 0,
                    largest: 0,
                    stored: 0,
                    is_growing: false,
                };
                add(sums.entry((job.account.clone(), vendor)).or_insert_with(none), job);
            }
        }
        before = page.jobs.last().map(|job| job.id);
        if !page.has_more {
            break;
        }
    }
    let mut verified = Vec::new();
    for sum in sums.into_values().filter(|sum| sum.imports > 0) {
        // Count after reading the receipts: the number of rows only grows.
        let stored = context.backends.comments.count_comments(&sum.account, sum.vendor).await?;
        verified.push(Verified { stored, ..sum });
    }
    Ok(verified)
}

fn add(sum: &mut Verified, job: &Job) {
    if !job.state.is_final() {
        sum.is_growing = true;
        return;
    }
    sum.imports += 1;
    sum.created += job.tally.outcome.created;
    sum.largest = sum.largest.max(job.tally.outcome.taken());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(created: i64, stored: i64) -> Verified {
        Verified {
            account: "acme".parse().unwrap(),
            vendor: Vendor::Disqus,
            imports: 1,
            created,
            largest: created,
            stored,
            is_growing: false,
        }
    }

    #[test]
    fn fewer_rows_than_receipts_tell_of_are_missing_and_more_are_not() {
        assert_eq!(verified(5, 5).missing(), 0);
        assert_eq!(verified(5, 9).missing(), 0);
        assert_eq!(verified(300_000, 186_346).missing(), 113_654);
        assert_eq!(
            verified(300_000, 186_346).sentence(),
            "acme: 186346 comments of Disqus are stored, and 113654 are missing of those in the receipt of 1 import. \
             Import the files again: what is there is not doubled"
        );
        // All comments of an import existed before it: jobs that are no longer known created them.
        let read_again = Verified { created: 0, largest: 7, ..verified(0, 6) };
        assert_eq!(read_again.missing(), 1);
    }
}
