//! One run, and the conditions that must hold after it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rethread_model::{AccountId, EventId, Job, JobState, Reach, TimelineEvent, Timestamp};
use rethread_stores::{Backends, BlobPrefix, JobFilter};

use crate::director::{Begun, Director};
use crate::story::Story;
use crate::truth;
use crate::world::World;

/// The result of a run.
#[derive(Debug)]
pub struct Report {
    /// The seed of the run.
    pub seed: u64,
    /// Violated conditions, one sentence each.
    pub problems: Vec<String>,
    /// Equal for runs of a seed in which the same happened at the same times.
    pub fingerprint: u64,
    /// Number of lines in the journal.
    pub events: u64,
    /// How the jobs ended: the state, and the code of an error.
    pub ends: Vec<String>,
    /// The story and its events, line by line; only if lines were requested.
    pub journal: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.journal {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "seed {}: {} ({} events)", self.seed, self.ends.join(", "), self.events)?;
        for problem in &self.problems {
            writeln!(f, "  {problem}")?;
        }
        Ok(())
    }
}

/// Determines the results of undisturbed imports. Must be called before [`run`], in
/// another runtime.
pub async fn warm_up() -> anyhow::Result<()> {
    truth::find_out().await
}

/// Runs the story of a seed, in a single-threaded runtime with paused time. With `keeps_lines` the
/// journal is kept.
pub async fn run(seed: u64, keeps_lines: bool) -> anyhow::Result<Report> {
    let story = Story::of(seed);
    let world = Arc::new(World::new(seed, story.climate, !story.is_embedded, keeps_lines)?);
    let told_of_story = format!("{story:#?}");
    let mut director = Director::new(Arc::clone(&world), seed, story);
    director.run().await?;
    let still_there = until_quiet(&world).await?;
    director.stop().await;
    let jobs = jobs(&world.backends()).await?;
    let mut problems = std::mem::take(&mut director.problems);
    problems.extend(still_there);
    problems.extend(false_alarms(&world, &jobs, director.jobs_went_back));
    let begun = director.begun.lock().clone();
    for begun in &begun {
        let job = jobs.iter().find(|job| job.id == begun.job && job.state == JobState::Succeeded);
        if let Some(job) = job {
            problems.extend(check_import(&world, &director, begun, job).await?);
        }
    }
    let mut journal = world.journal.lines();
    if keeps_lines {
        journal.insert(0, told_of_story);
    }
    Ok(Report {
        seed,
        problems,
        fingerprint: world.journal.fingerprint(),
        events: world.journal.count(),
        ends: jobs.iter().map(end_of).collect(),
        journal,
    })
}

fn end_of(job: &Job) -> String {
    let code = job.error.as_ref().map(|error| format!(" {}", error.code)).unwrap_or_default();
    format!("{}{code}", job.state.as_str())
}

async fn jobs(backends: &Backends) -> anyhow::Result<Vec<Job>> {
    let filter = JobFilter { limit: 200, ..JobFilter::default() };
    Ok(backends.jobs.list(&Reach::All, &filter).await?.jobs)
}

/// Longer than anything takes once there are no more faults.
const PATIENCE: Duration = Duration::from_hours(6);

/// Waits until no work is left; otherwise returns what is left.
async fn until_quiet(world: &World) -> anyhow::Result<Vec<String>> {
    let backends = world.backends();
    let begun = world.clock.elapsed();
    let mut left = loop {
        let mut left: Vec<String> = Vec::new();
        let all = jobs(&backends).await?;
        let running = all.iter().filter(|job| !job.state.is_final());
        left.extend(
            running.map(|job| format!("job {} is still {}/{}", job.id, job.state.as_str(), job.phase.as_str())),
        );
        left.extend(not_told(world, &all));
        let uploads = backends.blobs.jobs(BlobPrefix::Uploads).await?;
        left.extend(uploads.iter().map(|(_, job)| format!("an upload of job {job} is still stored")));
        let imports = backends.comments.imports_to_clean_up().await?;
        left.extend(imports.iter().map(|(_, job)| format!("the ledger of import {job} is still stored")));
        if !world.queue.is_idle() {
            left.push("messages are still in the queue".to_owned());
        }
        if left.is_empty() || world.clock.elapsed().saturating_sub(begun) > PATIENCE {
            break left;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
    };
    // Query once: `overdue` records what it returns, so constant polling would hide it from
    // the janitors.
    let overdue = backends.jobs.overdue(Timestamp::MAX).await?;
    if !overdue.tasks.is_empty() || !overdue.events.is_empty() {
        tokio::time::sleep(PATIENCE).await;
        let overdue = backends.jobs.overdue(Timestamp::MAX).await?;
        left.extend(overdue.tasks.iter().map(|task| format!("{:?} of job {} is overdue", task.kind, task.job)));
        left.extend(overdue.events.iter().map(|event| format!("event {} is overdue", event.id())));
    }
    Ok(left)
}

/// Failures without an event to the operators.
fn not_told(world: &World, jobs: &[Job]) -> Vec<String> {
    let told = world.told.lock();
    let failed = jobs.iter().filter(|job| job.state == JobState::Failed);
    let silent = failed.filter(|job| !told.contains(&EventId::of_job_end(job.id)));
    silent.map(|job| format!("nobody was told that job {} failed", job.id)).collect()
}

/// Events of jobs that have not failed. A failure that the job store lost may not occur again.
fn false_alarms(world: &World, jobs: &[Job], jobs_went_back: bool) -> Vec<String> {
    let failed = jobs.iter().filter(|job| job.state == JobState::Failed);
    let due: BTreeSet<EventId> = failed.map(|job| EventId::of_job_end(job.id)).collect();
    let told = world.told.lock();
    let false_ones = told.iter().filter(|id| !due.contains(id) && !jobs_went_back);
    false_ones.map(|id| format!("event {id} was told of a job that has not failed")).collect()
}

/// Checks what a succeeded job guarantees.
async fn check_import(world: &World, director: &Director, begun: &Begun, job: &Job) -> anyhow::Result<Vec<String>> {
    let truth = truth::of(begun.account, begun.file)?;
    let mut problems = Vec::new();
    let counts = truth::counts(job);
    if counts != truth.counts {
        problems.push(format!("job {} succeeded, counted {counts:?}, and should have {:?}", job.id, truth.counts));
    }
    if begun.is_dry_run || is_void(director, job) {
        return Ok(problems);
    }
    let account: AccountId = begun.account.parse()?;
    let rows = truth::rows(&*world.backends().comments, &account).await?.remove(&begun.file.vendor).unwrap_or_default();
    if rows != truth.rows {
        let lacks = truth.rows.iter().filter(|row| rows.binary_search(row).is_err()).count();
        let foreign: Vec<&String> = rows.iter().filter(|row| truth.rows.binary_search(row).is_err()).collect();
        let example = foreign.first().map(|row| format!(", such as {row}")).unwrap_or_default();
        problems.push(format!(
            "job {} succeeded, but of {} rows {lacks} are not there, and {} are that should not be{example}",
            job.id,
            truth.rows.len(),
            foreign.len(),
        ));
    }
    Ok(problems)
}

/// Whether the comment store lost the job's data after the job's last check, which no job can
/// notice: it had ended, or its last step was in progress. (`rethread doctor --verify` reports this
/// to the operators.)
fn is_void(director: &Director, job: &Job) -> bool {
    let Some(ended) = job.ended_at else { return true };
    let finishing = job.timeline.iter().rfind(|entry| entry.event == TimelineEvent::Finishing).map(|entry| entry.at);
    director.setbacks.iter().any(|setback| {
        let had_ended = setback.to <= ended && ended <= setback.at;
        let was_ending = !setback.kills && finishing.is_some_and(|at| at <= setback.at) && setback.at <= ended;
        had_ended || was_ending
    })
}

/// Number of runs by result, for display.
#[derive(Debug, Default)]
pub struct Totals {
    runs: u64,
    events: u64,
    ends: BTreeMap<String, u64>,
}

impl Totals {
    /// Counts a run.
    pub fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.events += report.events;
        for end in &report.ends {
            *self.ends.entry(end.clone()).or_default() += 1;
        }
    }

    /// Adds the totals of another thread.
    pub fn merge(&mut self, other: Self) {
        self.runs += other.runs;
        self.events += other.events;
        for (end, count) in other.ends {
            *self.ends.entry(end).or_default() += count;
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends: Vec<String> = self.ends.iter().map(|(end, count)| format!("{count} {end}")).collect();
        write!(f, "{} runs, {} events; jobs: {}", self.runs, self.events, ends.join(", "))
    }
}
