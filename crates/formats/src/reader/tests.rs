use proptest::prelude::*;
use rethread_model::{Origin, SliceContent, SliceNumber, SliceSource};
use serde_json::Value;

use super::*;
use crate::testing::{cases, import, import_with, item, post, slices_of, thread, wp_comment, wxr};
use crate::tests::samples::{sample, samples};

fn spec(length: usize) -> SliceSpec {
    let end = 1000 + length as u64;
    let (number, source, content) = (SliceNumber(0), SliceSource::Own, SliceContent::default());
    SliceSpec {
        number,
        source,
        part: 2,
        start: 1000,
        end,
        origin: None,
        newest_comment_at: None,
        content,
        head: Value::Null,
    }
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

/// Escaped once too often, with a password and with a dot after the host: all mean the same page.
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

/// Two linked sites have posts with the same number, and send no address.
#[test]
fn pages_of_a_linked_site_are_known_by_the_site() {
    let body = r#"{"countRemaining":0,"comments":[{"externalId":"9","urlId":"7","comment":"c","date":"2020-01-02 00:00:00"}]}"#;
    let end = body.len() as u64;
    let origin = Some(Origin::new("blog.example"));
    let batch =
        SliceSpec { start: 0, end, origin, head: rethread_vendors::wordpress::batch_head(), ..spec(body.len()) };
    let options = ImportOptions::default();
    let records = read_slice(Vendor::WordPress, &batch, &options, body.as_bytes()).flat_map(|portion| portion.records);
    let keys: Vec<String> = records
        .filter_map(|located| match located.value {
            Record::Thread(thread) => Some(thread.url_id),
            _ => None,
        })
        .collect();
    assert_eq!(keys, ["blog.example/?p=7"]);
}

proptest! {
    /// Bytes that no planner would produce, such as a damaged blob.
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300), vendor in prop::sample::select(Vendor::ALL.to_vec())) {
        let (spec, options) = (spec(bytes.len()), ImportOptions::default());
        for portion in read_slice(vendor, &spec, &options, &bytes) {
            prop_assert!(portion.end <= spec.end);
        }
    }
}

/// Pieces of markup, JSON and tables, and bytes that damage them.
const PIECES: [&str; 24] = [
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "&",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\",
    "\n",
    " ",
    "\u{8}",
    "<post dsq:id=\"1\">",
    "\"seed\":{",
    "<wp:comment>",
];

proptest! {
    #![proptest_config(cases(60))]

    /// A reader finds in the slices what the planner found in the file, wherever it is cut and
    /// whatever is damaged: an import compares the two.
    #[test]
    fn slices_of_damaged_files_hold_what_was_planned(
        name in prop::sample::select(samples()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..4)), 1..4),
        slice_bytes in 1_usize..4000,
    ) {
        let mut file = sample(&name);
        for (at, length, pieces) in damage {
            let at = at.index(file.len());
            let end = file.len().min(at + length);
            file.splice(at..end, pieces.concat().into_bytes());
        }
        // A refused file has no slices.
        let _ = import_with(&file, &ImportOptions::default(), &slices_of(slice_bytes));
    }
}
