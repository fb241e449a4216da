//! Writes a snapshot of an account's comments in a file format, chunk by chunk.

use anyhow::Context as _;
use rethread_exports::Writer;
use rethread_model::{ExportFormat, ExportTally, Exported, Timestamp};
use rethread_stores::{ExportDepth, Result, Snapshot};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Size of one write, in bytes.
const PIECE_BYTES: usize = 1 << 18;

/// Receives the bytes of an export in order.
pub trait ExportSink: Send {
    /// Takes the next bytes, about 256 KiB. `tally` already includes them.
    fn write(&mut self, bytes: &[u8], tally: &ExportTally) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Writes a whole snapshot, and returns what was written and what the format could not hold. Memory
/// is bounded whatever the size: the next batch is read while the current one is written. Output of
/// a failed call is not a valid export.
pub async fn write_export<S: ExportSink>(
    snapshot: Box<dyn Snapshot>,
    format: ExportFormat,
    exported_at: Timestamp,
    sink: &mut S,
) -> anyhow::Result<ExportTally> {
    let mut writer = Writer::new(format, exported_at);
    let mut snapshot = snapshot;
    let mut out = Vec::with_capacity(2 * PIECE_BYTES);
    writer.begin(&mut out);
    for pass in 0..writer.passes() {
        let depth = if writer.needs_comments(pass) { ExportDepth::Comments } else { ExportDepth::Threads };
        let (send, mut batches) = mpsc::channel(1);
        // A separate task reads ahead by one batch while this one writes.
        let reading = AbortOnDropHandle::new(tokio::spawn(read(snapshot, depth, send)));
        while let Some(items) = batches.recv().await {
            for item in &items? {
                writer.write(pass, item, &mut out);
            }
            if out.len() >= PIECE_BYTES {
                sink.write(&out, writer.tally()).await?;
                out.clear();
            }
            // When the next batch is always ready and compression keeps the sink from waiting,
            // nothing else would let the heartbeat of the job run.
            tokio::task::yield_now().await;
        }
        snapshot = reading.await.context("the reading of comments ended early")?;
        writer.end_pass(pass, &mut out);
    }
    sink.write(&out, writer.tally()).await?;
    Ok(writer.tally().clone())
}

/// Reads to the end of a pass, or until the receiver is dropped. Returns the snapshot for the
/// next pass.
async fn read(
    mut snapshot: Box<dyn Snapshot>,
    depth: ExportDepth,
    out: mpsc::Sender<Result<Vec<Exported>>>,
) -> Box<dyn Snapshot> {
    snapshot.rewind(depth);
    loop {
        let read = snapshot.next().await;
        let is_last = match &read {
            Ok(items) if items.is_empty() => break,
            Ok(_) => false,
            Err(_) => true,
        };
        if out.send(read).await.is_err() || is_last {
            break;
        }
    }
    snapshot
}
