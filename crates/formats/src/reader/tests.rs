use proptest::prelude::*;
use rethread_model::{SliceNumber, SliceSource};
use serde_json::Value;

use super::*;
use crate::testing::{post, thread};

fn spec(length: usize) -> SliceSpec {
    let end = 1000 + length as u64;
    SliceSpec { number: SliceNumber(0), source: SliceSource::Own, part: 2, start: 1000, end, head: Value::Null }
}

#[test]
fn places_are_those_in_the_document() {
    let (first, second) = (thread(1), post(5, "x"));
    let bytes = format!("{first}{second}");
    let spec = spec(bytes.len());
    let options = ImportOptions::default();
    let portions: Vec<Portion> = read_slice(Vendor::Disqus, &spec, &options, bytes.as_bytes()).collect();
    assert_eq!(portions.len(), 2);
    let second_at = 1000 + first.len() as u64;
    assert_eq!(portions[1].records[0].at, Position { part: 2, offset: second_at });
    assert_eq!(portions[1].end, second_at + second.trim_end().len() as u64);
}

proptest! {
    /// Bytes that no planner would hand out, a damaged blob say.
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300), vendor in prop::sample::select(Vendor::ALL.to_vec())) {
        let (spec, options) = (spec(bytes.len()), ImportOptions::default());
        for portion in read_slice(vendor, &spec, &options, &bytes) {
            prop_assert!(portion.end <= spec.end);
        }
    }
}
