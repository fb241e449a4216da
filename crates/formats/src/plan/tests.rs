use std::io::Cursor;

use proptest::prelude::*;
use rethread_model::{ImportOptions, Reason};

use super::*;
use crate::testing::{
    Imported, Slices, disqus, gzip, import, import_with, item, post, refused, slices_of, thread, wp_comment, wxr, zip,
};

fn small() -> String {
    disqus(&(thread(1) + &post(1, "<![CDATA[one]]>") + &post(2, "two") + &post(3, "<![CDATA[th]]>ree")))
}

fn limited(upload: &[u8], limits: &Limits) -> Result<Imported, JobError> {
    import_with(upload, &ImportOptions::default(), limits)
}

#[test]
fn plain_packed_and_zipped_are_the_same() {
    let plain = import(small());
    let mut two_members = gzip(&small()[..500]);
    two_members.extend(gzip(&small()[500..]));
    two_members.extend([0; 512]);
    for packed in [gzip(small()), two_members, zip(&[("__MACOSX/._a", b"x"), ("a.xml", small().as_bytes())])] {
        let imported = limited(&packed, &slices_of(100)).unwrap();
        assert_eq!(imported.records, plain.records);
        assert_eq!(imported.plan.bytes_total, limited(small().as_bytes(), &slices_of(100)).unwrap().plan.bytes_total);
        assert_eq!(imported.defect(), None);
    }
}

#[test]
fn the_parts_of_a_zip_are_read_in_the_order_of_their_names() {
    let (first, second) = (wxr(&item(1, &wp_comment(1, 0, "c"))), wxr(&item(2, &wp_comment(2, 0, "c"))));
    let file = zip(&[("s.001.xml", second.as_bytes()), ("s.000.xml", first.as_bytes()), ("read me.txt", b"hello")]);
    let imported = import(&file);
    assert_eq!(imported.ids(), ["1:1", "2:2"]);
    assert_eq!(imported.plan.slices.iter().map(|slice| slice.part).collect::<Vec<_>>(), [0, 1]);
    assert!(imported.plan.facts.evidence.ends_with("2 items, 2 comments, in 2 files of the zip"));
    let mixed = zip(&[("a.xml", first.as_bytes()), ("b.xml", small().as_bytes())]);
    assert_eq!(refused(mixed).code, "other_vendor");
}

#[test]
fn nothing_to_read_is_refused() {
    assert_eq!(refused("").code, "empty");
    assert_eq!(refused(gzip("")).code, "empty");
    assert_eq!(refused(zip(&[])).code, "empty");
    assert_eq!(refused(zip(&[("__MACOSX/x", b"x"), ("dir/", b"")])).code, "empty");
    assert_eq!(refused(zip(&[("notes.txt", b"hello")])).code, "not_an_export");
    assert_eq!(refused(&gzip(small())[..12]).code, "truncated");
    let cut = zip(&[("a.xml", small().as_bytes())]);
    assert_eq!(refused(&cut[..cut.len() - 30]).code, "truncated");
}

#[test]
fn bombs_are_refused() {
    let bomb = gzip(disqus(&" ".repeat(80 << 20)));
    assert_eq!(refused(&bomb).code, "bomb");
    assert_eq!(refused(zip(&[("a.xml", disqus(&" ".repeat(80 << 20)).as_bytes())])).code, "bomb");
    let limits = Limits { unpacked_bytes: 100, ..Limits::default() };
    assert_eq!(limited(&gzip(small()), &limits).unwrap_err().code, "bomb");
    assert!(limited(small().as_bytes(), &limits).is_ok(), "a plain file unpacks to nothing");
}

#[test]
fn a_large_record_is_left_out_and_the_rest_is_read() {
    let large = post(2, &"x".repeat(3 << 20));
    let file = disqus(&(thread(1) + &post(1, "a") + &large + &post(3, "b")));
    let limits = Limits { record_bytes: 100_000, ..Limits::default() };
    for upload in [file.clone().into_bytes(), gzip(&file)] {
        let imported = limited(&upload, &limits).unwrap();
        assert_eq!(imported.ids(), ["1", "3"]);
        assert_eq!((imported.plan.slices.len(), imported.defect()), (2, None));
        let [refused] = imported.plan.refused.as_slice() else { panic!("one record is refused") };
        assert_eq!((refused.value.reason, refused.value.source_id.as_deref()), (Reason::RecordTooLarge, Some("2")));
        assert_eq!(refused.at.offset, file.find("<post dsq:id=\"2\"").unwrap() as u64);
    }
    let unclosed = file.replacen("</post>\n<post dsq:id=\"3\"", "<post dsq:id=\"3\"", 1);
    assert_eq!(limited(unclosed.as_bytes(), &limits).unwrap().ids(), ["1", "3"], "even one that was never closed");
}

#[test]
fn a_large_article_costs_its_thread_and_says_so() {
    let large = item(1, &wp_comment(1, 0, "c")).replace("Article", &"x".repeat(2 << 20));
    let limits = Limits { record_bytes: 100_000, ..Limits::default() };
    let imported = limited(wxr(&(large + &item(2, &wp_comment(2, 0, "c")))).as_bytes(), &limits).unwrap();
    assert_eq!(imported.ids(), ["2:2"]);
    assert_eq!(imported.reasons(), [Reason::RecordTooLarge]);
    assert_eq!(imported.refused()[0].reason, Reason::MissingThread);
}

/// What is whole is read, whatever is missing, and the job is told where the file breaks off.
#[test]
fn a_file_cut_anywhere_keeps_its_whole_records() {
    let files = [small(), wxr(&item(1, &(wp_comment(1, 0, "a") + &wp_comment(2, 1, "<![CDATA[b]]>"))))];
    for file in files {
        let (end_tag, root) = if file.contains("<post") { ("</post>", "disqus") } else { ("</wp:comment>", "rss") };
        let root_tag =
            file.find('>').unwrap() + 1 + file[file.find('>').unwrap() + 1..].find(&format!("<{root}")).unwrap();
        let readable = root_tag + file[root_tag..].find('>').unwrap() + 1;
        let whole = file.rfind('>').unwrap() + 1;
        for cut in 0..file.len() {
            let result = limited(&file.as_bytes()[..cut], &slices_of(600));
            if cut < readable {
                assert!(matches!(result.unwrap_err().code.as_str(), "empty" | "not_an_export"), "cut at {cut}");
                continue;
            }
            let imported = result.unwrap();
            assert_eq!(imported.comments().len(), file[..cut].matches(end_tag).count(), "cut at {cut}");
            assert_eq!(imported.defect(), (cut < whole).then_some("truncated"), "cut at {cut}");
            assert!(imported.plan.defect.is_none_or(|defect| defect.offset == Some(cut as u64)));
        }
    }
}

#[test]
fn a_gzip_cut_anywhere_keeps_what_is_whole() {
    let packed = gzip(small());
    for cut in 20..packed.len() {
        match limited(&packed[..cut], &Limits::default()) {
            Ok(imported) => assert_eq!(imported.defect(), Some("truncated"), "cut at {cut}"),
            Err(refusal) => {
                assert!(matches!(refusal.code.as_str(), "truncated" | "not_an_export"), "cut at {cut}: {refusal:?}");
            }
        }
    }
    let mut wrong_sum = packed.clone();
    let sum_at = packed.len() - 8;
    wrong_sum[sum_at] ^= 1;
    let imported = limited(&wrong_sum, &Limits::default()).unwrap();
    assert_eq!((imported.ids().len(), imported.defect()), (3, Some("damaged")));
}

#[test]
fn an_upload_that_cannot_be_read_is_worth_another_try() {
    struct Failing(u64);
    impl io::Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let file = gzip(small());
            let left = &file[usize::try_from(self.0).unwrap()..];
            if self.0 > 60 {
                return Err(io::Error::other("the disk is gone"));
            }
            let length = left.len().min(buffer.len()).min(20);
            buffer[..length].copy_from_slice(&left[..length]);
            self.0 += length as u64;
            Ok(length)
        }
    }
    impl io::Seek for Failing {
        fn seek(&mut self, position: io::SeekFrom) -> io::Result<u64> {
            if let io::SeekFrom::Start(offset) = position {
                self.0 = offset;
            }
            Ok(self.0)
        }
    }
    let options = ImportOptions::default();
    let result = plan(&mut Failing(0), 1000, &options, &Limits::default(), &mut Slices::default());
    assert!(matches!(result, Err(PlanError::Io(_))));
}

#[test]
fn planning_again_gives_the_same_plan() {
    let options = ImportOptions::default();
    let of = |upload: &[u8]| {
        let mut sink = Slices::default();
        let size_bytes = upload.len() as u64;
        let plan = plan(&mut Cursor::new(upload), size_bytes, &options, &slices_of(200), &mut sink).unwrap();
        (plan.slices, sink.0, plan.bytes_total)
    };
    assert_eq!(of(&gzip(small())), of(&gzip(small())));
    assert_eq!(of(small().as_bytes()).0.len(), 4);
}

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

    /// However damaged a file is, where it is cut does not change what comes out of it.
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
