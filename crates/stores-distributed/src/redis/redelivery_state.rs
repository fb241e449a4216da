//! The redelivery state of a task or event as fields of a hash. It is recorded by compare and set
//! (`scripts/redelivery_state.lua`), so that of several callers that decide to publish, one does.

use redis::{FromRedisValue, ParsingError, Value};
use rethread_stores::Result;
use rethread_stores::rules::redelivery::RedeliveryState;
use rethread_stores::stored_value::unreadable;

/// The fields of one task or event, as read.
#[derive(Debug)]
pub(super) struct StoredState([Option<String>; 4]);

impl FromRedisValue for StoredState {
    fn from_redis_value(value: Value) -> std::result::Result<Self, ParsingError> {
        FromRedisValue::from_redis_value(value).map(Self)
    }
}

impl From<[Option<String>; 4]> for StoredState {
    fn from(fields: [Option<String>; 4]) -> Self {
        Self(fields)
    }
}

impl StoredState {
    /// The names of the fields, in the order of the scripts. Those of a slice begin with its number
    /// and a point.
    pub(super) const FIELDS: [&str; 4] = ["moved_at", "publish_count", "published_at", "not_before"];

    /// The names of a slice's fields.
    pub(super) fn of_slice(number: u32) -> [String; 4] {
        Self::FIELDS.map(|field| format!("{number}.{field}"))
    }

    pub(super) fn read(&self) -> Result<RedeliveryState> {
        let [moved_at, publish_count, published_at, not_before] = self.0.each_ref().map(Option::as_deref);
        let millis = |text: &str| text.parse::<i64>().map_err(|_| unreadable("time"));
        Ok(RedeliveryState {
            moved_at: moved_at.map_or(Ok(0), millis)?,
            publish_count: publish_count.map_or(Ok(0), str::parse).map_err(|_| unreadable("number"))?,
            published_at: published_at.map(millis).transpose()?,
            not_before: not_before.map(millis).transpose()?,
        })
    }

    /// The arguments of a script that records a publication if this state still stands.
    pub(super) fn to_args(&self, published: RedeliveryState) -> [String; 6] {
        let [moved_at, publish_count, published_at, not_before] = self.0.clone().map(Option::unwrap_or_default);
        let recorded_at = published.published_at.map(|at| at.to_string()).unwrap_or_default();
        [moved_at, publish_count, published_at, not_before, published.publish_count.to_string(), recorded_at]
    }
}

#[cfg(test)]
mod tests {
    use rethread_model::Timestamp;
    use rethread_stores::rules::redelivery::Cutoff;

    use super::*;

    fn stored(fields: [&str; 4]) -> StoredState {
        StoredState(fields.map(|text| Some(text.to_owned()).filter(|text| !text.is_empty())))
    }

    #[test]
    fn a_state_comes_back_from_its_fields_and_is_compared_as_it_was_read() {
        let empty = stored(["", "", "", ""]);
        assert_eq!(empty.read().unwrap(), RedeliveryState::default());
        let full = stored(["1000", "2", "3000", "4000"]);
        let read = full.read().unwrap();
        assert_eq!(
            read,
            RedeliveryState { moved_at: 1000, publish_count: 2, published_at: Some(3000), not_before: Some(4000) }
        );
        let cutoff = Cutoff { before: Timestamp::MIN, now: Timestamp::from_second(5).unwrap() };
        let published = cutoff.publish(read).expect("its time has come");
        assert_eq!(full.to_args(published), ["1000", "2", "3000", "4000", "3", "5000"]);
        assert!(stored(["soon", "", "", ""]).read().is_err());
    }
}
