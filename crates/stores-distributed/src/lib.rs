#![doc = include_str!("../README.md")]

#[cfg(feature = "rabbitmq")]
mod rabbitmq;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "s3")]
mod s3;
#[cfg(any(feature = "redis", feature = "s3"))]
mod tls;

#[cfg(any(feature = "rabbitmq", feature = "redis", feature = "s3"))]
use std::sync::Arc;

#[cfg(any(feature = "rabbitmq", feature = "redis"))]
use rethread_model::Clock;
#[cfg(any(feature = "rabbitmq", feature = "redis", feature = "s3"))]
use rethread_stores::Result;

/// Blobs in the bucket that `url` (`s3://…`) names.
#[cfg(feature = "s3")]
pub async fn open_blobs(url: &str) -> Result<Arc<dyn rethread_stores::BlobStore>> {
    Ok(Arc::new(Box::pin(s3::S3Blobs::open(url)).await?))
}

/// Jobs in the Redis server that `url` (`redis://…`, `rediss://…`) names.
#[cfg(feature = "redis")]
pub async fn open_jobs(url: &str, clock: Arc<dyn Clock>) -> Result<Arc<dyn rethread_stores::JobStore>> {
    Ok(Arc::new(redis::RedisJobs::open(url, clock).await?))
}

/// The queue of the RabbitMQ server that `url` (`amqp://…`, `amqps://…`) names.
#[cfg(feature = "rabbitmq")]
pub async fn open_queue(url: &str, clock: Arc<dyn Clock>) -> Result<Arc<dyn rethread_stores::Queue>> {
    Ok(Arc::new(rabbitmq::RabbitQueue::open(url, clock).await?))
}
