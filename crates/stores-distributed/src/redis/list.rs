//! Jobs by account, and their number.

use std::collections::{BTreeMap, HashMap};

use redis::Pipeline;
use rethread_model::{AccountId, Job, JobId, JobKind, JobState, Phase, Reach, Timestamp, Vendor};
use rethread_stores::rules::listing::{ListedAccounts, MAX_LISTED, cut, page_size};
use rethread_stores::{JobCounts, JobFilter, JobPage, Result};

use super::{RedisJobs, document};

/// State, phase, vendor and time of a job, as far as it exists.
type ListedFields = (Option<String>, Option<String>, Option<String>, Option<String>);

/// The number of jobs read at a time.
pub(super) const CHUNK: usize = 200;

impl RedisJobs {
    pub(super) async fn page(&self, reach: &Reach, filter: &JobFilter) -> Result<JobPage> {
        let account = match ListedAccounts::of(reach, filter) {
            ListedAccounts::None => return Ok(JobPage { jobs: Vec::new(), has_more: false }),
            ListedAccounts::One(account) => Some(account),
            ListedAccounts::All => None,
        };
        let index = account.map_or_else(|| self.keys.of_all(), |account| self.keys.of_account(account));
        let limit = page_size(filter.limit, MAX_LISTED);
        // One more than requested shows whether there are older ones.
        let wanted_count = limit as usize + 1;
        let mut below = filter.before.map_or_else(|| "+".to_owned(), |id| format!("({id}"));
        let mut jobs = Vec::new();
        while jobs.len() < wanted_count {
            let mut command = redis::cmd("ZREVRANGEBYLEX");
            command.arg(&index).arg(&below).arg("-").arg("LIMIT").arg(0).arg(CHUNK);
            let ids: Vec<String> = self.server.command("cannot list jobs", &command).await?;
            let Some(last) = ids.last() else { break };
            below = format!("({last}");
            let known = self.known(account, &index, ids).await?;
            let wanted = known.into_iter().filter(|job| job.is_wanted(filter)).map(|job| job.id);
            let room = wanted_count - jobs.len();
            jobs.extend(self.documents(wanted.take(room)).await?);
        }
        let has_more = cut(&mut jobs, limit);
        Ok(JobPage { jobs, has_more })
    }

    /// Each job that exists and belongs to the account. Expired ones are removed from the index.
    async fn known(&self, account: Option<&AccountId>, index: &str, ids: Vec<String>) -> Result<Vec<Known>> {
        let ids: Vec<JobId> = ids.iter().filter_map(|text| text.parse().ok()).collect();
        let mut pipeline = Pipeline::new();
        for id in &ids {
            pipeline.cmd("HMGET").arg(self.keys.job(*id)).arg(&["account", "state", "kind"]);
        }
        let found: Vec<(Option<String>, Option<String>, Option<String>)> =
            self.server.pipeline("cannot list jobs", &pipeline).await?;
        let mut known = Vec::new();
        let mut gone = Vec::new();
        for (id, (owner, state, kind)) in ids.into_iter().zip(found) {
            let Some((owner, state)) = owner.zip(state) else {
                // If it has not expired, it is being created right now, or its process was killed
                // in between.
                if self.has_expired(id) {
                    gone.push(id.to_string());
                }
                continue;
            };
            if account.is_none_or(|account| account.as_str() == owner) {
                known.push(Known { id, state, kind });
            }
        }
        if !gone.is_empty() {
            let mut command = redis::cmd("ZREM");
            command.arg(index).arg(gone);
            self.server.command::<()>("cannot clean the list of jobs", &command).await?;
        }
        Ok(known)
    }

    /// Those of the jobs that exist.
    pub(super) async fn documents(&self, ids: impl Iterator<Item = JobId>) -> Result<Vec<Job>> {
        let mut pipeline = Pipeline::new();
        for id in ids {
            pipeline.cmd("HGETALL").arg(self.keys.job(id));
        }
        if pipeline.is_empty() {
            return Ok(Vec::new());
        }
        let found: Vec<HashMap<String, String>> = self.server.pipeline("cannot read jobs", &pipeline).await?;
        found.into_iter().filter_map(|fields| document::job(fields).transpose()).collect()
    }

    /// Whether a missing job was deleted because it ended long ago, rather than being created right
    /// now.
    fn has_expired(&self, id: JobId) -> bool {
        let Some(kept) = self.finished_jobs else { return false };
        let kept = i64::try_from(kept.as_secs()).unwrap_or(i64::MAX);
        id.made_at().as_second().saturating_add(kept) < self.clock.now().as_second()
    }

    /// Counts the jobs that have not ended.
    pub(super) async fn count(&self) -> Result<JobCounts> {
        let mut counts: BTreeMap<(&str, Option<Vendor>), (JobState, u64)> = BTreeMap::new();
        let mut oldest_queued: Option<Timestamp> = None;
        let ids = self.unfinished().await?;
        for chunk in ids.chunks(CHUNK) {
            let mut pipeline = Pipeline::new();
            for id in chunk {
                let fields = ["state", "phase", "vendor", "updated_at"];
                pipeline.cmd("HMGET").arg(self.keys.job(*id)).arg(&fields);
            }
            let found: Vec<ListedFields> = self.server.pipeline("cannot count jobs", &pipeline).await?;
            for (state, phase, vendor, updated_at) in found {
                let state = state.as_deref().and_then(JobState::from_word).filter(|state| !state.is_final());
                let Some(state) = state else { continue };
                let vendor = vendor.and_then(|word| word.parse().ok());
                counts.entry((state.as_str(), vendor)).or_insert((state, 0)).1 += 1;
                if state == JobState::Queued && phase.as_deref() != Some(Phase::Uploading.as_str()) {
                    let at = updated_at.and_then(|text| text.parse().ok());
                    oldest_queued = [oldest_queued, at].into_iter().flatten().min();
                }
            }
        }
        let jobs = counts.into_iter().map(|((_, vendor), (state, count))| (state, vendor, count)).collect();
        Ok(JobCounts { jobs, oldest_queued })
    }
}

/// A job in an index.
struct Known {
    id: JobId,
    state: String,
    /// Absent in jobs stored by an earlier version, which had only imports.
    kind: Option<String>,
}

impl Known {
    fn is_wanted(&self, filter: &JobFilter) -> bool {
        let kind = self.kind.as_deref().unwrap_or(JobKind::Import.as_str());
        filter.state.is_none_or(|state| state.as_str() == self.state)
            && filter.kind.is_none_or(|wanted| wanted.as_str() == kind)
    }
}
