//! The URL of a broker: `amqp://USER:PASSWORD@HOST:PORT/VHOST?prefix=NAME`.

use std::fmt;

use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use rethread_stores::{Error, ErrorKind, Result};
use url::{Host, Url};

/// The default prefix of names.
const DEFAULT_PREFIX: &str = "rethread";

/// In seconds. A connection that is silent for twice as long is closed.
const HEARTBEAT_SECONDS: u16 = 10;

/// Where the broker is, and the prefix of this deployment's names.
pub(super) struct Address {
    pub(super) uri: AMQPUri,
    pub(super) prefix: String,
}

impl Address {
    /// Parses the URL without connecting. No error shows the URL, because it contains a password.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let url = Url::parse(text).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => decode(name)?,
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => return Err(refuse("names no host: write amqp://HOST")),
        };
        let scheme = if url.scheme() == "amqps" { AMQPScheme::AMQPS } else { AMQPScheme::AMQP };
        let port = url.port().unwrap_or_else(|| scheme.default_port());
        // Defaults to the broker's own user and virtual host; an empty password is a password.
        let username = if url.username().is_empty() { "guest".to_owned() } else { decode(url.username())? };
        let password = url.password().map_or_else(|| Ok("guest".to_owned()), decode)?;
        let vhost = match url.path() {
            "" | "/" => "/".to_owned(),
            path => decode(path.trim_start_matches('/'))?,
        };
        let query = AMQPQueryString { heartbeat: Some(HEARTBEAT_SECONDS), ..AMQPQueryString::default() };
        let userinfo = AMQPUserInfo { username, password };
        let uri = AMQPUri { scheme, authority: AMQPAuthority { userinfo, host, port }, vhost, query };
        Ok(Self { uri, prefix: prefix(&url)? })
    }
}

/// The one parameter. Short enough that the longest name with it fits into AMQP's limit on names.
fn prefix(url: &Url) -> Result<String> {
    let mut prefix = DEFAULT_PREFIX.to_owned();
    for (key, value) in url.query_pairs() {
        if key != "prefix" {
            return Err(refuse(format!("has a parameter \"{key}\", which is not known: there is prefix")));
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if value.is_empty() || value.len() > 64 || !value.chars().all(is_plain) || value.starts_with("amq.") {
            return Err(refuse("has a bad prefix: use 1 to 64 of a-z, A-Z, 0-9, -, _ and ., not beginning with amq."));
        }
        prefix = value.into_owned();
    }
    Ok(prefix)
}

fn decode(text: &str) -> Result<String> {
    // A form decoder decodes URL parts too, once "+" is escaped.
    let pair = format!("x={}", text.replace('+', "%2B"));
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
    decoded.filter(|text| !text.contains('\u{FFFD}') && text.len() < 128).ok_or_else(|| {
        refuse("has a part that is too long or not UTF-8: percent-encode what stands between its separators")
    })
}

fn refuse(what: impl fmt::Display) -> Error {
    Error::new(ErrorKind::Configuration, format!("the URL of queue {what}"))
}

/// Without user and password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uri.authority.host, self.uri.authority.port)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self}, {}, {})", self.uri.vhost, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read() {
        let address = Address::parse("amqps://m%40e:ge%2Fh+m@[::1]:99/a%2Fb?prefix=blue").unwrap();
        let AMQPAuthority { userinfo, host, port } = &address.uri.authority;
        assert_eq!((userinfo.username.as_str(), userinfo.password.as_str()), ("m@e", "ge/h+m"));
        assert_eq!((host.as_str(), *port, address.uri.vhost.as_str()), ("::1", 99, "a/b"));
        assert_eq!((address.uri.scheme.clone(), address.prefix.as_str()), (AMQPScheme::AMQPS, "blue"));
    }

    #[test]
    fn what_is_left_out_is_the_brokers_usual() {
        for text in ["amqp://broker", "amqp://broker/", "amqp://broker/%2f", "amqp://guest:guest@broker:5672/%2F"] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.to_string().as_str(), address.uri.vhost.as_str()), ("broker:5672", "/"), "{text}");
            assert_eq!(
                (address.uri.authority.userinfo.password.as_str(), address.prefix.as_str()),
                ("guest", "rethread")
            );
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_the_password() {
        for (text, part) in [
            ("amqp:", "names no host"),
            ("amqp://me:geheim@host:1234567", "cannot be read"),
            ("amqp://me:geheim@host?heartbeat=5", "\"heartbeat\", which is not known"),
            ("amqp://me:geheim@host?prefix=", "bad prefix"),
            ("amqp://me:geheim@host?prefix=a%20b", "bad prefix"),
            ("amqp://me:geheim%FF@host", "not UTF-8"),
        ] {
            let error = Address::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
            assert!(error.to_string().contains(part), "{text}: {error}");
            assert!(!error.to_string().contains("geheim"), "{error}");
        }
    }

    #[test]
    fn no_password_is_shown() {
        let address = Address::parse("amqp://me:geheim@host/v").unwrap();
        assert_eq!(format!("{address:?} {address}"), "Address(host:5672, v, rethread) host:5672");
    }
}
