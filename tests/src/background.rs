//! The runtime of proxies and servers inside the test process: separate from the scenarios' own
//! runtimes, which may block.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("harness")
        .enable_all()
        .build()
        .expect("threads can start")
});

/// The runtime; it lasts as long as the test process.
pub(crate) fn runtime() -> &'static Runtime {
    &RUNTIME
}
