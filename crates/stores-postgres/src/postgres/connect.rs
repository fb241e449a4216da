//! Getting connections.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use rethread_stores::retry::{Backoff, retry};
use rethread_stores::{Error, ErrorKind, Result};
use tokio::time::Instant;

use super::address::Address;
use super::{Database, failure, migrate, tls};

/// How long to wait for a connection of the pool, and for a new one.
const WAIT: Duration = Duration::from_secs(10);
/// How long a connection that was idle for a while may take to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// How long to try to reach the server at the start.
const FIRST: Duration = Duration::from_secs(10);

pub(super) fn pool(address: &Address) -> Result<Pool> {
    // Every connection is checked before it is reused.
    let config = ManagerConfig { recycling_method: RecyclingMethod::Verified };
    let manager = Manager::from_config(address.config.clone(), tls::connector(address)?, config);
    Pool::builder(manager)
        .max_size(address.pool)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .recycle_timeout(Some(ANSWER))
        .build()
        .map_err(|error| Error::new(ErrorKind::Internal, "connections cannot be set up").because(error))
}

/// Waits for the server, for a bounded time, and migrates its schema.
pub(super) async fn first(database: &Database) -> Result<()> {
    let deadline = Instant::now() + FIRST;
    retry(Backoff::first_connection().until(deadline), || reach(database, deadline)).await?;
    migrate::migrate(database).await
}

/// Opens one connection. Fails permanently if an operator must fix something first.
async fn reach(database: &Database, deadline: Instant) -> Result<()> {
    let address = &database.0.address;
    match tokio::time::timeout_at(deadline, database.0.pool.get()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(PoolError::Backend(error))) => {
            let refusal = failure::advice(&error).map(|advice| {
                let message = format!("the comments cannot be kept in the database {}: {advice}", address.place());
                Error::new(ErrorKind::Configuration, message)
            });
            Err(refusal.unwrap_or_else(|| unreachable(address)).because(failure::without_values(&error)))
        }
        Ok(Err(_)) | Err(_) => Err(unreachable(address)),
    }
}

fn unreachable(address: &Address) -> Error {
    let message = format!(
        "the comments cannot be reached in the database {}: start the server, or look at host and port in its URL",
        address.place()
    );
    Error::new(ErrorKind::Unavailable, message)
}

/// No connection became free, or opening one took too long.
pub(super) fn exhausted(address: &Address, error: &PoolError) -> Error {
    let message = format!("no connection to the database {} within {} s", address.place(), WAIT.as_secs());
    Error::new(ErrorKind::Unavailable, message).because(error.to_string())
}
