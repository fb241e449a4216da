//! The server properties that the broker sends before authentication. The client library does not
//! expose them.

use futures::io::{AsyncReadExt, AsyncWriteExt};
use lapin::tcp::AMQPUriTcpExt;
use lapin::types::AMQPValue;
use lapin::types::parsing::parse_field_table;
use rethread_stores::Result;

use super::address::Address;
use super::connection::within;
use super::{REACH_LIMIT, failure};

/// AMQP 0-9-1.
const HELLO: &[u8] = b"AMQP\x00\x00\x09\x01";

/// Type, channel and size.
const FRAME_HEAD_BYTES: usize = 7;

/// Class and method, both 10, for `connection.start`; then the protocol version; the table follows.
const START_HEAD: &[u8] = &[0, 10, 0, 10, 0, 9];

/// Larger than any broker's table.
const LARGEST_BYTES: u32 = 65_536;

/// The broker's version, such as `3.10.8`.
pub(super) async fn version(address: &Address) -> Result<String> {
    let asking = async {
        let unavailable =
            |error: std::io::Error| failure::unavailable(format!("RabbitMQ at {address} did not greet")).because(error);
        let payload = server_properties(address).await.map_err(unavailable)?;
        read_version(&payload)
            .ok_or_else(|| failure::unavailable(format!("what answers at {address} does not greet as RabbitMQ does")))
    };
    within(REACH_LIMIT, &format!("RabbitMQ at {address} did not greet"), asking).await
}

async fn server_properties(address: &Address) -> std::io::Result<Vec<u8>> {
    let runtime = lapin::runtime::default_runtime().map_err(std::io::Error::other)?;
    let mut stream = address.uri.connect_async(&runtime).await?;
    stream.write_all(HELLO).await?;
    stream.flush().await?;
    let mut head = [0; FRAME_HEAD_BYTES];
    stream.read_exact(&mut head).await?;
    let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]).min(LARGEST_BYTES);
    let mut payload = Vec::new();
    stream.take(u64::from(size)).read_to_end(&mut payload).await?;
    Ok(payload)
}

fn read_version(payload: &[u8]) -> Option<String> {
    let table = payload.strip_prefix(START_HEAD)?;
    let (_, properties) = parse_field_table(table).ok()?;
    match properties.inner().get("version")? {
        AMQPValue::LongString(text) => Some(text.to_string()),
        _ => None,
    }
}
