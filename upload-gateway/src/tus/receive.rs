//! Receives the piece of a file that one request carries.

use axum::body::BodyDataStream;
use http::StatusCode;
use rethread_model::{Task, TaskKind, Timestamp};
use rethread_runtime::METRICS;
use rethread_stores::{BlobKey, BlobPrefix, ErrorKind, ResumableWriter};

use super::checksum::Checksum;
use super::lease::Lease;
use super::upload::length;
use crate::extract::request_body::next_chunk;
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::uploads::AbortUpload;

/// A piece of a file, as announced.
pub(super) struct Piece<'b> {
    /// Its offset in the file; `None` if unknown, which matches any offset.
    pub(super) offset: Option<u64>,
    pub(super) checksum: Option<Checksum>,
    pub(super) body: &'b mut BodyDataStream,
}

/// The progress of the upload afterwards.
pub(super) struct Received {
    pub(super) offset: u64,
    /// When the upload will be abandoned; `None` once the file is complete.
    pub(super) expires_at: Option<Timestamp>,
}

/// Receives a piece. Received bytes are kept, however the request ends, unless the piece has a
/// checksum: then it is kept completely or not at all.
pub(super) async fn receive(gateway: &Gateway, claim: Lease, piece: Piece<'_>) -> Result<Received, Problem> {
    let start = claim.job().progress.bytes_stored;
    Reception { gateway, claim, start }.run(piece).await
}

struct Reception<'g> {
    gateway: &'g Gateway,
    claim: Lease,
    /// Size of the upload before this request.
    start: u64,
}

/// Why receiving stopped.
enum Stop {
    /// The request ended; what was written is valid.
    Ended(Problem),
    /// What was written may belong to another request by now, or is not known to be valid.
    Failed(Problem),
}

impl Reception<'_> {
    async fn run(mut self, mut piece: Piece<'_>) -> Result<Received, Problem> {
        let mut writer = match self.open(&mut piece).await {
            Ok(writer) => writer,
            Err(problem) => return Err(self.give_up(problem).await),
        };
        let taken = self.take_in(&mut *writer, &mut piece).await;
        let checked = piece.checksum.map(Checksum::check);
        match (taken, checked) {
            (Ok(()), None | Some(Ok(()))) => self.keep(writer).await,
            // Interrupted without a checksum: keep what arrived, and still report the problem.
            (Err(Stop::Ended(problem)), None) => {
                self.keep(writer).await?;
                Err(problem)
            }
            (Ok(()), Some(Err(problem))) | (Err(Stop::Ended(problem)), Some(_)) | (Err(Stop::Failed(problem)), _) => {
                drop(writer);
                Err(self.give_up(problem).await)
            }
        }
    }

    async fn open(&mut self, piece: &mut Piece<'_>) -> Result<Box<dyn ResumableWriter>, Problem> {
        let job = self.claim.job();
        let key = BlobKey::Upload(job.account.clone(), job.id);
        let gateway = self.gateway;
        let opening = gateway.backends.blobs.resume(&key);
        let mut writer = self.claim.beside(self.start, opening).await??;
        self.start = writer.offset();
        if let Some(offset) = piece.offset.filter(|offset| *offset != self.start) {
            let detail =
                format!("the upload has {} bytes, so the next ones are not those from byte {offset} on", self.start);
            return Err(Problem::new(StatusCode::CONFLICT, "upload-offset", detail));
        }
        // Hold the piece back until its checksum is verified.
        if piece.checksum.is_some() && self.start < length(self.claim.job()) {
            self.claim.beside(self.start, writer.all_or_nothing()).await??;
        }
        Ok(writer)
    }

    async fn take_in(&mut self, writer: &mut dyn ResumableWriter, piece: &mut Piece<'_>) -> Result<(), Stop> {
        let gateway = self.gateway;
        let soft = gateway.lifecycle.soft();
        let length = length(self.claim.job());
        loop {
            let next = tokio::select! {
                biased;
                () = soft.cancelled() => {
                    return Err(Stop::Ended(Problem::unavailable("this server is being stopped; go on with the upload")));
                }
                next = next_chunk(piece.body, gateway.body_idle_timeout) => next.map_err(Stop::Ended)?,
                said = self.claim.news(writer.offset()) => {
                    said.map_err(Stop::Failed)?;
                    continue;
                }
            };
            let Some(bytes) = next else { return Ok(()) };
            let (offset, received) = (writer.offset(), bytes.len() as u64);
            if received > length - offset.min(length) {
                return Err(Stop::Ended(too_long(length)));
            }
            if let Some(checksum) = &mut piece.checksum {
                checksum.update(&bytes);
            }
            METRICS.upload_bytes.add(&[], received);
            let written = self.claim.beside(offset, writer.write(bytes)).await.map_err(Stop::Failed)?;
            if let Err(error) = written {
                return Err(Stop::Failed(self.not_stored(error).await));
            }
        }
    }

    /// A store that has lost data will not recover it: the job ends.
    async fn not_stored(&self, error: rethread_stores::Error) -> Problem {
        if error.kind() != ErrorKind::NotFound {
            return error.into();
        }
        tracing::warn!(job.id = %self.claim.job().id, error = &error as &dyn std::error::Error,
            "the beginning of an upload is no longer stored");
        METRICS.uploads.add(&["broken"], 1);
        let job = self.claim.job();
        let (account, trace) = (job.account.clone(), job.trace.clone());
        let reason = "its beginning is no longer stored".to_owned();
        let wreck = AbortUpload { gateway: self.gateway.clone(), account, job: job.id, trace, reason };
        wreck.clear(None).await;
        Problem::new(StatusCode::GONE, "upload-gone", "the beginning of the file is no longer stored; start over")
    }

    /// Persists what was received, and hands the file over if it is complete.
    async fn keep(mut self, writer: Box<dyn ResumableWriter>) -> Result<Received, Problem> {
        let offset = writer.offset();
        let is_whole = offset == length(self.claim.job());
        let kept = if is_whole { writer.finish() } else { writer.suspend() };
        let kept = match self.claim.beside(offset, kept).await {
            Ok(Ok(kept)) => kept,
            Ok(Err(error)) => {
                let problem = self.not_stored(error).await;
                return Err(self.give_up(problem).await);
            }
            Err(problem) => return Err(self.give_up(problem).await),
        };
        if !is_whole {
            if let Err(problem) = self.claim.pause(kept).await {
                return Err(self.give_up(problem).await);
            }
            return Ok(Received { offset: kept, expires_at: Some(self.claim.expires_at()) });
        }
        match self.claim.finish(kept).await {
            Ok(job) => {
                METRICS.uploads.add(&["received"], 1);
                self.gateway.publish(Task::of(&job, TaskKind::Plan)).await;
                Ok(Received { offset: kept, expires_at: None })
            }
            Err(problem) => Err(self.give_up(problem).await),
        }
    }

    /// Restores the upload to its state before this request. If the upload was deleted meanwhile,
    /// this request may have written after the deletion, so it deletes it again.
    async fn give_up(&mut self, mut problem: Problem) -> Problem {
        if problem.status() != StatusCode::GONE
            && let Err(lost) = self.claim.pause(self.start).await
        {
            problem = lost;
        }
        if problem.status() == StatusCode::GONE {
            let job = self.claim.job();
            if let Err(error) = self.gateway.backends.blobs.delete_job(BlobPrefix::Uploads, &job.account, job.id).await
            {
                tracing::warn!(job.id = %job.id, error = &error as &dyn std::error::Error,
                    "an upload could not be deleted at once; the janitor will do it");
            }
        }
        problem
    }
}

fn too_long(length: u64) -> Problem {
    let detail = format!("more arrived than the {length} bytes that the file was announced to have");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large", detail)
}
