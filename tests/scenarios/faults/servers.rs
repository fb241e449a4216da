//! Servers that die during an import and come back with their data.

use rethread_tests::{Postgres, RabbitMq, Redis, Servers};

use super::{Import, deployment_on};

#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_is_killed_and_comes_back() {
    let servers = Servers { rabbitmq: RabbitMq::start().await.into(), ..Servers::shared().await };
    let deployment = deployment_on(servers).start().await;
    let import = Import::under_way(&deployment).await;
    deployment.servers.rabbitmq.kill().await;
    deployment.servers.rabbitmq.resume().await;
    import.ends_as_if_nothing_had_happened(&deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_killed_and_comes_back() {
    let servers = Servers { redis: Redis::start().await.into(), ..Servers::shared().await };
    let deployment = deployment_on(servers).start().await;
    let import = Import::under_way(&deployment).await;
    deployment.servers.redis.kill().await;
    deployment.servers.redis.resume().await;
    import.ends_as_if_nothing_had_happened(&deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_is_killed_and_comes_back() {
    let servers = Servers { postgres: Postgres::start().await.into(), ..Servers::shared().await };
    let deployment = deployment_on(servers).start().await;
    let import = Import::under_way(&deployment).await;
    deployment.servers.postgres.kill().await;
    deployment.servers.postgres.resume().await;
    import.ends_as_if_nothing_had_happened(&deployment).await;
}
