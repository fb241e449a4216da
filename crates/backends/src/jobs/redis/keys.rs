//! The names of keys. What one script touches shares a hash tag, the part in braces, and so a slot of a cluster.

use rethread_model::{AccountId, EventId, JobId};

/// Makes the names, with the prefix of this deployment.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    /// The hash of a job: its document, and what changes often in fields of their own.
    pub(super) fn job(&self, id: JobId) -> String {
        format!("{}:{{{id}}}:job", self.prefix)
    }

    /// All keys of a job, in the order in which scripts take them.
    pub(super) fn all(&self, id: JobId) -> [String; 6] {
        let of = |what: &str| format!("{}:{{{id}}}:{what}", self.prefix);
        [self.job(id), of("slices"), of("specs"), of("reports"), of("pending"), of("open")]
    }

    /// The ids of an account's jobs, in order. May name jobs that are not there: not any more, or not yet.
    pub(super) fn of_account(&self, account: &AccountId) -> String {
        format!("{}:{{{account}}}:jobs", self.prefix)
    }

    /// The same of all accounts.
    pub(super) fn of_all(&self) -> String {
        format!("{}:jobs", self.prefix)
    }

    /// The ids of jobs that have not ended, by the time of their making. May name others too.
    pub(super) fn unfinished(&self) -> String {
        format!("{}:unfinished", self.prefix)
    }

    /// The ids of events to deliver, by the time when they happened. May name some that never happened.
    pub(super) fn events(&self) -> String {
        format!("{}:events", self.prefix)
    }

    /// The hash of an event: its job, where it was delivered, and whether that is all.
    pub(super) fn event(&self, id: EventId) -> String {
        format!("{}:{{{id}}}:event", self.prefix)
    }

    /// The stream of changes of all jobs.
    pub(super) fn changes(&self) -> String {
        format!("{}:changes", self.prefix)
    }
}
