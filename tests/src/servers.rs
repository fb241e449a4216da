//! Real servers on free loopback ports, each with its own folder. A server that is not installed
//! fails the run.

pub(crate) mod debian;
mod mariadb;
mod postgres;
mod rabbitmq;
mod redis;
mod s3;
mod server;
mod wordpress;

use std::sync::Arc;

use tokio::sync::OnceCell;

pub use postgres::Postgres;
pub use rabbitmq::RabbitMq;
pub use redis::Redis;
pub use s3::{S3, S3Place};
pub use wordpress::WordPress;

/// The four servers of a distributed deployment.
///
/// A scenario that disturbs one of them starts its own and shares the others:
/// `Servers { redis: Redis::start().await.into(), ..Servers::shared().await }`.
#[derive(Debug, Clone)]
pub struct Servers {
    /// The queue.
    pub rabbitmq: Arc<RabbitMq>,
    /// The jobs.
    pub redis: Arc<Redis>,
    /// The comments.
    pub postgres: Arc<Postgres>,
    /// The uploads.
    pub s3: Arc<S3>,
}

impl Servers {
    /// The servers that all scenarios of this test process share: started on first use, ended with
    /// the process.
    pub async fn shared() -> Self {
        static SHARED: OnceCell<Servers> = OnceCell::const_new();
        let start = || async {
            let (rabbitmq, redis, postgres, s3) =
                tokio::join!(RabbitMq::start(), Redis::start(), Postgres::start(), S3::configured());
            Self { rabbitmq: rabbitmq.into(), redis: redis.into(), postgres: postgres.into(), s3: s3.into() }
        };
        SHARED.get_or_init(start).await.clone()
    }
}
