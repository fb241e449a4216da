//! A snapshot of an account's comments, written in a format, piece by piece.

use anyhow::bail;
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

/// What was read of a snapshot.
enum Read {
    Items(Vec<Exported>),
    EndOfPass,
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
    let passes: Vec<ExportDepth> = (0..writer.passes())
        .map(|pass| if writer.needs_comments(pass) { ExportDepth::Comments } else { ExportDepth::Threads })
        .collect();
    let (send, mut batches) = mpsc::channel(1);
    let _reading = AbortOnDropHandle::new(tokio::spawn(read(snapshot, passes, send)));
    let mut out = Vec::with_capacity(2 * PIECE_BYTES);
    writer.begin(&mut out);
    let mut pass = 0;
    while let Some(read) = batches.recv().await {
        match read? {
            Read::Items(items) => {
                for item in &items {
                    writer.write(pass, item, &mut out);
                }
            }
            Read::EndOfPass => {
                writer.end_pass(pass, &mut out);
                pass += 1;
            }
        }
        if out.len() >= PIECE_BYTES {
            sink.write(&out, writer.tally()).await?;
            out.clear();
        }
    }
    if pass < writer.passes() {
        bail!("the reading of comments ended early");
    }
    sink.write(&out, writer.tally()).await?;
    Ok(writer.tally().clone())
}

/// Reads as many passes, until the end or until nobody takes what was read.
async fn read(mut snapshot: Box<dyn Snapshot>, passes: Vec<ExportDepth>, out: mpsc::Sender<Result<Read>>) {
    for depth in passes {
        snapshot.rewind(depth);
        loop {
            let read = match snapshot.next().await {
                Ok(items) if items.is_empty() => Ok(Read::EndOfPass),
                Ok(items) => Ok(Read::Items(items)),
                Err(error) => Err(error),
            };
            let is_last = !matches!(read, Ok(Read::Items(_)));
            let has_failed = read.is_err();
            if out.send(read).await.is_err() || has_failed {
                return;
            }
            if is_last {
                break;
            }
        }
    }
}
