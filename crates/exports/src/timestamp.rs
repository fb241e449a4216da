//! Times in formats with a resolution of one second.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rethread_model::{Loss, Timestamp};

use super::count::Count;

/// The first year that can be written: the year 1 means "none" in Go, the year 0 in `MySQL`.
const FIRST_YEAR: i16 = 2;

/// The time in UTC as formats write it; `None` if it is missing or not representable.
pub(super) fn writable(time: Option<Timestamp>) -> Option<DateTime> {
    time.map(|time| TimeZone::UTC.to_datetime(time)).filter(|time| time.year() >= FIRST_YEAR)
}

/// Counts the loss when a comment's time is rounded to seconds.
pub(super) fn count(time: Option<Timestamp>, count: &mut Count) {
    let writable = writable(time);
    count.lose(Loss::CreatedAt, time.is_some() && writable.is_none());
    count.lose(Loss::Fraction, writable.is_some_and(|time| time.subsec_nanosecond() != 0));
}

/// `2020-01-27 14:20:21`, as written by `MySQL` and so by WordPress; its zero time if there is
/// none.
pub(super) fn mysql(time: Option<Timestamp>) -> String {
    let written = writable(time).map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string());
    written.unwrap_or_else(|| "0000-00-00 00:00:00".to_owned())
}

/// `2020-01-27T14:20:21Z`; empty if there is none.
pub(super) fn iso(time: Option<Timestamp>) -> String {
    writable(time).map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}

/// `Mon, 27 Jan 2020 14:20:21 +0000`, as in feeds; empty if there is none.
pub(super) fn feed(time: Option<Timestamp>) -> String {
    writable(time).map(|time| time.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_whole_before_1970_too() {
        let time = "1969-12-31T23:59:58.75Z".parse().ok();
        assert_eq!(mysql(time), "1969-12-31 23:59:58");
        assert_eq!(iso(time), "1969-12-31T23:59:58Z");
        assert_eq!(feed(time), "Wed, 31 Dec 1969 23:59:58 +0000");
    }

    #[test]
    fn what_readers_take_for_none_is_none() {
        for time in [None, "0001-12-31T23:59:59Z".parse().ok(), "-000044-03-15T12:00:00Z".parse().ok()] {
            assert_eq!((mysql(time).as_str(), iso(time).as_str()), ("0000-00-00 00:00:00", ""));
        }
        assert_eq!(iso("0002-01-01T00:00:00Z".parse().ok()), "0002-01-01T00:00:00Z");
    }
}
