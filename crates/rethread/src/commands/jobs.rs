//! `jobs`.

use std::process::ExitCode;

use rethread_model::{Job, JobId, JobKind, JobState, Reach, Receipt};
use rethread_runtime::{Config, Context};
use rethread_stores::JobFilter;

use crate::cli::JobsArgs;
use crate::embedded;
use crate::failure::{EXIT_FAILED, Failure};
use crate::follow::follow;
use crate::progress::Progress;
use crate::summary;

/// Maximum number of jobs in a list.
const LIMIT: u32 = 50;

/// Lists jobs, or shows one.
pub(crate) async fn run(config: &Config, args: JobsArgs) -> anyhow::Result<ExitCode> {
    let context = embedded::open_existing(config).await?;
    let reach = args.account.clone().map_or(Reach::All, Reach::Account);
    match args.id {
        None => list(&context, &reach, args.json).await,
        Some(id) if args.watch => {
            let job = follow(&*context.backends.jobs, &reach, id, Progress::new(args.json)).await?;
            show(&job, args.json)
        }
        Some(id) => {
            let job = find(&context, &reach, id).await?;
            show(&job, args.json)
        }
    }
}

async fn find(context: &Context, reach: &Reach, id: JobId) -> anyhow::Result<Job> {
    context.backends.jobs.get(reach, id).await?.ok_or_else(|| no_such_job(id).into())
}

fn no_such_job(id: JobId) -> Failure {
    Failure::usage("no_such_job", format!("there is no job {id} here; `rethread jobs` lists those that there are"))
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
async fn list(context: &Context, reach: &Reach, is_json: bool) -> anyhow::Result<ExitCode> {
    let filter = JobFilter { limit: LIMIT, ..JobFilter::default() };
    let jobs = context.backends.jobs.list(reach, &filter).await?.jobs;
    if is_json {
        let receipts: Vec<Receipt> = jobs.iter().map(Receipt::of).collect();
        println!("{}", serde_json::to_string_pretty(&receipts)?);
        return Ok(ExitCode::SUCCESS);
    }
    if jobs.is_empty() {
        println!("no jobs yet; `rethread import FILE` makes one");
    }
    for job in &jobs {
        let vendor = job.facts.as_ref().map(|facts| facts.vendor.as_str());
        let (what, comments) = match job.kind() {
            JobKind::Import => (vendor.unwrap_or("-"), u64::try_from(job.tally.read.comments).unwrap_or(0)),
            kind => (kind.as_str(), job.results.comments().unwrap_or(0)),
        };
        println!(
            "{}  {:<9}  {:<13}  {:>9} comments  {}  {}  {}",
            job.id,
            job.state.as_str(),
            what,
            comments,
            job.created_at.strftime("%Y-%m-%d %H:%M"),
            job.account,
            job.file_name.as_deref().unwrap_or("-"),
        );
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn show(job: &Job, is_json: bool) -> anyhow::Result<ExitCode> {
    summary::print(&Receipt::of(job), is_json)?;
    if !is_json {
        println!("\n  {} / {}", job.state.as_str(), job.phase.as_str());
        for entry in &job.timeline {
            println!("  {}  {}", entry.at.strftime("%Y-%m-%d %H:%M:%S"), entry.text);
        }
    }
    Ok(if job.state == JobState::Failed { ExitCode::from(EXIT_FAILED) } else { ExitCode::SUCCESS })
}
