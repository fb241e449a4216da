//! An upload in several requests.

use serde::{Deserialize, Serialize};

use super::{Change, Job, JobState, TimelineEvent};
use crate::{Phase, Timestamp};

/// Present only for a job whose file arrives in several requests; kept after the file is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumable {
    /// The sender's metadata about the file, unchanged.
    pub metadata: Option<String>,
    /// When the upload is abandoned, unless it grows before.
    pub expires_at: Timestamp,
    /// The request that is currently writing.
    pub writer: Option<UploadWriter>,
}

/// A request with exclusive access to an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadWriter {
    /// Random; identifies the request.
    pub name: String,
    /// After this time another request may take over, because the process may have been killed. The
    /// writer extends it while it is active.
    pub until: Timestamp,
}

impl Job {
    /// Whether the complete file was received.
    #[must_use]
    pub fn is_received(&self) -> bool {
        self.timeline.iter().any(|entry| entry.event == TimelineEvent::Uploaded)
    }

    /// The request that is writing the upload at this time.
    #[must_use]
    pub fn upload_writer(&self, now: Timestamp) -> Option<&UploadWriter> {
        self.resumable.as_ref()?.writer.as_ref().filter(|writer| now < writer.until)
    }

    /// Applies a change from a request that writes the upload; `false` if the job does not accept
    /// it.
    pub(super) fn apply_upload_change(&mut self, change: Change, now: Timestamp) -> bool {
        match change {
            Change::UploadTaken(writer) if self.takes_more() && self.upload_writer(now).is_none() => {
                if let Some(upload) = &mut self.resumable {
                    upload.writer = Some(writer);
                }
            }
            Change::UploadGoesOn { writer, bytes, expires_at } if self.takes_more_from(&writer.name) => {
                self.note_upload(bytes, expires_at, Some(writer));
            }
            Change::UploadPaused { writer, bytes, expires_at } if self.takes_more_from(&writer) => {
                self.note_upload(bytes, expires_at, None);
            }
            Change::UploadFinished { writer, bytes } if self.takes_more_from(&writer) => {
                self.note_upload(bytes, now, None);
                self.receive(now, bytes);
            }
            _ => return false,
        }
        true
    }

    /// Records that the file is complete.
    pub(super) fn receive(&mut self, now: Timestamp, bytes: u64) {
        self.phase = Phase::Planning;
        self.progress.bytes_stored = bytes;
        self.note(now, TimelineEvent::Uploaded, format!("file received, {bytes} bytes"));
    }

    /// Whether a resumable upload accepts more data.
    fn takes_more(&self) -> bool {
        let is_uploading = self.state == JobState::Queued && self.phase == Phase::Uploading;
        is_uploading && !self.stopping && self.resumable.is_some()
    }

    /// … from this writer, which must still hold the upload.
    fn takes_more_from(&self, name: &str) -> bool {
        let writer = self.resumable.as_ref().and_then(|upload| upload.writer.as_ref());
        self.takes_more() && writer.is_some_and(|writer| writer.name == name)
    }

    fn note_upload(&mut self, bytes: u64, expires_at: Timestamp, writer: Option<UploadWriter>) {
        self.progress.bytes_stored = bytes;
        if let Some(upload) = &mut self.resumable {
            upload.expires_at = expires_at;
            upload.writer = writer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImportOptions, JobId, NewJob};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn resumable() -> Job {
        let new = NewJob {
            id: JobId::new(at(0), &[7; 10]),
            account: "a".parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: None,
            spec: ImportOptions::default().into(),
        };
        let resumable = Resumable { metadata: None, expires_at: at(100), writer: None };
        Job { announced_bytes: Some(9), resumable: Some(resumable), ..Job::new(new, at(0)) }
    }

    fn writer(name: &str, until: i64) -> UploadWriter {
        UploadWriter { name: name.to_owned(), until: at(until) }
    }

    fn goes_on(name: &str, until: i64, bytes: u64) -> Change {
        Change::UploadGoesOn { writer: writer(name, until), bytes, expires_at: at(200) }
    }

    #[test]
    fn one_request_at_a_time_writes_until_it_pauses_or_is_not_heard_of() {
        let job = resumable().after(Change::UploadTaken(writer("a", 5)), at(1)).unwrap();
        job.after(Change::UploadTaken(writer("b", 9)), at(4)).unwrap_err();
        job.after(goes_on("b", 9, 3), at(4)).unwrap_err();
        let late = job.after(goes_on("a", 12, 3), at(7)).unwrap();
        assert_eq!(late.progress.bytes_stored, 3, "nobody took over in between");

        let taken_over = job.after(Change::UploadTaken(writer("b", 9)), at(5)).unwrap();
        taken_over.after(goes_on("a", 12, 3), at(5)).unwrap_err();
        let pause = |name: &str| Change::UploadPaused { writer: name.to_owned(), bytes: 4, expires_at: at(300) };
        taken_over.after(pause("a"), at(5)).unwrap_err();
        let paused = taken_over.after(pause("b"), at(6)).unwrap();
        assert_eq!(paused.upload_writer(at(6)), None);
        assert_eq!(paused.resumable.as_ref().unwrap().expires_at, at(300));
        paused.after(Change::UploadTaken(writer("c", 9)), at(6)).unwrap();
    }

    #[test]
    fn only_who_writes_hands_the_file_over_and_nobody_writes_after_that() {
        let job = resumable().after(Change::UploadTaken(writer("a", 5)), at(1)).unwrap();
        let finished = |name: &str| Change::UploadFinished { writer: name.to_owned(), bytes: 9 };
        job.after(finished("b"), at(2)).unwrap_err();
        let whole = job.after(finished("a"), at(2)).unwrap();
        assert!(whole.is_received() && whole.phase == Phase::Planning);
        whole.after(Change::UploadTaken(writer("b", 9)), at(7)).unwrap_err();
        let cancelled = job.after(Change::CancelRequested, at(2)).unwrap();
        cancelled.after(goes_on("a", 9, 3), at(3)).unwrap_err();
        cancelled.after(finished("a"), at(3)).unwrap_err();
    }

    #[test]
    fn an_upload_that_comes_in_one_piece_is_not_taken() {
        let plain = Job { resumable: None, ..resumable() };
        plain.after(Change::UploadTaken(writer("a", 5)), at(1)).unwrap_err();
    }
}
