//! What the fault scenarios rely on: servers keep their data when they are stopped or killed.

use rethread_tests::{Postgres, RabbitMq, Redis, S3};

#[tokio::test]
async fn redis_keeps_what_it_was_given() {
    let redis = Redis::start().await;
    let client = redis::Client::open(redis.url(0, None)).unwrap();
    for fault in ["stop", "kill"] {
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let () = redis::cmd("SET").arg("key").arg(fault).query_async(&mut connection).await.unwrap();
        if fault == "stop" {
            redis.stop().await;
        } else {
            redis.kill().await;
        }
        assert!(client.get_multiplexed_async_connection().await.is_err(), "it is down");
        redis.resume().await;
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let kept: String = redis::cmd("GET").arg("key").query_async(&mut connection).await.unwrap();
        assert_eq!(kept, fault);
    }
}

#[tokio::test]
async fn postgres_keeps_what_it_was_given() {
    let postgres = Postgres::start().await;
    postgres.create_database("kept").await;
    postgres.connect("kept").await.unwrap().batch_execute("CREATE TABLE faults (fault text)").await.unwrap();
    for fault in ["stop", "kill"] {
        let client = postgres.connect("kept").await.unwrap();
        client.execute("INSERT INTO faults VALUES ($1)", &[&fault]).await.unwrap();
        if fault == "stop" {
            postgres.stop().await;
        } else {
            postgres.kill().await;
        }
        assert!(postgres.connect("kept").await.is_err(), "it is down");
        postgres.resume().await;
    }
    let client = postgres.connect("kept").await.unwrap();
    let kept: i64 = client.query_one("SELECT count(*) FROM faults", &[]).await.unwrap().get(0);
    assert_eq!(kept, 2);
}

#[tokio::test]
async fn rabbitmq_keeps_what_it_was_given() {
    let rabbitmq = RabbitMq::start().await;
    let declare =
        "rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>, queue, <<\"kept\">>), true, false, [], none, <<\"tests\">>).";
    rabbitmq.control(&["eval", declare]).await;
    for fault in ["stop", "kill"] {
        if fault == "stop" {
            rabbitmq.stop().await;
        } else {
            rabbitmq.kill().await;
        }
        assert!(tokio::net::TcpStream::connect(rabbitmq.address()).await.is_err(), "it is down");
        rabbitmq.resume().await;
        assert_eq!(rabbitmq.queues("ke").await, [("kept".to_owned(), 0)]);
    }
}

#[tokio::test]
async fn s3_keeps_what_it_was_given_and_says_503_when_told_to() {
    let s3 = S3::start().await;
    let place = s3.place("kept").await;
    place.put("object", b"bytes").await.unwrap();
    place.begin("upload").await.unwrap();
    let everything = ["rethread/object", "rethread/upload (unfinished)"];
    assert_eq!(place.everything().await, everything);
    s3.stop().await;
    assert!(tokio::net::TcpStream::connect(s3.address()).await.is_err(), "it is down");
    s3.resume().await;
    assert_eq!(place.everything().await, everything);
    s3.set_unavailable(true);
    assert!(place.put("object", b"bytes").await.unwrap_err().contains("503"));
    s3.set_unavailable(false);
    place.put("object", b"bytes").await.unwrap();
}
