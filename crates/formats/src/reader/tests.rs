use proptest::prelude::*;
use rethread_model::{SliceNumber, SliceSource};
use serde_json::Value;

use super::*;
use crate::testing::{import, item, post, thread, wp_comment, wxr};

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

/// Escaped once too often, with a password and with a dot after the host: whoever wrote it meant one page.
#[test]
fn addresses_leave_a_reader_fit_to_be_shown() {
    let address = "https://me:secret@www.example.org./1/?a=1&amp;#038;b=2";
    let disqus = crate::testing::disqus(&(thread(1).replace("https://www.example.org/1/", address) + &post(5, "x")));
    let link = "https://blog.example.org/post-1/";
    let comment = wp_comment(1, 0, "x").replace("https://ann.example.org/", "https://ann:secret@ann.example.org/");
    let wxr = wxr(&item(1, &comment).replace(link, address));
    let json = address.replace("&amp;", "&");
    let just = format!(
        r#"[{{"commentId":"1","itemId":"x","pageUrl":"{json}","message":"m","createdAt":"2020-01-01T00:00:00Z","userDisplayName":"A"}}]"#
    );
    for file in [disqus, wxr, just] {
        let imported = import(&file);
        let [page] = imported.threads()[..] else { panic!("{file}") };
        assert_eq!(page.url.as_deref(), Some("https://www.example.org./1/?a=1&b=2"), "{file}");
        assert_eq!(page.url_id, "example.org/1?a=1&b=2", "{file}");
        assert!(!format!("{:?}", imported.records).contains("secret"), "{file}");
    }
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
