//! The names of keys. All keys of one script share a hash tag (the part in braces), and so a
//! cluster slot.

use rethread_model::{AccountId, EventId, JobId};

/// Builds the names, with the prefix of this deployment.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    /// The hash of a job: its document, and its volatile parts in separate fields.
    pub(super) fn job(&self, id: JobId) -> String {
        format!("{}:{{{id}}}:job", self.prefix)
    }

    /// All keys of a job, in the order that scripts expect.
    pub(super) fn all(&self, id: JobId) -> [String; 6] {
        let of = |what: &str| format!("{}:{{{id}}}:{what}", self.prefix);
        [self.job(id), of("slices"), of("specs"), of("reports"), of("pending"), of("open")]
    }

    /// The ids of an account's jobs, in order. May include jobs that do not exist any more, or not
    /// yet.
    pub(super) fn of_account(&self, account: &AccountId) -> String {
        format!("{}:{{{account}}}:jobs", self.prefix)
    }

    /// The same for all accounts.
    pub(super) fn of_all(&self) -> String {
        format!("{}:jobs", self.prefix)
    }

    /// The ids of jobs that have not ended, by creation time. May include others.
    pub(super) fn unfinished(&self) -> String {
        format!("{}:unfinished", self.prefix)
    }

    /// The ids of events to deliver, by the time they happened. May include some that never
    /// happened.
    pub(super) fn events(&self) -> String {
        format!("{}:events", self.prefix)
    }

    /// The hash of an event: its job, where it was delivered, and whether delivery is complete.
    pub(super) fn event(&self, id: EventId) -> String {
        format!("{}:{{{id}}}:event", self.prefix)
    }

    /// The stream of changes of all jobs.
    pub(super) fn changes(&self) -> String {
        format!("{}:changes", self.prefix)
    }
}
