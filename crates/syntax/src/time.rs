//! Parses times as vendors write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

/// The last second that a [`Timestamp`] holds: 9999-12-30T22:00:00Z.
const LAST_SECOND: i64 = 253_402_207_200;

/// Later times, up to [`LAST_OF_9999`], are read as [`LAST_SECOND`]: some systems write them for
/// "for ever".
const LAST_DAYS_FROM: Date = date(9999, 12, 30);

/// 9999-12-31T23:59:59Z in seconds since 1970.
pub const LAST_OF_9999: i64 = 253_402_300_799;

/// The time `second` seconds after 1970, up to the end of the year 9999.
#[must_use]
pub fn from_second(second: i64) -> Option<Timestamp> {
    let second = if (LAST_SECOND..=LAST_OF_9999).contains(&second) { LAST_SECOND } else { second };
    Timestamp::from_second(second).ok()
}

/// The time `millisecond` milliseconds after 1970, up to the end of the year 9999.
#[must_use]
pub fn from_millisecond(millisecond: i64) -> Option<Timestamp> {
    let is_last = (LAST_SECOND..=LAST_OF_9999).contains(&millisecond.div_euclid(1000));
    if is_last { from_second(LAST_SECOND) } else { Timestamp::from_millisecond(millisecond).ok() }
}

/// Parses a time that is UTC unless it says otherwise: RFC 3339, with `T` or a space, with or
/// without `Z` or an offset.
///
/// `None` if it is not a time, and for the zero times of `MySQL` (`0000-00-00 00:00:00`) and Go
/// (`0001-01-01T00:00:00Z`), which mean "none".
#[must_use]
pub fn parse_utc(text: &str) -> Option<Timestamp> {
    parse_local(text, None)
}

/// Parses a time in `zone` (in UTC, without one) unless it carries its own offset. A local time
/// that the zone skips or repeats becomes the later, or the first, of its two readings.
#[must_use]
pub fn parse_local(text: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let text = text.trim();
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        zone.unwrap_or(&TimeZone::UTC).to_timestamp(civil).ok()
    });
    let time = time.or_else(|| from_second(LAST_SECOND).filter(|_| is_in_last_days(text)))?;
    // Go's zero time is before the year 2 in every zone.
    let is_zero = TimeZone::UTC.to_datetime(time).date() < date(2, 1, 1);
    (!is_zero).then_some(time)
}

/// Whether this is a time on the last two days of the year 9999.
fn is_in_last_days(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|pieces| pieces.date() >= LAST_DAYS_FROM && pieces.time().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<String> {
        parse_utc(text).map(|time| time.to_string())
    }

    #[test]
    fn shapes_that_vendors_write() {
        let expected = Some("2020-01-27T14:20:21Z".to_owned());
        for text in [
            "2020-01-27T14:20:21Z",
            "2020-01-27T14:20:21",
            "2020-01-27 14:20:21",
            " \n2020-01-27T14:20:21Z\t",
            "2020-01-27T16:20:21+02:00",
            "2020-01-27T14:20:21+00:00",
            "2020-01-27t14:20:21z",
        ] {
            assert_eq!(utc(text), expected, "{text}");
        }
        assert_eq!(utc("2020-01-27T14:20:21.101653Z"), Some("2020-01-27T14:20:21.101653Z".to_owned()));
    }

    #[test]
    fn the_year_9999_is_one() {
        assert_eq!(utc("9999-12-29T10:00:00Z"), Some("9999-12-29T10:00:00Z".to_owned()));
        let last = Some("9999-12-30T22:00:00Z".to_owned());
        for text in [
            "9999-12-31T23:59:59Z",
            "9999-12-31 23:59:59",
            "9999-12-31T23:59:59.999+00:00",
            "9999-12-30T23:00:00-05:00",
        ] {
            assert_eq!(utc(text), last, "{text}");
        }
        for text in ["9999-12-32T00:00:00Z", "10000-01-01T00:00:00Z", "9999-12-31T25:00:00Z"] {
            assert_eq!(utc(text), None, "{text}");
        }
        assert_eq!(from_second(LAST_OF_9999), from_millisecond(LAST_OF_9999 * 1000 + 999));
        assert_eq!(from_second(LAST_OF_9999).map(|time| time.to_string()), last);
        assert_eq!((from_second(LAST_OF_9999 + 1), from_millisecond(i64::MAX)), (None, None));
    }

    #[test]
    fn zero_times_and_nonsense_are_none() {
        for text in [
            "",
            "yesterday",
            "0000-00-00 00:00:00",
            "0001-01-01T00:00:00.000Z",
            "0001-01-01T00:00:00Z",
            "2020-02-30 10:00:00",
            "2020-01-27T25:00:00Z",
            "1580134821",
        ] {
            assert_eq!(parse_utc(text), None, "{text}");
        }
    }

    #[test]
    fn local_times_follow_the_zone_unless_they_carry_an_offset() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let local = |text| parse_local(text, Some(&zone)).unwrap().to_string();
        assert_eq!(local("2020-01-27 14:20:21"), "2020-01-27T13:20:21Z");
        assert_eq!(local("2020-07-27 14:20:21"), "2020-07-27T12:20:21Z");
        assert_eq!(local("2020-07-27 14:20:21Z"), "2020-07-27T14:20:21Z");
        // 02:30 does not exist in the first of these nights, and exists twice in the second.
        assert_eq!(local("2020-03-29 02:30:00"), "2020-03-29T01:30:00Z");
        assert_eq!(local("2020-10-25 02:30:00"), "2020-10-25T00:30:00Z");
    }
}
