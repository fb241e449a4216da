//! Addresses of this machine that nobody listens on.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Ports below those from which the kernel takes the local ends of connections (32,768 and up, `ip_local_port_range`): a
/// server that is restarted must find its port free, whatever connections were made while it was down.
const FIRST: u32 = 12_000;
const COUNT: u32 = 20_000;

/// How many were given out by this process.
static GIVEN: AtomicU32 = AtomicU32::new(0);

/// An address of this machine that nobody listens on, another one with every call.
#[must_use]
pub fn free_address() -> SocketAddr {
    // Processes that run at the same time begin at different places.
    let begin = std::process::id().wrapping_mul(619);
    for _ in 0..COUNT {
        let number = begin.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = u16::try_from(FIRST + number).expect("all of these are ports");
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().expect("a bound listener has an address");
        }
    }
    panic!("no port between {FIRST} and {} is free", FIRST + COUNT);
}
