use std::io::Cursor;

use proptest::prelude::*;
use rethread_model::{ImportOptions, Reason};

use super::*;
use crate::testing::{
    Imported, Slices, disqus, gzip, import, import_with, item, post, refused, slices_of, thread, wp_comment, wxr, zip,
    zip_stored,
};
use crate::tests::samples::{sample, samples};

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
    assert_eq!(imported.refused()[0].reason, Reason::NoThreadReference);
}

/// Whole records are read wherever the file is cut, and the job reports where it breaks off.
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
}

fn salvage() -> ImportOptions {
    ImportOptions { salvage: true, ..ImportOptions::default() }
}

/// Packed uploads of the small file with one bit flipped: in the checksum, in the data, in the
/// second of two members.
fn altered() -> Vec<Vec<u8>> {
    let changed = |mut file: Vec<u8>, at: usize| {
        file[at] ^= 1;
        file
    };
    let gz = gzip(small());
    let file = small();
    let (first, second) = file.split_at(file.len() / 2);
    let members = [gzip(first), gzip(second)].concat();
    let stored = zip_stored(&[("a.xml", small().as_bytes())]);
    let name_at = memchr::memmem::find(&stored, b"Guest").unwrap();
    let deflated = zip(&[("a.xml", small().as_bytes()), ("b.xml", small().as_bytes())]);
    let last_sum = memchr::memmem::rfind(&deflated, b"PK\x01\x02").unwrap() + 16;
    [(gz.clone(), gz.len() - 8), (gz.clone(), gz.len() - 1), (gz.clone(), gz.len() / 2)]
        .into_iter()
        .chain([(members.clone(), members.len() - 8), (members, gz.len() / 3), (stored, name_at), (deflated, last_sum)])
        .map(|(file, at)| changed(file, at))
        .collect()
}

#[test]
fn an_altered_archive_is_refused_or_each_of_its_comments_says_so() {
    for (number, upload) in altered().into_iter().enumerate() {
        let refusal = limited(&upload, &slices_of(300)).unwrap_err();
        assert_eq!(refusal.code, "damaged_archive", "{number}");
        assert!(refusal.message.contains("--salvage"), "{}", refusal.message);
        let salvaged = import_with(&upload, &salvage(), &slices_of(300)).unwrap();
        let told: Vec<_> =
            salvaged.findings.iter().filter(|finding| finding.reason == Reason::UnverifiedBytes).collect();
        let ids: Vec<_> = told.iter().map(|finding| finding.source_id.as_deref().unwrap()).collect();
        let of_altered = salvaged.comments().len() - if number == 6 { 3 } else { 0 };
        assert_eq!(ids, salvaged.ids()[salvaged.ids().len() - of_altered..], "{number}");
    }
    let whole = import_with(&gzip(small()), &salvage(), &Limits::default()).unwrap();
    assert_eq!(whole.reasons(), [], "to ask for it changes nothing for a whole file");
}

#[test]
fn an_altered_archive_is_noticed_however_early_its_content_ends_to_make_sense() {
    let broken = small().replacen("<post dsq:id=\"2\"", "</disqus>", 1);
    let mut packed = gzip(&broken);
    let sum_at = packed.len() - 8;
    packed[sum_at] ^= 4;
    assert_eq!(refused(&packed).code, "damaged_archive");
    let mut page = gzip("<!DOCTYPE html><html><body>Sign in</body></html>");
    let sum_at = page.len() - 8;
    page[sum_at] ^= 4;
    assert_eq!(refused(&page).code, "damaged_archive");
    let mut list = zip_stored(&[("a.xml", small().as_bytes()), ("users.csv", b"@ann,ann@post.example\n")]);
    let name_at = memchr::memmem::find(&list, b"@post.example").unwrap();
    list[name_at + 2] ^= 1;
    assert_eq!(refused(&list).code, "damaged_archive");
}

#[test]
fn zips_that_cannot_be_unpacked_say_why() {
    let whole = zip(&[("a.xml", small().as_bytes())]);
    let patched = |offset: usize, value: [u8; 2]| {
        let mut zip = whole.clone();
        let directory = memchr::memmem::rfind(&zip, b"PK\x01\x02").unwrap();
        zip[directory + offset..directory + offset + 2].copy_from_slice(&value);
        // The local file header repeats the value.
        let local = offset - 2;
        zip[local..local + 2].copy_from_slice(&value);
        zip
    };
    for method in [1_u16, 9, 12, 14, 93, 95, 98, 4242] {
        let refusal = refused(patched(10, method.to_le_bytes()));
        assert_eq!(refusal.code, "unsupported_zip", "method {method}");
        assert!(refusal.message.contains("Unpack it"), "{}", refusal.message);
    }
    assert_eq!(refused(patched(8, [1, 0])).code, "encrypted");
    let mut directory = whole.clone();
    let at = memchr::memmem::rfind(&directory, b"PK\x01\x02").unwrap();
    directory[at] ^= 1;
    assert_eq!(refused(directory).code, "damaged_archive");
}

#[test]
fn an_empty_document_is_imported_with_nothing() {
    let empty = wxr("");
    for file in [
        "<disqus/>",
        "<?xml version=\"1.0\"?>\n<disqus xmlns=\"http://disqus.com\"></disqus>\n",
        &disqus(""),
        &empty,
        "<rss xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel></channel></rss>",
        "<rss xmlns:wp=\"http://wordpress.org/export/1.2/\"/>",
        "{\"version\":3}",
        "{\"version\": 1, \"commenters\": []}",
        "{\"version\":1,\"comments\":[],\"commenters\":[]}",
        "{\"website\":{},\"comments\":[],\"pages\":[]}",
        "{\"categories\":[],\"threads\":{}}",
        "<output></output>",
    ] {
        for upload in [file.as_bytes().to_vec(), gzip(file), zip(&[("a", file.as_bytes())])] {
            let imported = limited(&upload, &Limits::default()).unwrap_or_else(|error| panic!("{file}: {error:?}"));
            assert_eq!((imported.ids().len(), imported.defect(), imported.reasons()), (0, None, vec![]), "{file}");
        }
    }
    for version in ["2", "4", "481", "\"5\""] {
        assert_eq!(refused(format!("{{\"version\":{version}}}")).code, "bad_version", "{version}");
        let whole = format!("{{\"version\":{version},\"pages\":[],\"comments\":[],\"commenters\":[]}}");
        assert_eq!(refused(whole).code, "bad_version", "{version}");
    }
    let options = ImportOptions { vendor: Some(Vendor::JustComments), ..ImportOptions::default() };
    let imported = import_with(b"[]", &options, &Limits::default()).unwrap();
    assert_eq!((imported.ids().len(), imported.defect()), (0, None));
    assert_eq!(refused("[]").code, "empty");
}

#[test]
fn what_stands_behind_a_document_is_told_at_its_byte() {
    let commento = r#"{"version":1,"comments":[{"commentHex":"a","domain":"h.example","url":"/p","commenterHex":"c","markdown":"m","parentHex":"root","state":"approved"}],"commenters":[]}"#;
    let other = commento.replace("\"a\"", "\"b\"");
    let hyvor = r#"{"website":{"id":1},"comments":[{"id":1,"page":{"id":2,"url":"https://h.example/"},"body_html":"x"}],"pages":[],"users":[]}"#;
    let just = r#"[{"commentId":"1","pageUrl":"https://h.example/","message":"m"}]"#;
    let muut = r#"{"categories":[],"threads":{"a":[{"seed":{"key":"k","body":["x"],"date":1},"replies":[]}]}}"#;
    let second = wxr(&item(2, &wp_comment(2, 0, "c")));
    let documents = [
        small(),
        wxr(&item(1, &wp_comment(1, 0, "c"))),
        commento.to_owned(),
        hyvor.to_owned(),
        just.to_owned(),
        muut.to_owned(),
    ];
    for document in &documents {
        let document = document.trim_end();
        let alone = import(document);
        for (behind, reason) in [
            (second.as_str(), Reason::SecondDocument),
            (commento, Reason::SecondDocument),
            (document, Reason::SecondDocument),
            ("<br />\n<b>Warning</b>: x", Reason::SecondDocument),
            ("Warning: x", Reason::TrailingJunk),
        ] {
            let file = format!("{document}\n \n{behind}\n");
            for limits in [Limits::default(), slices_of(10)] {
                let imported = limited(file.as_bytes(), &limits).unwrap();
                let told: Vec<_> = imported.findings.iter().filter(|finding| finding.reason == reason).collect();
                let at = document.len() as u64 + 3;
                assert_eq!(told.iter().map(|told| told.at.offset).collect::<Vec<_>>(), [at], "{file}");
                let ids = imported.ids();
                assert!(alone.ids().iter().all(|id| ids.contains(id)), "{file}");
            }
        }
        // XML cannot hold padding bytes.
        let padding = if document.starts_with('<') { "\n" } else { "\0\0\0\x1a" };
        // Muut's reader treats a comment as damage and repairs it.
        let comment = if document == muut { "\n" } else { "<!-- cached -->\n<?php x ?>" };
        for nothing in ["", "\n\n", padding, comment] {
            let imported = import(format!("{document}{nothing}"));
            assert_eq!((imported.reasons(), imported.defect()), (alone.reasons(), None), "{document}{nothing:?}");
        }
    }
    for limits in [Limits::default(), slices_of(10)] {
        let both = limited(format!("{commento}\n{other}").as_bytes(), &limits).unwrap();
        assert_eq!(both.ids(), ["a", "b"], "what is of the same kind is read");
        let lists = limited(format!("{just}{}", just.replace("\"1\"", "\"2\"")).as_bytes(), &limits).unwrap();
        assert_eq!(lists.ids(), ["1"], "of lists without a name only the first is read");
    }
}

/// A WXR whose people and texts contain these letters.
fn wxr_in(encoding: &str, letters: &str) -> String {
    let comment = wp_comment(1, 0, &format!("<![CDATA[{letters}]]>")).replace("Ann", letters);
    wxr(&item(1, &comment)).replacen("UTF-8", encoding, 1)
}

#[test]
fn a_file_is_read_in_the_encoding_that_it_is_in() {
    for (label, letters) in [
        ("ISO-8859-1", "Jürgen – “café” €"),
        ("windows-1251", "Привет"),
        ("GB2312", "评论"),
        ("GB18030", "评论🦀"),
        ("Shift_JIS", "コメント表ソ"),
        ("EUC-JP", "コメント"),
        ("EUC-KR", "댓글"),
        ("Big5", "評論"),
        ("ISO-8859-2", "Žluťoučký"),
        ("koi8-r", "Привет"),
        ("ISO-2022-JP", "コメント"),
    ] {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        let text = wxr_in(label, letters);
        let (bytes, _, had_errors) = encoding.encode(&text);
        assert!(!had_errors, "{label}");
        for upload in [bytes.to_vec(), gzip(&bytes), zip(&[("a.xml", &bytes)])] {
            let imported = limited(&upload, &slices_of(500)).unwrap();
            assert_eq!(imported.comments()[0].text, letters, "{label}");
            assert_eq!(imported.authors()[0].name.as_deref(), Some(letters), "{label}");
            assert_eq!((imported.reasons(), imported.defect()), (vec![], None), "{label}");
            let said = format!("read as {}", encoding.name());
            assert!(imported.plan.facts.evidence.contains(&said), "{}", imported.plan.facts.evidence);
        }
    }
}

#[test]
fn utf16_is_read_with_a_mark_and_without() {
    let json = r#"[{"commentId":"1","pageUrl":"https://h.example/","message":"Grüße 🦀"}]"#;
    let csv = "commentId,pageUrl,message\n1,https://h.example/,Grüße 🦀\n";
    let xml = wxr_in("UTF-16", "Grüße 🦀");
    for document in [json, csv, &xml] {
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            for mark in ["\u{feff}", ""] {
                let file: Vec<u8> = format!("{mark}{document}").encode_utf16().flat_map(to_bytes).collect();
                for upload in [file.clone(), gzip(&file)] {
                    let imported = import(upload);
                    assert_eq!(imported.comments()[0].text, "Grüße 🦀");
                    let marks = if mark.is_empty() { vec![] } else { vec![Reason::ByteOrderMark] };
                    assert_eq!((imported.reasons(), imported.defect()), (marks, None));
                }
            }
        }
    }
    let text: Vec<u8> = "Dear Sir, please find".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(text).code, "not_an_export");
    assert_eq!(refused(b"\xff\xfe\0\0<\0\0\0").code, "unsupported_encoding");
}

#[test]
fn valid_utf8_is_utf8_whatever_is_declared_and_what_is_neither_is_told() {
    let imported = import(wxr_in("ISO-8859-1", "Grüße"));
    assert_eq!((imported.comments()[0].text.as_str(), imported.reasons()), ("Grüße", vec![]));
    assert!(!imported.plan.facts.evidence.contains("read as"));

    let declared_as_utf8 = wxr_in("UTF-8", "caf?").replace('?', "\u{1}").into_bytes();
    let latin: Vec<u8> = declared_as_utf8.iter().map(|byte| if *byte == 1 { 0xe9 } else { *byte }).collect();
    let imported = import(&latin);
    assert_eq!(imported.comments()[0].text, "caf\u{fffd}");
    assert!(imported.reasons().contains(&Reason::InvalidUtf8));

    let sjis = wxr_in("Shift_JIS", "a\u{1}b").into_bytes();
    let broken: Vec<u8> = sjis.iter().map(|byte| if *byte == 1 { 0xff } else { *byte }).collect();
    let imported = import(&broken);
    assert_eq!(imported.comments()[0].text, "a\u{fffd}b");
    let told: Vec<_> = imported.findings.iter().filter(|finding| finding.reason == Reason::InvalidEncoding).collect();
    let first = broken.iter().position(|byte| *byte == 0xff).unwrap() as u64;
    assert_eq!(told.iter().map(|finding| finding.at.offset).collect::<Vec<_>>(), [first], "once, at its byte");
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

/// The planner finds dates without parsing comments; readers parse them.
#[test]
fn the_newest_comment_is_known_before_any_is_read() {
    for name in samples() {
        let upload = sample(&name);
        let site_url = Some("https://a.example".to_owned());
        let options = ImportOptions { site_url, include_pingbacks: true, ..ImportOptions::default() };
        let imported = import_with(&upload, &options, &slices_of(2_000)).unwrap();
        let read = imported.comments().iter().filter_map(|comment| comment.created_at).max();
        // Comments that cannot be imported may be newer.
        let has_newer = imported.records.iter().any(|record| matches!(record, rethread_model::Record::Refused(_)));
        for slice in &imported.plan.slices {
            let found = slice.newest_comment_at;
            assert!(read.is_some() && (found == read || has_newer && found > read), "{name}: {found:?}, {read:?}");
        }
    }
}

#[test]
fn each_site_of_an_upload_has_a_newest_comment_of_its_own() {
    let of = |site: &str, at: &str| {
        let document = wxr(&item(1, &wp_comment(1, 0, "c"))).replace("Blog.example.org/", site);
        document.replace("blog.example.org", site).replace("2020-01-02 00:00:00", at)
    };
    let (a, old, new) = (of("a.example", "2019-01-01 00:00:00"), "2020-05-05 00:00:00", "2021-06-06 00:00:00");
    let (b, c) = (of("b.example", old), of("b.example", new));
    let upload = zip(&[("1.xml", a.as_bytes()), ("2.xml", b.as_bytes()), ("3.xml", c.as_bytes())]);
    let newest = |limits: &Limits| -> Vec<String> {
        let slices = limited(&upload, limits).unwrap().plan.slices;
        slices.iter().map(|slice| slice.newest_comment_at.unwrap().to_string()).collect()
    };
    let expected = ["2019-01-01T00:00:00Z", "2021-06-06T00:00:00Z", "2021-06-06T00:00:00Z"];
    assert_eq!(newest(&Limits::default()), expected);
    let received = Limits { received_at: "2020-12-31T00:00:00Z".parse().ok(), ..Limits::default() };
    let expected = ["2019-01-01T00:00:00Z", "2020-05-05T00:00:00Z", "2020-05-05T00:00:00Z"];
    assert_eq!(newest(&received), expected);
}
