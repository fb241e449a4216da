//! Parses the expiry of a token.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::failure::Failure;

/// A time in the future.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expiry {
    After(Span),
    /// At the start of the day, in UTC.
    On(Date),
    At(Timestamp),
}

impl FromStr for Expiry {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(instant) = text.parse() {
            return Ok(Self::At(instant));
        }
        // Anything longer than a date would be truncated to one.
        let is_date = text.len() == "2030-01-31".len() && text.contains('-');
        if let Some(date) = text.parse().ok().filter(|_| is_date) {
            return Ok(Self::On(date));
        }
        text.parse().map(Self::After).map_err(|_| "use a time such as 90d, or a day such as 2030-01-31")
    }
}

impl Expiry {
    /// The instant, relative to `now`. Times in the past are rejected.
    pub(crate) fn from(self, now: Timestamp) -> anyhow::Result<Timestamp> {
        let end = match self {
            Self::After(span) => now.to_zoned(TimeZone::UTC).checked_add(span)?.timestamp(),
            Self::On(date) => date.to_zoned(TimeZone::UTC)?.timestamp(),
            Self::At(instant) => instant,
        };
        if end <= now {
            let message = format!("--expires names a time that is over: {end}");
            return Err(Failure::usage("expiry_over", message).into());
        }
        Ok(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_days_and_instants_are_understood() {
        let now: Timestamp = "2029-01-30T12:00:00Z".parse().unwrap();
        for (text, end) in [
            ("90d", "2029-04-30T12:00:00Z"),
            ("1y", "2030-01-30T12:00:00Z"),
            ("12h", "2029-01-31T00:00:00Z"),
            ("1mo 1d", "2029-03-01T12:00:00Z"),
            ("2030-01-31", "2030-01-31T00:00:00Z"),
            ("2030-01-31T12:00:00+02:00", "2030-01-31T10:00:00Z"),
        ] {
            let found = text.parse::<Expiry>().unwrap().from(now).unwrap();
            assert_eq!(found, end.parse::<Timestamp>().unwrap(), "{text}");
        }
        for over in ["-1d", "0s", "2029-01-30", "2020-01-01T00:00:00Z"] {
            assert!(over.parse::<Expiry>().unwrap().from(now).is_err(), "{over}");
        }
        for nonsense in ["", "90", "soon", "2030-13-01"] {
            assert!(nonsense.parse::<Expiry>().is_err(), "{nonsense}");
        }
    }
}
