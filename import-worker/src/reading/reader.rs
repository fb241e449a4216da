//! What a slot reads with.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::batches::{Portions, ReadError, Reading};
use super::threads::{Threads, Waiter, WorkThread, done_on};

/// The thread of a slot, and a buffer for the bytes of slices that is reused between them.
#[derive(Debug)]
pub(crate) struct Reader {
    thread: Box<dyn WorkThread>,
    buffer: Arc<Mutex<Vec<u8>>>,
}

impl Reader {
    /// Starts the thread.
    pub(crate) fn start(threads: &dyn Threads, slot: usize) -> io::Result<Self> {
        Ok(Self { thread: threads.start(&format!("reader-{slot}"))?, buffer: Arc::default() })
    }

    /// The waiter on which reads block for the blob store.
    pub(crate) fn waiter(&self) -> Waiter {
        self.thread.waiter()
    }

    /// Runs blocking work; `None` after a panic.
    pub(crate) async fn done<T>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T>
    where
        T: Send + 'static,
    {
        done_on(&*self.thread, work).await
    }

    /// Starts reading a slice. The batches end early if the reading panics.
    pub(crate) fn read(&self, reading: Reading) -> mpsc::Receiver<Result<Portions, ReadError>> {
        let (batches, portions) = mpsc::channel(1);
        let (buffer, waiter) = (Arc::clone(&self.buffer), self.waiter());
        self.thread.begin(Box::new(move || reading.run(&mut buffer.lock(), &waiter, &batches)));
        portions
    }
}
