//! Where blocking code runs: reading and parsing files. This is an abstraction because the
//! operating system schedules threads in any order. The simulation brings threads of its own, which
//! run one at a time and always in the same order.

use std::fmt::Debug;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread;

use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Blocking work.
pub type Work = Box<dyn FnOnce() + Send>;

/// Starts threads.
pub trait Threads: Debug + Send + Sync {
    /// Starts a thread that waits for work. Called within the runtime.
    fn start(&self, name: &str) -> io::Result<Box<dyn WorkThread>>;
}

/// A thread that runs one piece of work after another. It ends when this value is dropped and its
/// last work is done.
pub trait WorkThread: Debug + Send + Sync {
    /// Queues `work` behind earlier work. A panic ends that work alone.
    fn begin(&self, work: Work);

    /// The waiter for work on this thread.
    fn waiter(&self) -> Waiter;
}

/// Blocks a thread on async code.
pub trait Wait: Debug + Send + Sync {
    /// Returns when `future` is done, or was dropped because the thread's work is no longer needed.
    fn wait(&self, future: BoxFuture<'static, ()>);
}

/// See [`Wait`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Waiter(Arc<dyn Wait>);

impl Waiter {
    /// Wraps a [`Wait`] implementation.
    pub fn new(wait: impl Wait + 'static) -> Self {
        Self(Arc::new(wait))
    }

    /// The output of `future`. Fails if the future was dropped.
    pub(crate) fn on<T>(&self, future: impl Future<Output = T> + Send + 'static) -> io::Result<T>
    where
        T: Send + 'static,
    {
        let (give, mut given) = oneshot::channel();
        self.0.wait(Box::pin(async move {
            // Cannot fail: the receiver is below.
            let _ = give.send(future.await);
        }));
        given.try_recv().map_err(|_| io::Error::other("the worker stops reading"))
    }
}

/// Runs `work` on a thread; `None` after a panic.
pub(crate) async fn done_on<T>(thread: &dyn WorkThread, work: impl FnOnce() -> T + Send + 'static) -> Option<T>
where
    T: Send + 'static,
{
    let (give, given) = oneshot::channel();
    thread.begin(Box::new(move || {
        // Fails when the caller no longer waits for the result.
        let _ = give.send(work());
    }));
    given.await.ok()
}

/// System threads. Each slot has its own, with its own buffer: memory allocated and freed on
/// changing threads of a pool is retained by each of them (177 MB resident instead of 71 MB after 1
/// GB, measured with glibc's allocator).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemThreads;

impl Threads for SystemThreads {
    fn start(&self, name: &str) -> io::Result<Box<dyn WorkThread>> {
        let (works, waiting) = mpsc::channel::<Work>();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            while let Ok(work) = waiting.recv() {
                // The caller notices a panic by the missing result; the thread is needed for the
                // next work.
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
        // Fails only when the thread is gone. The work is then dropped without running, as after
        // a panic.
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
