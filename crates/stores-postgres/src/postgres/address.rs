//! The parsed URL of a server.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use rethread_stores::{Error, ErrorKind, Result};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
const POOL: usize = 8;
const MAX_POOL: usize = 1_000;

/// The client's parameters that the URL may contain unchanged.
const OF_CLIENT: &[&str] = &[
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
    "sslnegotiation",
];

/// How the server is authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// No encryption.
    Disable,
    /// Encryption if the server offers it; the server is not authenticated.
    Prefer,
    /// Encryption; the server is not authenticated.
    Require,
    /// Encryption, and a certificate for the host's name from a trusted authority.
    VerifyFull,
}

/// Where a server is and how to connect to it.
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) security: Security,
    /// A file of authorities to trust instead of the system's.
    pub(crate) authorities: Option<PathBuf>,
    /// The maximum number of concurrent connections.
    pub(crate) pool: usize,
    /// How long the server may take for one statement.
    pub(crate) statement_timeout: Duration,
}

impl Address {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETERS`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let mut address = Self {
            config: Config::new(),
            security: Security::Prefer,
            authorities: None,
            pool: POOL,
            statement_timeout: STATEMENT_TIMEOUT,
        };
        let mut rest = Vec::new();
        let mut names = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if OF_CLIENT.contains(&name) {
                rest.push(parameter);
                names.push(name);
            } else {
                address.take(name, value)?;
            }
        }
        let url = if rest.is_empty() { place.to_owned() } else { format!("{place}?{}", rest.join("&")) };
        // The client's message may repeat what it could not parse, such as the password.
        address.config =
            Config::from_str(&url).map_err(|_| refused("the URL of comments cannot be read: write {form}"))?;
        address.complete(&names)?;
        Ok(address)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "pool" => match value.parse() {
                Ok(pool @ 1..=MAX_POOL) => self.pool = pool,
                _ => return Err(refused("\"pool\" in the URL of comments is a number from 1 to 1000")),
            },
            "statement_timeout" => match value.parse() {
                Ok(seconds @ 1..=3_600) => self.statement_timeout = Duration::from_secs(seconds),
                _ => return Err(refused("\"statement_timeout\" in the URL of comments is 1 to 3600, in seconds")),
            },
            "sslmode" => {
                self.security = match value {
                    "disable" => Security::Disable,
                    "prefer" => Security::Prefer,
                    "require" => Security::Require,
                    "verify-full" => Security::VerifyFull,
                    _ => {
                        return Err(refused(
                            "\"sslmode\" in the URL of comments is disable, prefer, require or verify-full",
                        ));
                    }
                }
            }
            "sslrootcert" => {
                let path = percent_decode_str(value).decode_utf8_lossy().into_owned();
                self.authorities = Some(path.into());
            }
            _ => return Err(refused(&format!("the URL of comments has an unknown parameter \"{name}\""))),
        }
        Ok(())
    }

    /// Sets what was not given, so that no wait is unbounded.
    fn complete(&mut self, given: &[&str]) -> Result<()> {
        let is_missing = |name: &str| !given.contains(&name);
        let config = &mut self.config;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(refused("the URL of comments names no host: write {form}"));
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(refused("the URL of comments names no database: write {form}"));
        }
        if self.authorities.is_some() && self.security != Security::VerifyFull {
            return Err(refused("\"sslrootcert\" in the URL of comments is used with sslmode=verify-full only"));
        }
        config.ssl_mode(match self.security {
            Security::Disable => SslMode::Disable,
            Security::Prefer => SslMode::Prefer,
            Security::Require | Security::VerifyFull => SslMode::Require,
        });
        if is_missing("connect_timeout") {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        // A dead peer is detected within 15 seconds, whether or not data is in flight.
        if is_missing("tcp_user_timeout") {
            config.tcp_user_timeout(Duration::from_secs(15));
        }
        if is_missing("keepalives_idle") {
            config.keepalives_idle(Duration::from_secs(5));
        }
        if is_missing("keepalives_interval") {
            config.keepalives_interval(Duration::from_secs(3));
        }
        if is_missing("keepalives_retries") {
            config.keepalives_retries(3);
        }
        if is_missing("application_name") {
            config.application_name("rethread");
        }
        Ok(())
    }

    /// The first host, its port and the database, for messages.
    pub(crate) fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => self.config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        format!("{} at {host}:{port}", self.config.get_dbname().unwrap_or_default())
    }

    /// Whether every host is this machine.
    pub(crate) fn is_local(&self) -> bool {
        let is_local = |host: &Host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
            #[cfg(unix)]
            Host::Unix(_) => true,
        };
        self.config.get_hosts().iter().all(is_local)
            && self.config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
    }
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Configuration, message.replace("{form}", "postgres://USER:PASSWORD@HOST/DATABASE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        let Err(error) = Address::parse(url) else { panic!("{url} was taken") };
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.to_string()
    }

    #[test]
    fn everything_has_a_limit_unless_one_is_given() {
        let plain = Address::parse("postgres://me:pw@db.example/rethread").unwrap();
        assert_eq!((plain.pool, plain.security), (8, Security::Prefer));
        assert_eq!(plain.config.get_connect_timeout(), Some(&Duration::from_secs(5)));
        assert_eq!(plain.config.get_tcp_user_timeout(), Some(&Duration::from_secs(15)));
        assert_eq!(plain.place(), "rethread at db.example:5432");
        assert!(!plain.is_local());
        let given = Address::parse(
            "postgresql://me@127.0.0.1:6432/r?pool=3&connect_timeout=9&sslmode=verify-full&sslrootcert=%2Fa%20b.pem",
        )
        .unwrap();
        assert_eq!((given.pool, given.security), (3, Security::VerifyFull));
        assert_eq!(given.config.get_connect_timeout(), Some(&Duration::from_secs(9)));
        assert_eq!(given.authorities, Some(PathBuf::from("/a b.pem")));
        assert!(given.is_local());
    }

    #[test]
    fn several_hosts_are_taken() {
        let two = Address::parse("postgres://me@one,two:5433/r?target_session_attrs=read-write").unwrap();
        assert_eq!(two.config.get_hosts().len(), 2);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_a_sentence_without_the_password() {
        for (url, said) in [
            ("postgres://me:geheim@db/r?poll=3", "unknown parameter \"poll\""),
            ("postgres://me:geheim@db/r?pool=0", "\"pool\""),
            ("postgres://me:geheim@db/r?sslmode=maybe", "\"sslmode\""),
            ("postgres://me:geheim@db/r?sslrootcert=/x", "verify-full only"),
            ("postgres://me:geheim@db/r?statement_timeout=1h", "in seconds"),
            ("postgres://me:geheim@db", "names no database"),
            ("postgres://me:geheim@db:port/r", "cannot be read"),
            ("postgres:///r", "names no host"),
        ] {
            let message = refusal(url);
            assert!(message.contains(said), "{message}");
            assert!(!message.contains("geheim"), "{message}");
        }
    }
}
