//! The connection: every call has a timeout, is retried while the server is unavailable, and fails
//! with a kind that callers act on.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use parking_lot::Mutex;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Cmd, FromRedisValue, Pipeline, RedisError, RedisResult, ScriptInvocation, ServerErrorKind};
use rethread_stores::retry::{Backoff, retry};
use rethread_stores::{Error, ErrorKind, Result};
use tokio::time::Instant;

use super::answer::ScriptAnswer;
use super::store_url::StoreUrl;

/// For one command and its response.
const ANSWER: Duration = Duration::from_secs(5);
/// For one attempt to connect.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
/// For a call with all its retries.
const CALL: Duration = Duration::from_secs(10);

/// One server. All calls share one connection.
pub(super) struct Server {
    name: String,
    client: redis::Client,
    connection: Mutex<ConnectionManager>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Server").field(&self.name).finish()
    }
}

impl Server {
    /// Connects with the first call.
    pub(super) fn new(url: &StoreUrl) -> Result<Self> {
        let connection = lazy(&url.client).map_err(|error| failure(&url.name, "cannot use", error))?;
        Ok(Self { name: url.name.clone(), client: url.client.clone(), connection: Mutex::new(connection) })
    }

    pub(super) fn client(&self) -> &redis::Client {
        &self.client
    }

    pub(super) async fn command<T: FromRedisValue>(&self, doing: &str, command: &Cmd) -> Result<T> {
        self.call(doing, |mut connection| async move { command.query_async(&mut connection).await }).await
    }

    pub(super) async fn pipeline<T: FromRedisValue>(&self, doing: &str, pipeline: &Pipeline) -> Result<T> {
        self.call(doing, |mut connection| async move { pipeline.query_async(&mut connection).await }).await
    }

    /// Runs a script, possibly several times.
    pub(super) async fn script(&self, doing: &str, invocation: &ScriptInvocation<'_>) -> Result<ScriptAnswer> {
        self.call(doing, |mut connection| async move { invocation.invoke_async(&mut connection).await }).await
    }

    /// Checks that the server answers and accepts writes.
    pub(super) async fn is_master(&self) -> Result<()> {
        self.command::<()>("cannot reach jobs", &redis::cmd("PING")).await?;
        let role: Vec<redis::Value> = self.command("cannot reach jobs", &redis::cmd("ROLE")).await?;
        match role.into_iter().next().map(String::from_redis_value) {
            Some(Ok(role)) if role == "master" => Ok(()),
            _ => {
                self.find_the_master();
                Err(Error::new(ErrorKind::Unavailable, format!("Redis at {} is a replica: name the master", self.name)))
            }
        }
    }

    /// One section of the server's `INFO`, by name.
    pub(super) async fn info(&self, section: &str) -> Result<HashMap<String, String>> {
        let mut command = redis::cmd("INFO");
        command.arg(section);
        let text: String = self.command("cannot ask about jobs", &command).await?;
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        Ok(pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
    }

    async fn call<T, F, R>(&self, doing: &str, run: F) -> Result<T>
    where
        F: Fn(ConnectionManager) -> R,
        R: Future<Output = RedisResult<T>>,
    {
        let deadline = Instant::now() + CALL;
        retry(Backoff::job_command().until(deadline), || async {
            let connection = self.connection.lock().clone();
            let answer = tokio::time::timeout_at(deadline, run(connection)).await;
            answer.map_err(|_| silent(&self.name, doing))?.map_err(|error| {
                if error.kind() == redis::ErrorKind::Server(ServerErrorKind::ReadOnly) {
                    self.find_the_master();
                }
                failure(&self.name, doing, error)
            })
        })
        .await
    }

    /// After a failover the old connection may lead to a replica; the name resolves to the new
    /// master.
    fn find_the_master(&self) {
        if let Ok(fresh) = lazy(&self.client) {
            *self.connection.lock() = fresh;
        }
    }
}

fn lazy(client: &redis::Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(ANSWER))
        .set_number_of_retries(2)
        .set_max_delay(Duration::from_millis(500));
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

fn silent(name: &str, doing: &str) -> Error {
    Error::new(ErrorKind::Unavailable, format!("{doing} in Redis at {name}: it does not answer"))
}

fn failure(name: &str, doing: &str, error: RedisError) -> Error {
    Error::new(kind(&error), format!("{doing} in Redis at {name}")).because(error)
}

/// What a caller can do. Only errors that are certain to be permanent are not retried.
pub(super) fn kind(error: &RedisError) -> ErrorKind {
    use redis::ErrorKind as Of;
    match error.kind() {
        Of::Server(ServerErrorKind::ResponseError) if is_full(error) => ErrorKind::Unavailable,
        Of::InvalidClientConfig | Of::RESP3NotSupported => ErrorKind::Configuration,
        Of::Server(ServerErrorKind::ResponseError | ServerErrorKind::CrossSlot) | Of::UnexpectedReturnType => {
            ErrorKind::Internal
        }
        Of::Extension if matches!(error.code(), Some("WRONGTYPE")) => ErrorKind::Internal,
        // Connections, timeouts, truncated responses; LOADING, READONLY, CLUSTERDOWN, TRYAGAIN,
        // OOM, MISCONF, BUSY; and passwords and permissions, which can change while processes run.
        _ => ErrorKind::Unavailable,
    }
}

/// `ERR max number of clients reached` has no code of its own.
fn is_full(error: &RedisError) -> bool {
    error.detail().is_some_and(|detail| detail.contains("max number of clients"))
}
