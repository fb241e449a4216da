//! Times in JSON: numbers since 1970, or text.

use jiff::Timestamp;
use rethread_model::Reason;

use super::Object;
use crate::notes::Notes;
use crate::time;

/// Larger numbers are milliseconds: as milliseconds, this limit is a day in 1978.
const MOST_SECONDS: i64 = time::LAST_OF_9999;

impl Object<'_> {
    /// A time in UTC: seconds or milliseconds since 1970 (also quoted), or RFC 3339 text. An
    /// unreadable one is noted and left out; empty, zero and `null` mean none.
    pub fn time(&self, key: &str, notes: &mut Notes) -> Option<Timestamp> {
        let time = match self.integer(key) {
            Some(0) => return None,
            Some(number) => from_number(number),
            None => {
                let text = self.value(key, notes)?;
                let is_none = text.starts_with("0000-") || text.starts_with("0001-01-01");
                if is_none {
                    return None;
                }
                time::parse_utc(&text)
            }
        };
        if time.is_none() {
            notes.add(Reason::UnreadableDate);
        }
        time
    }
}

fn from_number(number: i64) -> Option<Timestamp> {
    if number.abs() > MOST_SECONDS { time::from_millisecond(number) } else { time::from_second(number) }
}

/// Parses a quoted time or a number as written. `None` if it is not a time.
#[must_use]
pub fn moment(text: &str) -> Option<Timestamp> {
    match text.trim().parse::<i64>() {
        Ok(0) => None,
        Ok(number) => from_number(number),
        Err(_) => time::parse_utc(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_each_unit() {
        let time = |value: &str| {
            let (source, mut notes) = (format!("{{\"t\":{value}}}"), Notes::default());
            let object = Object::read(source.as_bytes(), &mut notes).unwrap();
            let time = object.time("t", &mut notes).map(|time| time.to_string());
            (time, notes == Notes::default())
        };
        let expected = Some("2023-11-14T22:13:20Z".to_owned());
        for value in [
            "1700000000",
            "\"1700000000\"",
            "1700000000000",
            "\" 1700000000 \"",
            "\"2023-11-14T22:13:20.000Z\"",
            "1.7e9",
        ] {
            assert_eq!(time(value), (expected.clone(), true), "{value}");
        }
        let last = (Some("9999-12-30T22:00:00Z".to_owned()), true);
        for value in ["253402300799", "253402300799999", "\"9999-12-31T23:59:59Z\""] {
            assert_eq!(time(value), last, "{value}");
        }
        for value in ["null", "0", "\"\"", "\"0\"", "\"0001-01-01T00:00:00Z\"", "[]"] {
            assert_eq!(time(value), (None, true), "{value}");
        }
        for value in ["\"soon\"", "9223372036854775807"] {
            assert_eq!(time(value), (None, false), "{value}");
        }
    }
}
