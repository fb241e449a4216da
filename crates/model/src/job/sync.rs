//! An import whose comments come in batches from the site itself.
//!
//! There is no file and no plan: each batch is a slice, and only the site knows how many there will
//! be. So such a job is `running` and `importing` from the start, until the site reports that
//! nothing is left.

use serde::{Deserialize, Serialize};

use super::{Change, FileFacts, Job, JobState, NewJob, TimelineEvent};
use crate::{Digest, JobSpec, Phase, SiteId, Timestamp};

/// The state of an import from a linked site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteSync {
    /// The site.
    pub site: SiteId,
    /// Its address as the site reports it; for people.
    pub domain: String,
    /// The total number of comments, as the site reported it with its first batch, including that
    /// batch; `None` before it.
    #[serde(default)]
    pub announced: Option<u64>,
    /// The number of comments left after the last batch, as the site reported it; `None` before the
    /// first.
    pub remaining: Option<u64>,
    /// When the site was last heard from.
    pub heard_at: Timestamp,
    /// Whether the site has sent everything.
    pub complete: bool,
    /// The last batch: the site repeats a batch whose answer it did not get.
    pub last_batch: Option<Digest>,
}

impl SiteSync {
    /// Number of slices read concurrently: each depends on the results of the one before.
    pub const WINDOW: u32 = 1;

    /// A sync that has received nothing yet.
    #[must_use]
    pub const fn new(site: SiteId, domain: String, now: Timestamp) -> Self {
        Self { site, domain, announced: None, remaining: None, heard_at: now, complete: false, last_batch: None }
    }
}

impl Job {
    /// An import from a linked site. `new` must request an import; `facts` name the site.
    #[must_use]
    pub fn sync(new: NewJob, facts: FileFacts, sync: SiteSync, now: Timestamp) -> Self {
        debug_assert!(matches!(new.spec, JobSpec::Import(_)), "only an import has batches");
        Self {
            state: JobState::Running,
            phase: Phase::Importing,
            facts: Some(facts),
            sync: Some(Box::new(sync)),
            ..Self::new(new, now)
        }
    }

    /// Whether the site may send more, so that the job does not end when everything received was
    /// read.
    #[must_use]
    pub fn takes_batches(&self) -> bool {
        let is_importing = self.state == JobState::Running && self.phase == Phase::Importing;
        is_importing && !self.stopping && self.sync.as_ref().is_some_and(|sync| !sync.complete)
    }

    /// How many comments are missing from an ended sync, compared with the number that the site
    /// first reported, if `read` were read. The plugin never resends comments that it failed to
    /// send, and still reports that nothing is left.
    #[must_use]
    pub fn lacks_of_announced(&self, read: i64) -> u64 {
        let sync = self.sync.as_ref().filter(|sync| sync.complete && !self.stopping);
        let announced = sync.and_then(|sync| sync.announced).unwrap_or(0);
        announced.saturating_sub(u64::try_from(read).unwrap_or(0))
    }

    /// Applies a change from the site; `false` if the job does not accept it.
    pub(super) fn apply_batch_change(&mut self, change: &Change, now: Timestamp) -> bool {
        if !self.takes_batches() {
            return false;
        }
        let Some(sync) = &mut self.sync else { return false };
        sync.heard_at = now;
        match change {
            Change::BatchReceived { sha256, bytes, comments, remaining } => {
                sync.announced.get_or_insert(comments.saturating_add(*remaining));
                sync.remaining = Some(*remaining);
                sync.last_batch = Some(*sha256);
                self.progress.slices_total += 1;
                self.progress.bytes_total += bytes;
                self.progress.bytes_stored += bytes;
            }
            Change::AllSent => {
                sync.complete = true;
                sync.remaining = Some(0);
                self.note(now, TimelineEvent::AllSent, "the site has sent everything".to_owned());
            }
            _ => return false,
        }
        true
    }

    /// Drops a batch whose gateway died before the slice was stored. The site sent it again, and
    /// nothing of the first copy was read.
    pub(super) fn settle_batches(&mut self) {
        if self.sync.is_some() && !self.stopping {
            self.progress.slices_total = self.progress.slices_done;
            self.progress.bytes_total = self.progress.bytes_read;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImportOptions, JobError, JobId, Origin, Vendor};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn sync() -> Job {
        let new = NewJob {
            id: JobId::new(at(0), &[7; 10]),
            account: "a".parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: None,
            spec: ImportOptions::default().into(),
        };
        let facts = FileFacts::of_site(Vendor::WordPress, Origin::new("blog.example"), "its plugin".to_owned());
        let site = SiteId::new(at(0), &[8; 10]);
        Job::sync(new, facts, SiteSync::new(site, "https://blog.example".to_owned(), at(0)), at(0))
    }

    fn batch(remaining: u64) -> Change {
        Change::BatchReceived { sha256: Digest::of(b"batch"), bytes: 10, comments: 3, remaining }
    }

    #[test]
    fn what_the_first_batch_announces_is_to_come() {
        let job = sync().after(batch(5), at(1)).unwrap().after(batch(9), at(2)).unwrap();
        assert_eq!(job.sync.as_ref().unwrap().announced, Some(8), "new ones that come meanwhile were not announced");
        assert_eq!(job.lacks_of_announced(6), 0, "more may come");
        let sent = job.after(Change::AllSent, at(3)).unwrap();
        assert_eq!([6, 8, 20].map(|read| sent.lacks_of_announced(read)), [2, 0, 0]);
        let cancelled = job.after(Change::CancelRequested, at(3)).unwrap();
        assert_eq!(cancelled.lacks_of_announced(6), 0);
        let nothing = sync().after(Change::AllSent, at(1)).unwrap();
        assert_eq!(nothing.lacks_of_announced(0), 0);
    }

    #[test]
    fn batches_become_slices_until_the_site_has_sent_all() {
        let job = sync().after(batch(5), at(1)).unwrap().after(batch(0), at(2)).unwrap();
        assert_eq!((job.progress.slices_total, job.progress.bytes_total), (2, 20));
        assert_eq!(job.sync.as_ref().unwrap().remaining, Some(0));
        job.after(Change::FinishStarted, at(3)).unwrap_err();
        let sent = job.after(Change::AllSent, at(3)).unwrap();
        sent.after(batch(0), at(4)).unwrap_err();
        sent.after(Change::AllSent, at(4)).unwrap_err();
        let finishing = sent.after(Change::FinishStarted, at(5)).unwrap();
        assert_eq!(finishing.progress.slices_total, 0, "nothing was read of them");
        assert_eq!(finishing.state, JobState::Running);
    }

    #[test]
    fn a_sync_that_is_to_end_takes_no_more() {
        let error = JobError { code: "sync_silent".to_owned(), message: "…".to_owned(), offset: None };
        for end in [Change::CancelRequested, Change::Fault(error)] {
            let job = sync().after(batch(5), at(1)).unwrap().after(end, at(2)).unwrap();
            job.after(batch(4), at(3)).unwrap_err();
            let finishing = job.after(Change::FinishStarted, at(4)).unwrap();
            assert_eq!(finishing.progress.slices_total, 1, "what was not read is told");
        }
    }

    #[test]
    fn no_other_job_takes_batches() {
        let job = Job { sync: None, ..sync() };
        job.after(batch(5), at(1)).unwrap_err();
        job.after(Change::AllSent, at(1)).unwrap_err();
    }
}
