//! Follows the stream of changes, on its own connection because the call blocks.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::streams::{StreamRangeReply, StreamReadReply};
use redis::{AsyncConnectionConfig, RedisResult};
use rethread_stores::retry::{Backoff, Pauses};

use super::super::server::CONNECT;
use super::Waiters;

/// The server answers at least this often, with or without changes.
const BLOCK: Duration = Duration::from_secs(2);
/// After this time, a server that does not answer is given up, and the connection is replaced.
const ANSWER: Duration = Duration::from_secs(5);
/// The maximum number of changes per call.
const COUNT: usize = 1000;

/// Never returns; its owner aborts it.
pub(super) async fn run(client: redis::Client, stream: String, waiters: Arc<Waiters>) {
    let mut pauses = Pauses::new(Backoff::resume_changes());
    loop {
        if let Ok((connection, last)) = connect(&client, &stream).await {
            pauses.reset();
            // Changes may have happened while disconnected: let all waiters check.
            waiters.wake_all();
            if let Err(error) = follow(connection, &stream, last, &waiters).await {
                tracing::debug!(%error, "the stream of changes broke off, it is taken up again");
            }
        }
        pauses.pause().await;
    }
}

/// A connection, and the position in the stream from which no change is missed.
async fn connect(client: &redis::Client, stream: &str) -> RedisResult<(MultiplexedConnection, String)> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(ANSWER));
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    let newest: StreamRangeReply =
        redis::cmd("XREVRANGE").arg(&[stream, "+", "-", "COUNT", "1"]).query_async(&mut connection).await?;
    let last = newest.ids.into_iter().next().map_or_else(|| "0-0".to_owned(), |entry| entry.id);
    Ok((connection, last))
}

async fn follow(
    mut connection: MultiplexedConnection,
    stream: &str,
    mut last: String,
    waiters: &Waiters,
) -> RedisResult<()> {
    loop {
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(COUNT).arg("BLOCK").arg(BLOCK.as_millis());
        command.arg("STREAMS").arg(stream).arg(&last);
        let Some(read): Option<StreamReadReply> = command.query_async(&mut connection).await? else { continue };
        for entry in read.keys.into_iter().flat_map(|key| key.ids) {
            let job: Option<String> = entry.get("job");
            if let Some(Ok(job)) = job.map(|text| text.parse()) {
                waiters.wake(job);
            }
            last = entry.id;
        }
    }
}
