//! The newest comment of a document.

use rethread_model::Timestamp;

/// The newest time, excluding times later than the receipt of the file: those are not times of
/// comments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Newest {
    received_at: Option<Timestamp>,
    found: Option<Timestamp>,
}

impl Newest {
    pub(crate) const fn until(received_at: Option<Timestamp>) -> Self {
        Self { received_at, found: None }
    }

    pub(crate) fn see(&mut self, time: Option<Timestamp>) {
        let is_possible = |time: &Timestamp| self.received_at.is_none_or(|received_at| *time <= received_at);
        self.found = self.found.max(time.filter(is_possible));
    }

    pub(crate) const fn found(self) -> Option<Timestamp> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dated_after_the_file_came_is_no_time_of_a_comment() {
        let at = |text: &str| text.parse::<Timestamp>().ok();
        let mut newest = Newest::until(at("2024-01-01T00:00:00Z"));
        for time in [None, at("2020-01-01T00:00:00Z"), at("9999-01-01T00:00:00Z"), at("2019-01-01T00:00:00Z")] {
            newest.see(time);
        }
        assert_eq!(newest.found(), at("2020-01-01T00:00:00Z"));
    }
}
