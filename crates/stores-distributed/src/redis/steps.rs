//! Slices and reports.

use rethread_model::{AccountId, JobId, SliceNumber, SliceSpec, Step, Tally};
use rethread_stores::stored_value::{json, of_json, unreadable};
use rethread_stores::{Error, ErrorKind, Result, SliceProgress, SliceStart, StepReport};
use serde::{Deserialize, Serialize};

use super::answer::ScriptAnswer;
use super::document::differences;
use super::{RedisJobs, nonce, scripts};

/// The number of slices stored at a time.
const CHUNK: usize = 500;

/// The last report of a step, in its stored form.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct LastReport {
    bytes_read: u64,
    tally: Tally,
    ended: bool,
    #[serde(default)]
    complete: bool,
}

impl LastReport {
    fn of(report: &StepReport) -> Self {
        let StepReport { bytes_read, ended, complete, .. } = *report;
        Self { bytes_read, tally: report.tally.clone(), ended, complete }
    }

    /// Parses the stored report; an empty one before the first report.
    fn read(stored: Option<&str>) -> Result<Self> {
        Ok(stored.map(|text| of_json("report", text)).transpose()?.unwrap_or_default())
    }
}

impl RedisJobs {
    pub(super) async fn store_slices(&self, account: &AccountId, id: JobId, slices: &[SliceSpec]) -> Result<()> {
        // Even without slices, the call must fail if the job does not exist.
        for chunk in slices.chunks(CHUNK).chain(slices.is_empty().then_some(slices)) {
            let mut invocation = scripts::ADD_SLICES.prepare_invoke();
            invocation.key(&self.keys.all(id)[..]).arg(account.as_str());
            for slice in chunk {
                invocation.arg(slice.number.0).arg(json(slice)?);
            }
            self.server.script("cannot store slices", &invocation).await?.expected(account, id)?;
        }
        Ok(())
    }

    pub(super) async fn open_window(&self, account: &AccountId, id: JobId, window: u32) -> Result<Vec<SliceNumber>> {
        let mut invocation = scripts::OPEN_SLICES.prepare_invoke();
        invocation.key(&self.keys.all(id)[..]).arg(account.as_str());
        invocation.arg(nonce()?).arg(window).arg(self.now());
        let answer = self.server.script("cannot open slices", &invocation).await?.expected(account, id)?;
        let numbers = answer.first().ok_or_else(|| unreadable("answer"))?;
        numbers
            .split_whitespace()
            .map(|number| number.parse().map(SliceNumber).map_err(|_| unreadable("slice")))
            .collect()
    }

    pub(super) async fn begin(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<SliceStart> {
        let mut invocation = scripts::BEGIN_SLICE.prepare_invoke();
        invocation.key(&self.keys.all(id)[..]).arg(account.as_str());
        invocation.arg(nonce()?).arg(number.0).arg(self.now());
        let answer = self.server.script("cannot begin a slice", &invocation).await?;
        match &answer.of_slice(account, id, number)?[..] {
            [spec, attempts, is_ended, idle_ms, report] => Ok(SliceStart {
                spec: of_json("slice", spec)?,
                attempts: attempts.parse().map_err(|_| unreadable("number"))?,
                is_ended: is_ended == "1",
                reported_bytes: LastReport::read(Some(report.as_str()).filter(|text| !text.is_empty()))?.bytes_read,
                idle_ms: idle_ms.parse().map_err(|_| unreadable("number"))?,
            }),
            _ => Err(unreadable("answer")),
        }
    }

    pub(super) async fn release(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<()> {
        let mut invocation = scripts::RELEASE_SLICE.prepare_invoke();
        invocation.key(&self.keys.all(id)[..]).arg(account.as_str()).arg(nonce()?).arg(number.0);
        self.server.script("cannot release a slice", &invocation).await?.expected(account, id).map(drop)
    }

    /// Stores a report, unless it is behind the last one. Starts again if another report of the
    /// same step was stored in between.
    pub(super) async fn store_report(
        &self,
        account: &AccountId,
        id: JobId,
        step: Step,
        report: &StepReport,
    ) -> Result<SliceProgress> {
        loop {
            let stored = self.last_report(id, step).await?;
            let last = LastReport::read(stored.as_deref())?;
            if report.is_behind(last.bytes_read, last.ended) {
                return self.progress_of(account, id).await;
            }
            let answer = self.try_report(account, id, step, report, (stored.unwrap_or_default(), last)).await?;
            if let Some(slice_progress) = answer {
                return Ok(slice_progress);
            }
        }
    }

    async fn last_report(&self, id: JobId, step: Step) -> Result<Option<String>> {
        let mut command = redis::cmd("HGET");
        command.arg(&self.keys.all(id)[3]).arg(step.to_number());
        self.server.command("cannot read a report", &command).await
    }

    /// The slices of a job, read in portions. None is added or removed meanwhile.
    pub(super) async fn all_slices(&self, account: &AccountId, id: JobId) -> Result<Vec<SliceSpec>> {
        let mut command = redis::cmd("HKEYS");
        command.arg(&self.keys.all(id)[2]);
        let mut numbers: Vec<u32> = self.server.command("cannot read slices", &command).await?;
        numbers.sort_unstable();
        let mut slices = Vec::with_capacity(numbers.len());
        for some in numbers.chunks(CHUNK) {
            let mut invocation = scripts::SPECS.prepare_invoke();
            invocation.key(&self.keys.all(id)[..]).arg(account.as_str()).arg(some);
            let specs = self.server.script("cannot read slices", &invocation).await?.expected(account, id)?;
            for spec in &specs {
                slices.push(of_json("slice", spec)?);
            }
        }
        Ok(slices)
    }

    /// See [`rethread_stores::SliceStore::reopen_slice`]. Starts again if a report was stored in
    /// between.
    pub(super) async fn reopen(
        &self,
        account: &AccountId,
        id: JobId,
        number: SliceNumber,
        report: &StepReport,
    ) -> Result<SliceProgress> {
        loop {
            let stored = self.last_report(id, Step::Slice(number)).await?.unwrap_or_default();
            let last = LastReport::read(Some(stored.as_str()).filter(|text| !text.is_empty()))?;
            let new = LastReport::of(report);
            let bytes = i128::from(new.bytes_read) - i128::from(last.bytes_read);
            let now = self.clock.now();
            let mut invocation = scripts::REOPEN_SLICE.prepare_invoke();
            invocation.key(&self.keys.all(id)[..]).arg(account.as_str()).arg(number.0).arg(stored).arg(json(&new)?);
            invocation.arg(u8::from(last.complete)).arg(now.as_millisecond()).arg(now.to_string());
            invocation.arg(bytes.to_string()).arg(report.pass.as_str());
            for (field, difference) in differences(&last.tally, &new.tally)? {
                invocation.arg(field).arg(difference);
            }
            let answer = self.server.script("cannot reopen a slice", &invocation).await?;
            if answer.words().first() == Some(&"no slice") {
                return Err(Error::new(ErrorKind::NotFound, format!("job {id} has no slice {number}")));
            }
            if !answer.is_conflict() {
                return self.progress_and_wake(answer, account, id).await;
            }
        }
    }

    /// Returns `None` when the last report has changed in between.
    async fn try_report(
        &self,
        account: &AccountId,
        id: JobId,
        step: Step,
        report: &StepReport,
        (stored, last): (String, LastReport),
    ) -> Result<Option<SliceProgress>> {
        let new = LastReport::of(report);
        let flag = |value: bool| u8::from(value);
        let bytes = i128::from(new.bytes_read) - i128::from(last.bytes_read);
        let now = self.clock.now();
        let mut invocation = scripts::REPORT.prepare_invoke();
        invocation.key(&self.keys.all(id)[..]).arg(account.as_str());
        invocation.arg(step.to_number()).arg(stored).arg(json(&new)?).arg(flag(new != last));
        invocation.arg(flag(matches!(step, Step::Slice(_)))).arg(flag(new.bytes_read > last.bytes_read));
        invocation.arg(flag(report.ended)).arg(flag(report.complete));
        invocation.arg(now.as_millisecond()).arg(now.to_string()).arg(bytes.to_string()).arg(report.pass.as_str());
        for (field, difference) in differences(&last.tally, &new.tally)? {
            invocation.arg(field).arg(difference);
        }
        let answer = self.server.script("cannot store a report", &invocation).await?;
        if answer.is_conflict() {
            return Ok(None);
        }
        self.progress_and_wake(answer, account, id).await.map(Some)
    }

    pub(super) async fn progress_of(&self, account: &AccountId, id: JobId) -> Result<SliceProgress> {
        let mut invocation = scripts::SLICE_PROGRESS.prepare_invoke();
        invocation.key(&self.keys.all(id)[..]).arg(account.as_str());
        let answer = self.server.script("cannot read a job", &invocation).await?;
        self.progress_and_wake(answer, account, id).await
    }

    /// Reads the job's progress, and wakes those waiting for the job if it has changed.
    pub(super) async fn progress_and_wake(
        &self,
        answer: ScriptAnswer,
        account: &AccountId,
        id: JobId,
    ) -> Result<SliceProgress> {
        match &answer.expected(account, id)?[..] {
            [stopping, open, pending, has_changed] => {
                if has_changed == "1" {
                    self.announce_change(id).await;
                }
                let number = |text: &String| text.parse().map_err(|_| unreadable("number"));
                Ok(SliceProgress { stopping: stopping == "1", open: number(open)?, pending: number(pending)? })
            }
            _ => Err(unreadable("answer")),
        }
    }
}
