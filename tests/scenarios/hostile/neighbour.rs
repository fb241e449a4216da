//! A well-behaved client.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::StatusCode;
use tokio::task::JoinHandle;

/// Its source address; hostile clients use another.
const GOOD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Pause between two requests.
const PAUSE: Duration = Duration::from_millis(20);

/// The neighbour's timeout. This does not measure speed: a machine that runs other tests is slow.
const PATIENCE: Duration = Duration::from_mins(1);

/// A well-behaved client that sends requests all the time, on new connections.
pub(super) struct Neighbour {
    is_over: Arc<AtomicBool>,
    asking: JoinHandle<usize>,
}

impl Neighbour {
    pub(super) fn begin(url: String, token: &str) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, token) = (Arc::clone(&is_over), token.to_owned());
        let client = rethread_runtime::http_client().local_address(Some(GOOD.into())).pool_max_idle_per_host(0);
        let client = client.timeout(PATIENCE).build().unwrap();
        let asking = tokio::spawn(async move {
            let mut answers = 0;
            while !over.load(Ordering::SeqCst) {
                let answer = client.get(&url).bearer_auth(&token).send().await;
                let answer = answer.unwrap_or_else(|error| panic!("the neighbour was not answered: {error:?}"));
                assert_eq!(answer.status(), StatusCode::OK);
                answers += 1;
                // Each connection occupies a port of this machine for a while.
                tokio::time::sleep(PAUSE).await;
            }
            answers
        });
        Self { is_over, asking }
    }

    /// Asserts that it was served all the time.
    pub(super) async fn was_served(self) {
        self.is_over.store(true, Ordering::SeqCst);
        assert!(self.asking.await.unwrap() > 0);
    }
}
