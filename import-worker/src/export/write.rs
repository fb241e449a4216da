//! A snapshot of an account's comments, written in a format, piece by piece.

use anyhow::Context as _;
use rethread_backends::{ExportDepth, Result, Snapshot};
use rethread_formats::export::Writer;
use rethread_model::{ExportFormat, ExportTally, Exported, Timestamp};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// What is written at once, in bytes.
const PIECE_BYTES: usize = 1 << 18;

/// Takes an export's bytes in their order.
pub trait ExportSink: Send {
    /// Takes the next bytes, some 256 KiB, with which so much is written.
    fn write(&mut self, bytes: &[u8], tally: &ExportTally) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Writes all that a snapshot gives, and tells what was written and what the format could not hold. Memory is bounded
/// whatever the size: while a batch is written, the next one is read. What was written before a failure is no export.
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
        let reading = AbortOnDropHandle::new(tokio::spawn(read(snapshot, depth, send)));
        while let Some(items) = batches.recv().await {
            for item in &items? {
                writer.write(pass, item, &mut out);
            }
            if out.len() >= PIECE_BYTES {
                sink.write(&out, writer.tally()).await?;
                out.clear();
            }
        }
        snapshot = reading.await.context("the reading of comments ended early")?;
        writer.end_pass(pass, &mut out);
    }
    sink.write(&out, writer.tally()).await?;
    Ok(writer.tally().clone())
}

/// Reads to the end of a pass, or until nobody takes what was read. Gives the snapshot back for the next pass.
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
