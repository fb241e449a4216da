//! What holds for any upload.

use proptest::prelude::*;

use super::*;

/// A valid file with some of its bytes changed.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let comments = wp_comment(1, 0, "<![CDATA[a]]>") + &wp_comment(2, 1, "b &amp; c");
    let files = [
        small(),
        wxr(&(item(1, &comments) + &item(2, &wp_comment(3, 0, "c")))),
        r#"{"version":1,"comments":[{"commentHex":"a","domain":"h","url":"/p","commenterHex":"c","markdown":"m","parentHex":"root","state":"approved","creationDate":"2020-01-27T14:20:21.1Z"}],"commenters":[{"commenterHex":"c","name":"N"}]}"#.to_owned(),
    ];
    let pieces = [
        "<",
        ">",
        "]]>",
        "<![CDATA[",
        "</post>",
        "<post>",
        "</item>",
        "\"",
        "{",
        "}",
        "]",
        ",",
        "\\",
        "\u{0}",
        "<!--",
        "&",
    ];
    let change = (any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(pieces.to_vec()));
    (prop::sample::select(files.to_vec()), prop::collection::vec(change, 0..6)).prop_map(|(file, changes)| {
        let mut bytes = file.into_bytes();
        for (place, length, piece) in changes {
            let start = place.index(bytes.len());
            let end = bytes.len().min(start + length);
            bytes.splice(start..end, piece.bytes());
        }
        bytes
    })
}

proptest! {
    #[test]
    fn any_bytes_are_planned_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), start in 0..5_usize) {
        let starts: [&[u8]; 5] = [b"", b"<disqus>", b"<rss><wp:x/>", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"PK\x03\x04"];
        let mut upload = starts[start].to_vec();
        upload.extend(bytes);
        let _ = limited(&upload, &slices_of(50));
    }

    /// Whatever the damage, the position of the cuts does not change the result.
    #[test]
    fn slices_do_not_matter(upload in mutated(), slice_bytes in 1_usize..2000) {
        let (whole, cut) = (limited(&upload, &Limits::default()), limited(&upload, &slices_of(slice_bytes)));
        match (whole, cut) {
            (Ok(whole), Ok(cut)) => {
                prop_assert_eq!(whole.comments(), cut.comments());
                prop_assert_eq!(whole.refused(), cut.refused());
                prop_assert_eq!(whole.authors(), cut.authors());
                prop_assert_eq!(whole.findings, cut.findings);
                prop_assert_eq!(whole.plan.defect, cut.plan.defect);
            }
            (whole, cut) => prop_assert_eq!(whole.err(), cut.err()),
        }
    }

    #[test]
    fn packing_does_not_matter(upload in mutated(), slice_bytes in 1_usize..2000) {
        let (plain, packed) = (limited(&upload, &slices_of(slice_bytes)), limited(&gzip(&upload), &slices_of(slice_bytes)));
        match (plain, packed) {
            (Ok(plain), Ok(packed)) => {
                prop_assert_eq!(plain.records, packed.records);
                prop_assert_eq!(plain.findings, packed.findings);
            }
            (plain, packed) => prop_assert_eq!(plain.err(), packed.err()),
        }
    }
}
