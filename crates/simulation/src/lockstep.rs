//! Threads in lockstep with the runtime: while one runs, the runtime is blocked, and vice versa. So
//! the same seed gives the same order of everything, and blocking code runs unchanged.
//!
//! Each thread has a driver, a task of the runtime. The driver hands the thread some work, and
//! blocks until the thread has finished it or waits for a future, which the driver then awaits on
//! its behalf.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use futures::future::BoxFuture;
use import_worker::{Threads, Wait, Waiter, Work, WorkThread};
use parking_lot::Mutex;
use tokio::sync::mpsc as tasks;
use tokio::task::JoinSet;

/// The threads of one process.
#[derive(Debug, Default)]
pub(crate) struct LockstepThreads {
    drivers: Mutex<JoinSet<()>>,
}

impl LockstepThreads {
    /// Ends all threads at once, in the middle of whatever they wait for.
    pub(crate) async fn kill(&self) {
        let mut drivers = std::mem::take(&mut *self.drivers.lock());
        drivers.shutdown().await;
    }
}

impl Threads for LockstepThreads {
    fn start(&self, name: &str) -> io::Result<Box<dyn WorkThread>> {
        let (give, works) = tasks::unbounded_channel();
        let (wants, wanted) = mpsc::channel();
        let (resume, resumed) = mpsc::channel();
        let (to_thread, from_driver) = mpsc::channel::<Work>();
        // The thread sends requests on `wants`; the driver resumes it through `resume`.
        let done = wants.clone();
        let handle = thread::Builder::new().name(name.to_owned()).spawn(move || {
            while let Ok(work) = from_driver.recv() {
                // The caller notices a panic by the missing result.
                let _ = catch_unwind(AssertUnwindSafe(work));
                if done.send(Wanted::NextWork).is_err() {
                    return;
                }
            }
        })?;
        let waiter = Waiter::new(InLockstep { wants: Mutex::new(wants), resumed: Mutex::new(resumed) });
        let thread =
            Driven { to_thread: Some(to_thread), wanted: Some(wanted), resume: Some(resume), handle: Some(handle) };
        self.drivers.lock().spawn(drive(works, thread));
        Ok(Box::new(LockstepThread { works: give, waiter }))
    }
}

/// A request from a thread to its driver.
enum Wanted {
    /// Await this future.
    Await(BoxFuture<'static, ()>),
    /// Provide more work.
    NextWork,
}

/// The driver's ends of the channels. Dropping them ends the thread and joins it.
struct Driven {
    to_thread: Option<mpsc::Sender<Work>>,
    wanted: Option<mpsc::Receiver<Wanted>>,
    resume: Option<mpsc::Sender<()>>,
    handle: Option<thread::JoinHandle<()>>,
}

impl Drop for Driven {
    fn drop(&mut self) {
        (self.to_thread, self.wanted, self.resume) = (None, None, None);
        if let Some(handle) = self.handle.take() {
            // A panic ended one piece of work, and was noticed there.
            let _ = handle.join();
        }
    }
}

impl Driven {
    /// The thread's next request. Blocks everything else.
    fn next(&self) -> Option<Wanted> {
        self.wanted.as_ref()?.recv().ok()
    }
}

async fn drive(mut works: tasks::UnboundedReceiver<Work>, thread: Driven) {
    while let Some(work) = works.recv().await {
        if thread.to_thread.as_ref().is_none_or(|to_thread| to_thread.send(work).is_err()) {
            return;
        }
        loop {
            match thread.next() {
                Some(Wanted::Await(future)) => future.await,
                Some(Wanted::NextWork) => break,
                None => return,
            }
            if thread.resume.as_ref().is_none_or(|resume| resume.send(()).is_err()) {
                return;
            }
        }
    }
}

struct LockstepThread {
    works: tasks::UnboundedSender<Work>,
    waiter: Waiter,
}

impl fmt::Debug for LockstepThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockstepThread")
    }
}

impl WorkThread for LockstepThread {
    fn begin(&self, work: Work) {
        // Fails only while the process is being killed.
        let _ = self.works.send(work);
    }

    fn waiter(&self) -> Waiter {
        self.waiter.clone()
    }
}

struct InLockstep {
    wants: Mutex<mpsc::Sender<Wanted>>,
    resumed: Mutex<mpsc::Receiver<()>>,
}

impl fmt::Debug for InLockstep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InLockstep")
    }
}

impl Wait for InLockstep {
    fn wait(&self, future: BoxFuture<'static, ()>) {
        if self.wants.lock().send(Wanted::Await(future)).is_ok() {
            // Fails when the driver is gone, and the future with it.
            let _ = self.resumed.lock().recv();
        }
    }
}
