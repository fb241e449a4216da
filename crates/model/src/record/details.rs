//! What vendors say about a comment besides its text.

use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Serialize, Serializer};

/// Facts about a comment that are stored and exported as they are. A tombstone has none of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CommentDetails {
    /// Votes for it.
    pub votes_up: Option<i64>,
    /// Votes against it, as a positive number.
    pub votes_down: Option<i64>,
    /// Net votes, if the vendor has only those.
    pub score: Option<i64>,
    /// Whether it is pinned to the top of its thread.
    pub pinned: bool,
    /// The commenter's IP address; only if the admin requested it.
    pub ip: Option<String>,
}

impl CommentDetails {
    /// These details. What a linked site does not send is taken from the stored ones.
    #[must_use]
    pub fn fill_from_store(self, stored: &Self) -> Self {
        Self {
            votes_up: self.votes_up.or(stored.votes_up),
            votes_down: self.votes_down.or(stored.votes_down),
            score: stored.score,
            pinned: stored.pinned,
            ip: stored.ip.clone(),
        }
    }

    /// Details with everything that there is, for tests: no value is the default.
    #[must_use]
    pub fn example() -> Self {
        Self {
            votes_up: Some(2),
            votes_down: Some(1),
            score: Some(-4),
            pinned: true,
            ip: Some("2001:db8::1".to_owned()),
        }
    }
}

/// The form in which [`Comment::fingerprint`](super::Comment::fingerprint) covers them.
pub(super) struct Fingerprinted<'a>(pub(super) &'a CommentDetails);

impl Serialize for Fingerprinted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let CommentDetails { votes_up, votes_down, score, pinned, ip } = self.0;
        let mut list = serializer.serialize_seq(None)?;
        list.serialize_element(votes_up)?;
        list.serialize_element(votes_down)?;
        list.serialize_element(score)?;
        list.serialize_element(pinned)?;
        list.serialize_element(ip)?;
        // A field that is added later is an element (name, value), and only where it has a value.
        // Otherwise all stored fingerprints would change, and the next import would report every
        // comment as updated.
        list.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_that_were_added_later_are_fingerprinted_only_where_they_are_present() {
        let json = |details: &CommentDetails| serde_json::to_value(Fingerprinted(details)).unwrap();
        assert_eq!(json(&CommentDetails::default()), json!([null, null, null, false, null]));
        let example = CommentDetails::example();
        let all = json(&example);
        assert_eq!(all.as_array().unwrap()[..5], [json!(2), json!(1), json!(-4), json!(true), json!("2001:db8::1")]);
    }

    #[test]
    fn every_field_is_fingerprinted_and_has_a_value_in_the_example() {
        let example = serde_json::to_value(CommentDetails::example()).unwrap();
        let empty = serde_json::to_value(CommentDetails::default()).unwrap();
        let fingerprint = |details: &CommentDetails| serde_json::to_string(&Fingerprinted(details)).unwrap();
        for (field, value) in empty.as_object().unwrap() {
            let mut without = example.clone();
            without[field] = value.clone();
            let without: CommentDetails = serde_json::from_value(without).unwrap();
            assert_ne!(fingerprint(&without), fingerprint(&CommentDetails::example()), "{field}");
        }
    }
}
