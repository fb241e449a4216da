//! Unused addresses of this machine.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Ports below the kernel's range of ephemeral ports (32,768 and up, `ip_local_port_range`): a
/// restarted server must find its port free, whatever connections were made while it was down.
const FIRST: u32 = 12_000;
const COUNT: u32 = 20_000;

/// Number of addresses that this process has handed out.
static GIVEN: AtomicU32 = AtomicU32::new(0);

/// An unused address of this machine; each call returns another one.
#[must_use]
pub fn free_address() -> SocketAddr {
    // Processes that run at the same time start at different ports.
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
