mod archives;
mod encodings;
mod newest;
mod properties;

use std::io::{self, Cursor};

use rethread_model::{ImportOptions, Reason};

use super::*;
use crate::testing::{
    Imported, Slices, disqus, gzip, import, import_with, item, post, refused, slices_of, thread, wp_comment, wxr, zip,
    zip_stored,
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
