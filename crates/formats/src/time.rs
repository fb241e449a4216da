//! Times as vendors write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads a time that is UTC unless it says otherwise: RFC 3339, with `T` or a space, with or without `Z` or an offset.
///
/// `None` for what is no time, and for the zero times of `MySQL` (`0000-00-00 00:00:00`) and Go (`0001-01-01T00:00:00Z`),
/// which mean "none".
pub(crate) fn parse_utc(text: &str) -> Option<Timestamp> {
    parse_local(text, None)
}

/// Reads a time that is of `zone` (of UTC, without one) unless it carries its own offset. A local time that the zone
/// skips or repeats is read as the later, or the first, of the two that it could mean.
pub(crate) fn parse_local(text: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let text = text.trim();
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        zone.unwrap_or(&TimeZone::UTC).to_timestamp(civil).ok()
    })?;
    // Go's zero time is before the year 2 in every zone.
    let year_two = jiff::civil::date(2, 1, 1);
    let is_zero = TimeZone::UTC.to_datetime(time).date() < year_two;
    (!is_zero).then_some(time)
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
        // 02:30 does not exist on this night, and exists twice on that.
        assert_eq!(local("2020-03-29 02:30:00"), "2020-03-29T01:30:00Z");
        assert_eq!(local("2020-10-25 02:30:00"), "2020-10-25T00:30:00Z");
    }
}
