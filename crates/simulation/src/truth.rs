//! The result of an undisturbed import of a file.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, bail};
use parking_lot::Mutex;
use rethread_model::{
    AccountId, ExportFilter, Exported, ImportOptions, Job, JobState, OutcomeCounts, Reach, Tally, Vendor,
};
use rethread_stores::ExportSource;

use crate::files::ExportFile;
use crate::gateway::Upload;
use crate::process::{Process, Role};
use crate::random::{Purpose, Random};
use crate::story::ACCOUNTS;
use crate::weather::Climate;
use crate::world::World;

/// The result of an undisturbed import of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Truth {
    /// Threads and comments of the site, one line each.
    pub(crate) rows: Vec<String>,
    /// See [`counts`].
    pub(crate) counts: Tally,
}

/// Ids include the account, so results are per account.
type Import = (&'static str, ExportFile);

static KNOWN: OnceLock<Mutex<BTreeMap<Import, Arc<Truth>>>> = OnceLock::new();

/// Determines the results for every file, once per process.
pub(crate) async fn find_out() -> anyhow::Result<()> {
    for (account, file) in ACCOUNTS.into_iter().flat_map(|account| ExportFile::all().map(move |file| (account, file))) {
        let is_known = KNOWN.get_or_init(Mutex::default).lock().contains_key(&(account, file));
        if !is_known {
            let truth = import(account, file).await.with_context(|| format!("the undisturbed import of {file:?}"))?;
            KNOWN.get_or_init(Mutex::default).lock().insert((account, file), Arc::new(truth));
        }
    }
    Ok(())
}

/// The result for a file.
pub(crate) fn of(account: &'static str, file: ExportFile) -> anyhow::Result<Arc<Truth>> {
    let known = KNOWN.get_or_init(Mutex::default).lock();
    known.get(&(account, file)).cloned().context("nothing was found out about the file: call warm_up first")
}

async fn import(account: &'static str, file: ExportFile) -> anyhow::Result<Truth> {
    let world = Arc::new(World::new(0, Climate::default(), true, false)?);
    let account: AccountId = account.parse()?;
    let upload = Upload {
        id: Upload::id(&world, 0),
        account: account.clone(),
        options: ImportOptions::default(),
        content: file.content()?,
        pieces: 1,
        pause: Duration::ZERO,
        breaks_off_after: None,
    };
    let id = upload.id;
    let worker = Process::start(&world, Role::Worker { slots: 1 });
    upload.receive(&world, &Mutex::new(Random::new(0, Purpose::Admin))).await;
    let backends = world.backends();
    let reach = Reach::Account(account.clone());
    let job = loop {
        match backends.jobs.get(&reach, id).await? {
            Some(job) if job.state == JobState::Succeeded => break job,
            Some(job) if job.state.is_final() => bail!("it ended {}: {:?}", job.state.as_str(), job.error),
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    worker.stop().await;
    let rows = rows(&*backends.comments, &account).await?.remove(&file.vendor).unwrap_or_default();
    Ok(Truth { rows, counts: counts(&job) })
}

/// The counts of a job that must hold however often the same file was imported before: everything
/// except how many comments were new.
pub(crate) fn counts(job: &Job) -> Tally {
    let OutcomeCounts { created, updated, unchanged, skipped, failed } = job.tally.outcome;
    let outcome = OutcomeCounts { created: created + updated + unchanged, updated: 0, unchanged: 0, skipped, failed };
    Tally { outcome, ..job.tally.clone() }
}

/// The threads and comments of an account, one line each, by vendor.
pub(crate) async fn rows(
    comments: &dyn ExportSource,
    account: &AccountId,
) -> anyhow::Result<BTreeMap<Vendor, Vec<String>>> {
    let mut snapshot = comments.export(account, &ExportFilter::default()).await?;
    let mut rows: BTreeMap<Vendor, Vec<String>> = BTreeMap::new();
    let mut of_thread = None;
    loop {
        let items = snapshot.next().await?;
        if items.is_empty() {
            break;
        }
        for item in items {
            match item {
                // A thread of another site may have named the page.
                Exported::Page(_) => {}
                Exported::Thread(thread) => {
                    rows.entry(thread.vendor).or_default().push(format!("{thread:?}"));
                    of_thread = Some(thread);
                }
                Exported::Comment(comment) => {
                    let thread = of_thread.as_ref().context("a comment without a thread")?;
                    let line = format!("{} {comment:?}", thread.thread.source_id);
                    rows.entry(thread.vendor).or_default().push(line);
                }
            }
        }
    }
    for lines in rows.values_mut() {
        lines.sort_unstable();
    }
    Ok(rows)
}
