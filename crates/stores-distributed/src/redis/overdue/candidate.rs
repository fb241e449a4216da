//! Jobs that may have something overdue, read many at a time.

use redis::Pipeline;
use rethread_model::{AccountId, JobId, JobState, Phase, Task, TaskKind, TraceParent};
use rethread_stores::rules::needed_tasks::NeededTasks;
use rethread_stores::stored_value::unreadable;
use rethread_stores::{Result, SliceProgress};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as NoPhase, StrDeserializer};

use super::super::RedisJobs;
use super::super::redelivery_state::StoredState;

/// The fields of a job's hash that say what it is and which tasks it needs.
const FIELDS: [&str; 6] = ["account", "trace", "revision", "state", "phase", "stopping"];

/// The values of [`FIELDS`], the job's own redelivery state, the numbers of its open slices, and
/// how many are pending.
type Found = (Fields, StoredState, Vec<u32>, u32);
type Fields = [Option<String>; FIELDS.len()];

/// A job as it was read. The parts were read one after the other, so a script compares them all
/// when it records a publication.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) id: JobId,
    pub(super) account: AccountId,
    trace: Option<TraceParent>,
    pub(super) revision: String,
    state: JobState,
    phase: Phase,
    is_stopping: bool,
    /// The numbers of its open slices, in order.
    pub(super) open: Vec<u32>,
    /// The number of its pending slices.
    pub(super) pending: u32,
}

impl Candidate {
    pub(super) fn needed_tasks(&self) -> NeededTasks {
        let open = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        NeededTasks::of(
            self.state,
            self.phase,
            SliceProgress { stopping: self.is_stopping, open, pending: self.pending },
        )
    }

    pub(super) fn task(&self, kind: TaskKind) -> Task {
        Task { account: self.account.clone(), job: self.id, kind, trace: self.trace.clone() }
    }
}

/// The job with these fields; `None` if only the entries in the indices exist.
fn candidate(id: JobId, fields: Fields, open: Vec<u32>, pending: u32) -> Result<Option<Candidate>> {
    let [Some(account), trace, Some(revision), Some(state), Some(phase), stopping] = fields else { return Ok(None) };
    let phase: StrDeserializer<'_, NoPhase> = phase.as_str().into_deserializer();
    Ok(Some(Candidate {
        id,
        account: account.parse().map_err(|_| unreadable("account"))?,
        trace: trace.and_then(|text| text.parse().ok()),
        revision,
        state: JobState::from_word(&state).ok_or_else(|| unreadable("state"))?,
        phase: Phase::deserialize(phase).map_err(|_| unreadable("phase"))?,
        is_stopping: stopping.as_deref() == Some("1"),
        open,
        pending,
    }))
}

impl RedisJobs {
    /// Reads those of the jobs that exist and have not ended, each with its own redelivery state,
    /// and removes the others from the index.
    pub(super) async fn candidates(&self, ids: &[JobId]) -> Result<Vec<(Candidate, StoredState)>> {
        let mut pipeline = Pipeline::new();
        for id in ids {
            let [job, _, _, _, pending, open] = self.keys.all(*id);
            pipeline.cmd("HMGET").arg(&job).arg(&FIELDS);
            pipeline.cmd("HMGET").arg(&job).arg(&StoredState::FIELDS);
            pipeline.cmd("ZRANGE").arg(&open).arg(0).arg(-1);
            pipeline.cmd("ZCARD").arg(&pending);
        }
        let found: Vec<Found> = self.server.pipeline("cannot look for overdue tasks", &pipeline).await?;
        let (mut candidates, mut ended, mut uncreated) = (Vec::new(), Vec::new(), Vec::new());
        for (id, (fields, redelivery, open, pending)) in ids.iter().copied().zip(found) {
            match candidate(id, fields, open, pending) {
                Ok(Some(candidate)) if candidate.state.is_final() => ended.push(id),
                Ok(Some(candidate)) => candidates.push((candidate, redelivery)),
                Ok(None) => uncreated.push(id),
                // Such as one of a newer version, whose own workers look after it. It must not hold
                // up the others.
                Err(error) => {
                    tracing::warn!(job = %id, %error, "a job cannot be read, its tasks are not published again");
                }
            }
        }
        self.forget_unfinished(&ended).await?;
        self.forget_uncreated(&uncreated).await?;
        Ok(candidates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(state: &str, phase: &str) -> Fields {
        let [account, state, phase] = ["acme", state, phase].map(|text| Some(text.to_owned()));
        [account, None, Some("7".to_owned()), state, phase, Some("0".to_owned())]
    }

    fn read(fields: Fields) -> Result<Option<Candidate>> {
        candidate(JobId::new(rethread_model::Timestamp::UNIX_EPOCH, &[0; 10]), fields, Vec::new(), 0)
    }

    #[test]
    fn a_job_of_an_unknown_kind_is_an_error_of_its_own() {
        let known = read(fields("running", "planning")).unwrap().unwrap();
        assert_eq!(known.needed_tasks(), NeededTasks::One(TaskKind::Plan));
        assert!(read(fields("running", "verifying")).is_err());
        assert!(read(fields("resting", "planning")).is_err());
        assert!(read(Fields::default()).unwrap().is_none());
    }
}
