//! What counts as one client where limits apply per address.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};
use serde::{Deserialize, Deserializer};

/// The length of the IPv6 prefix that identifies a client; the client chooses the remaining bits.
const IPV6_NETWORK: u8 = 64;

/// The address that represents one client: an IPv4 address itself, or the /64 network of an
/// IPv6 address.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Net::new(address, IPV6_NETWORK).map_or(address, |network| network.network()).into(),
    }
}

/// Networks, such as those of trusted proxies. Written as a list or comma-separated: `10.0.0.0/8,
/// fd00::/8, 192.0.2.7`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether one of the networks contains the address.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether there are no networks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Networks;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("networks such as 10.0.0.0/8, as a list or with commas between them")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Networks, E> {
                let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
                words.map(network).collect::<Result<_, _>>().map(Networks)
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Networks, A::Error> {
                let mut networks = Vec::new();
                while let Some(word) = list.next_element::<String>()? {
                    networks.push(network(&word)?);
                }
                Ok(Networks(networks))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

fn network<E: serde::de::Error>(word: &str) -> Result<IpNet, E> {
    let network = word.parse().ok().or_else(|| word.parse::<IpAddr>().ok().map(IpNet::from));
    network.ok_or_else(|| E::custom(format!("{word} is no network such as 10.0.0.0/8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_client_is_its_ipv4_address_or_its_ipv6_network() {
        assert_eq!(network_of(address("192.0.2.7")), address("192.0.2.7"));
        assert_eq!(network_of(address("::ffff:192.0.2.7")), address("192.0.2.7"));
        assert_eq!(network_of(address("2001:db8:1:2:aaaa::1")), network_of(address("2001:db8:1:2:bbbb::2")));
        assert_ne!(network_of(address("2001:db8:1:2::1")), network_of(address("2001:db8:1:3::1")));
    }

    #[test]
    fn networks_are_read_from_lists_and_from_text() {
        for written in ["[\"10.0.0.0/8\", \"192.0.2.7\", \"fd00::/8\"]", "\"10.0.0.0/8, 192.0.2.7,fd00::/8\""] {
            let networks: Networks = serde_json::from_str(written).unwrap();
            for inside in ["10.1.2.3", "::ffff:10.1.2.3", "192.0.2.7", "fd00::1"] {
                assert!(networks.contain(address(inside)), "{inside}");
            }
            for outside in ["11.1.2.3", "192.0.2.8", "fe80::1"] {
                assert!(!networks.contain(address(outside)), "{outside}");
            }
        }
        let refused = serde_json::from_str::<Networks>("\"10.0.0.0/8, everybody\"").unwrap_err();
        assert!(refused.to_string().contains("everybody is no network"), "{refused}");
    }
}
