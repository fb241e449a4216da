//! Where code runs that blocks: reading and parsing files. A seam, because threads run when they like: the simulation has
//! threads of its own, which run one at a time and always in the same order.

use std::fmt::Debug;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread;

use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Something that blocks.
pub type Work = Box<dyn FnOnce() + Send>;

/// Starts threads.
pub trait Threads: Debug + Send + Sync {
    /// A thread that waits for work. Called within the runtime.
    fn start(&self, name: &str) -> io::Result<Box<dyn WorkThread>>;
}

/// A thread that does one work after the other. It ends when this value is dropped and its last work is done.
pub trait WorkThread: Debug + Send + Sync {
    /// Does `work` after what it was given before. A panic ends that work alone.
    fn begin(&self, work: Work);

    /// What its work waits with.
    fn waiter(&self) -> Waiter;
}

/// Waits on a thread for what is async.
pub trait Wait: Debug + Send + Sync {
    /// Returns when `future` is done, or was dropped because nobody needs the thread's work any more.
    fn wait(&self, future: BoxFuture<'static, ()>);
}

/// See [`Wait`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Waiter(Arc<dyn Wait>);

impl Waiter {
    /// One that waits like this.
    pub fn new(wait: impl Wait + 'static) -> Self {
        Self(Arc::new(wait))
    }

    /// What `future` gives. Fails when it was dropped.
    pub(crate) fn on<T>(&self, future: impl Future<Output = T> + Send + 'static) -> io::Result<T>
    where
        T: Send + 'static,
    {
        let (give, mut given) = oneshot::channel();
        self.0.wait(Box::pin(async move {
            // Refused by nobody: the other half is below.
            let _ = give.send(future.await);
        }));
        given.try_recv().map_err(|_| io::Error::other("the worker stops reading"))
    }
}

/// Does `work` on a thread; `None` after a panic.
pub(crate) async fn done_on<T>(thread: &dyn WorkThread, work: impl FnOnce() -> T + Send + 'static) -> Option<T>
where
    T: Send + 'static,
{
    let (give, given) = oneshot::channel();
    thread.begin(Box::new(move || {
        // Refused when nobody waits for it any more.
        let _ = give.send(work());
    }));
    given.await.ok()
}

/// Threads of the system. A slot has one for itself, with a buffer of its own: memory that is taken and given back on ever
/// other threads of a pool is kept by each of them (177 MB resident instead of 71 MB after 1 GB, measured with glibc's
/// allocator).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemThreads;

impl Threads for SystemThreads {
    fn start(&self, name: &str) -> io::Result<Box<dyn WorkThread>> {
        let (works, waiting) = mpsc::channel::<Work>();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            while let Ok(work) = waiting.recv() {
                // A panic is told by what the work leaves undone; the thread is needed for the next one.
                let _ = catch_unwind(AssertUnwindSafe(work));
            }
        })?;
        Ok(Box::new(SystemThread { works, runtime: Handle::current() }))
    }
}

#[derive(Debug)]
struct SystemThread {
    works: mpsc::Sender<Work>,
    runtime: Handle,
}

impl WorkThread for SystemThread {
    fn begin(&self, work: Work) {
        // Refused only when the thread is gone; the work is then dropped undone, as after a panic.
        let _ = self.works.send(work);
    }

    fn waiter(&self) -> Waiter {
        Waiter::new(OnRuntime(self.runtime.clone()))
    }
}

#[derive(Debug)]
struct OnRuntime(Handle);

impl Wait for OnRuntime {
    fn wait(&self, future: BoxFuture<'static, ()>) {
        self.0.block_on(future);
    }
}
