//! Links that break: for a while, and in the middle of a message.

use rand::RngExt as _;
use rethread_tests::{Deployment, Direction, Links, Proxy, Servers};

use super::{Import, OUTAGE, deployment_on};

async fn through_proxies() -> Deployment {
    deployment_on(Servers::shared().await).through_proxies().start().await
}

/// Cuts a link half-way through a message, once in each direction, and then for a while.
#[expect(clippy::print_stderr, reason = "whoever reads why this failed wants to know where the cut was")]
async fn is_cut(link: fn(&Links) -> &Proxy) {
    let deployment = through_proxies().await;
    let import = Import::begin(&deployment).await;
    let proxy = link(deployment.links());
    for (direction, read) in [(Direction::Up, 1_200), (Direction::Down, 6_000)] {
        import.has_read(&deployment, read).await;
        // The position falls somewhere within a message.
        let bytes = rand::rng().random_range(1..2_000);
        eprintln!("cut after {bytes} bytes {direction:?}");
        proxy.cut_after(direction, bytes);
        // Some links carry traffic only on request.
        let asking = async {
            loop {
                deployment.api.job(&import.job, &import.token).await;
            }
        };
        tokio::select! {
            () = proxy.is_cut() => {}
            () = asking => {}
        }
        proxy.heal();
    }
    import.has_read(&deployment, 10_800).await;
    proxy.cut();
    // The duration of the fault itself.
    tokio::time::sleep(OUTAGE).await;
    proxy.heal();
    import.ends_as_if_nothing_had_happened(&deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_s3_is_cut_half_way_through_a_message_and_for_a_while() {
    is_cut(|links| &links.blobs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_redis_is_cut_half_way_through_a_message_and_for_a_while() {
    is_cut(|links| &links.jobs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_rabbitmq_is_cut_half_way_through_a_message_and_for_a_while() {
    is_cut(|links| &links.queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_postgresql_is_cut_half_way_through_a_message_and_for_a_while() {
    is_cut(|links| &links.comments).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_the_status_service_is_cut_half_way_through_a_message_and_for_a_while() {
    is_cut(|links| &links.status).await;
}
