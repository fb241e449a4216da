//! Identifies the client behind a connection.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName};
use rethread_runtime::Networks;

/// The header to which proxies append the address of their peer.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client: that of the peer or, if the peer is a trusted proxy, the last address
/// in `X-Forwarded-For` that is not a trusted proxy. Entries before it may be forged.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &Networks) -> IpAddr {
    let mut client = peer.to_canonical();
    let hops: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("unreadable").split(','))
        .map(str::trim)
        .collect();
    for hop in hops.into_iter().rev() {
        if !trusted.contain(client) {
            break;
        }
        // A proxy that writes something else hides its clients: they all count as the proxy.
        let Some(address) = address(hop) else { break };
        client = address;
    }
    client
}

/// Whether an untrusted proxy forwarded the request, so that all its clients count as one.
pub(crate) fn is_by_unknown_proxy(peer: IpAddr, headers: &HeaderMap, trusted: &Networks) -> bool {
    headers.contains_key(FORWARDED_FOR) && !trusted.contain(peer)
}

/// An address as proxies write it: bare, or with a port, in which case an IPv6 address is
/// in brackets.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(hop, |(address, _)| address);
    let address = bare.parse().ok().or_else(|| hop.parse().ok().map(|address: std::net::SocketAddr| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&str]) -> String {
        let trusted = serde_json::from_str("\"10.0.0.0/8, fd00::/8\"").unwrap();
        let headers = forwarded.iter().map(|value| (FORWARDED_FOR, value.parse().unwrap())).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(found("192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
        assert_eq!(found("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_is_the_client() {
        assert_eq!(found("10.0.0.1", &["203.0.113.9, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["203.0.113.9", "198.51.100.1", "fd00::2, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3", "a client inside");
    }

    #[test]
    fn addresses_come_with_ports_and_nonsense_is_no_address() {
        assert_eq!(found("10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(found("10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(found("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["198.51.100.1,"]), "10.0.0.1");
    }
}
