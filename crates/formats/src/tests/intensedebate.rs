use proptest::prelude::*;
use rethread_model::{AuthorRef, ImportOptions, PageKey, Reason, Record, Signature, Status};

use crate::Limits;
use crate::testing::{Imported, gzip, import, import_with, signed, slices_of};

const FILE: &str = include_str!("intensedebate/export.xml");

fn with(options: &ImportOptions, file: &str) -> Imported {
    import_with(file.as_bytes(), options, &Limits::default()).unwrap()
}

/// A file with one blogpost that holds these comments.
fn file(comments: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<output>\n<blogpost>\n\
         <url>https%3A%2F%2Fblog.example.org%2Fa%2F</url>\n<title>A</title>\n<comments>\n{comments}</comments>\n\
         </blogpost>\n</output>\n"
    )
}

/// A comment with this markup as its text.
fn comment(id: u32, parent: u32, text: &str) -> String {
    format!(
        "<comment id='{id}' parentid='{parent}'>\n<name>Ann</name>\n<email>ann@example.org</email>\n<url></url>\n\
         <ip>192.0.2.1</ip>\n<text>{text}</text>\n<date>2010-05-01 10:00:00</date>\n<gmt>2010-05-01 08:00:00</gmt>\n\
         <score>0</score>\n</comment>\n"
    )
}

#[test]
fn a_whole_file() {
    let imported = import(gzip(FILE));
    assert_eq!(imported.plan.facts.origin.as_str(), "blog.example.org");
    assert_eq!(imported.plan.facts.evidence, "elements blogpost and comment, 3 blog posts, 5 comments");
    assert_eq!((imported.defect(), imported.reasons()), (None, vec![]));

    let threads = imported.threads();
    assert_eq!(threads.len(), 2, "blog posts without comments are no threads");
    let first = threads[0];
    assert_eq!(first.source_id, "http://www.blog.example.org/2010/05/tea & cake/?p=1");
    assert_eq!(first.url_id, "blog.example.org/2010/05/tea%20&%20cake?p=1");
    assert_eq!(first.title.as_deref(), Some("Tea – cake & more"));

    assert_eq!(imported.ids(), ["103", "101", "102", "201", "202"]);
    let comments = imported.comments();
    let parents: Vec<_> = comments.iter().map(|comment| comment.parent.as_deref()).collect();
    assert_eq!(parents, [Some("101"), None, Some("101"), None, Some("999")]);
    assert!(comments.iter().all(|comment| comment.status == Status::Approved));
    assert_eq!(comments[1].author, AuthorRef::Known("email:ann@example.org".to_owned()));
    assert_eq!(
        comments[1].html.as_str().trim_end(),
        "<p>One<br>\ntwo &amp; <a href=\"https://example.org/?a=1&amp;b=2\" rel=\"nofollow ugc noopener\">three</a></p>"
    );
    assert_eq!((comments[1].details.score, comments[0].details.score), (Some(4), Some(-2)));
    assert_eq!(comments[1].created_at, Some("2010-05-01T08:00:00Z".parse().unwrap()));
    assert_eq!(comments[1].details.ip, None);
    let zoe = Signature {
        name: Some("Zoë “Z” O’Neil".to_owned()),
        link: Some("http://zoe.example/".to_owned()),
        avatar: None,
    };
    assert_eq!(signed(comments[2]), (AuthorRef::Guest, Some(zoe)));
    assert_eq!(comments[3].thread, "http://blog.example.org/b/");
}

#[test]
fn text_in_a_section_or_escaped_once_or_twice_is_the_same() {
    let once = "Tom &amp;amp; Jo&lt;br /&gt;x";
    let texts = [
        "<![CDATA[Tom &amp; Jo<br />x]]>",
        once,
        "<![CDATA[Tom &amp;amp; Jo&lt;br /&gt;x]]>",
        "Tom &amp;amp;amp; Jo&amp;lt;br /&amp;gt;x",
    ];
    for text in texts {
        let imported = import(file(&comment(1, 0, text)));
        let comment = imported.comments()[0];
        assert_eq!(comment.html.as_str().trim_end(), "<p>Tom &amp; Jo<br>\nx</p>", "{text}");
        assert_eq!(imported.reasons(), [], "{text}");
    }
    let imported = import(file(&comment(1, 0, "<![CDATA[Use &lt;b&gt; and<br />&lt;/b&gt;]]>")));
    assert_eq!(imported.comments()[0].text, "Use &lt;b&gt; and<br />&lt;/b&gt;", "markup that somebody wrote about");
}

#[test]
fn the_root_may_have_any_name_or_none() {
    let body = file(&comment(1, 0, "x"));
    let inner = body.split_once("<output>\n").unwrap().1.split_once("</output>").unwrap().0;
    for whole in [body.replace("output", "intensedebate-export"), inner.to_owned()] {
        let imported = import(&whole);
        assert_eq!((imported.ids().len(), imported.defect()), (1, None), "{whole}");
    }
}

#[test]
fn a_file_that_breaks_off_is_told() {
    for lost in ["</output>", "</blogpost>", "</score>"] {
        let cut = &FILE[..FILE.rfind(lost).unwrap()];
        assert_eq!(import(cut).defect(), Some("truncated"), "{lost}");
    }
}

#[test]
fn gmt_goes_before_the_local_time() {
    let body = file(&comment(1, 0, "x")).replace("<gmt>2010-05-01 08:00:00</gmt>", "<gmt>0000-00-00 00:00:00</gmt>");
    let imported = import(&body);
    assert_eq!(imported.comments()[0].created_at, Some("2010-05-01T10:00:00Z".parse().unwrap()));
    assert_eq!(imported.reasons(), [Reason::AssumedUtc]);
    let options = ImportOptions { time_zone: Some("Europe/Berlin".to_owned()), ..ImportOptions::default() };
    let imported = with(&options, &body);
    assert_eq!(imported.comments()[0].created_at, Some("2010-05-01T08:00:00Z".parse().unwrap()));
    assert_eq!(imported.reasons(), []);
    let imported = import(body.replace("2010-05-01 10", "once"));
    assert_eq!((imported.comments()[0].created_at, imported.reasons()), (None, vec![Reason::UnreadableDate]));
}

#[test]
fn options_are_honoured() {
    let options = ImportOptions { include_ip_addresses: true, ..ImportOptions::default() };
    let body = file(&comment(1, 0, "x"));
    assert_eq!(with(&options, &body).comments()[0].details.ip.as_deref(), Some("192.0.2.1"));
    let options = ImportOptions { page_key: PageKey::Identifier, ..ImportOptions::default() };
    let key = |body: &str| with(&options, body).threads()[0].url_id.clone();
    assert_eq!(key(&body), "blog.example.org/a", "there is no identifier");
    assert_eq!(key(&body.replace("<title>", "<guid>post-7</guid><title>")), "post-7");
}

#[test]
fn a_blogpost_without_address_goes_by_its_guid_or_keeps_its_comments_out() {
    let body = file(&comment(1, 0, "x"));
    let url = "<url>https%3A%2F%2Fblog.example.org%2Fa%2F</url>";
    let imported = import(body.replace(url, "<guid>post-7</guid>"));
    assert_eq!((imported.threads()[0].source_id.as_str(), &imported.threads()[0].url), ("post-7", &None));
    assert_eq!(imported.plan.facts.origin.as_str(), "unknown");
    let imported = import(body.replace(url, ""));
    assert_eq!(imported.refused()[0].reason, Reason::NoThreadReference);
    assert_eq!(imported.refused()[0].source_id.as_deref(), Some("1"));
}

#[test]
fn damaged_tags_cost_nothing_or_one_record() {
    let whole = import(FILE);
    let texts = |imported: &Imported| -> Vec<String> {
        imported.comments().iter().map(|comment| comment.text.clone()).collect()
    };
    let kept = [
        ("<blogpost>", "<blogp\u{8}st>"),
        ("</comment>", "</comm nt>"),
        ("</comment>", ""),
        ("<url>http", "<uxl>http"),
        ("<comments>", "<comme>"),
        ("</blogpost>", "</blogpo"),
        ("parentid='101'", "parentid=101"),
        ("id='101' parentid='0'", "id='101 parentid='0'"),
    ];
    for (from, to) in kept {
        let imported = import(FILE.replacen(from, to, 1));
        assert_eq!(texts(&imported), texts(&whole), "{from} {to}");
        let threads = |imported: &Imported| -> Vec<_> {
            imported.comments().iter().map(|comment| comment.thread.clone()).collect()
        };
        assert_eq!(threads(&imported), threads(&whole), "{from} {to}");
    }
    let imported = import(FILE.replacen("<blogpost>", " blogpost>", 1));
    let refused: Vec<_> = imported.refused().iter().map(|refused| refused.reason).collect();
    assert_eq!(refused, [Reason::NoThreadReference; 3], "all is well-formed up to the end of the blogpost");
    // An unclosed section ends with its record, unless another section's end makes the document
    // well-formed.
    let last = FILE.rfind("]]></text>").unwrap();
    let imported = import(format!("{}{}", &FILE[..last], &FILE[last + 3..]));
    assert_eq!(texts(&imported), texts(&whole));
    assert_eq!(imported.reasons(), [Reason::NotWellFormed, Reason::UnclosedCdata]);
    for (from, to, reason) in [
        ("<comment id='101'", "<com\u{8}ent id='101'", Reason::NoId),
        ("comment id='101'", "comment id='1\u{8}1'", Reason::NoId),
        ("<comment id='101'", "", Reason::UnreadableRecord),
    ] {
        let imported = import(FILE.replacen(from, to, 1));
        assert_eq!(imported.ids(), ["103", "102", "201", "202"], "{from} {to}");
        let refused: Vec<_> = imported.refused().iter().map(|refused| refused.reason).collect();
        assert_eq!(refused, [reason], "{from} {to}");
        assert_eq!(imported.defect(), None);
    }
}

#[test]
fn real_markup_and_odd_characters_are_read_around() {
    let body = file(
        &(comment(1, 0, "raw <b>bold</b> & caf\u{e9}\u{1}")
            + &comment(2, 1, "<![CDATA[no end</text>").replace("<date>2010-05-01 10:00:00</date>\n", "")),
    );
    let imported = import(&body);
    assert_eq!(imported.ids(), ["1", "2"]);
    assert_eq!(imported.comments()[0].html.as_str().trim_end(), "<p>raw <b>bold</b> &amp; café</p>");
    let of = |id: &str| {
        let findings = imported.findings.iter().filter(|finding| finding.source_id.as_deref() == Some(id));
        let mut reasons: Vec<_> = findings.map(|finding| finding.reason).collect();
        reasons.sort();
        reasons
    };
    assert_eq!(of("1"), [Reason::ControlCharacters, Reason::BareAmpersand, Reason::DamagedMarkup]);
    assert_eq!(of("2"), [Reason::UnclosedCdata, Reason::DamagedMarkup]);
}

#[test]
fn a_comment_that_is_too_large_is_refused_by_its_id() {
    let limits = Limits { record_bytes: 2000, ..Limits::default() };
    let body = file(&(comment(1, 0, &"x".repeat(3000)) + &comment(2, 1, "y")));
    let imported = import_with(body.as_bytes(), &ImportOptions::default(), &limits).unwrap();
    assert_eq!(imported.ids(), ["2"]);
    let refused = imported.refused()[0];
    assert_eq!(
        (refused.reason, refused.source_id.as_deref(), refused.is_reply),
        (Reason::RecordTooLarge, Some("1"), false)
    );
}

/// What an import stores. Threads may repeat; the order of the rest matters.
fn essence(imported: &Imported) -> (Vec<String>, Vec<String>) {
    let (threads, rest): (Vec<_>, Vec<_>) =
        imported.records.iter().partition(|record| matches!(record, Record::Thread(_)));
    let mut threads: Vec<_> = threads.iter().map(|thread| format!("{thread:?}")).collect();
    threads.sort();
    threads.dedup();
    let mut rest: Vec<_> = rest.iter().map(|record| format!("{record:?}")).collect();
    rest.extend(imported.findings.iter().map(|finding| format!("{finding:?}")));
    (threads, rest)
}

#[test]
fn slices_hold_the_same_records_whatever_their_size() {
    let whole = import(FILE);
    for slice_bytes in [1, 100, 500, 1000] {
        let cut = import_with(FILE.as_bytes(), &ImportOptions::default(), &slices_of(slice_bytes)).unwrap();
        assert!(cut.plan.slices.len() > 1);
        assert_eq!(essence(&cut), essence(&whole), "slices of {slice_bytes} bytes");
    }
}

#[test]
fn a_damaged_byte_loses_no_comment_without_a_word() {
    let whole = import(FILE);
    for (at, byte) in (0..FILE.len()).flat_map(|at| [(at, 0x08), (at, 0xff)]) {
        let mut file = FILE.as_bytes().to_vec();
        file[at] = byte;
        let Ok(imported) = import_with(&file, &ImportOptions::default(), &Limits::default()) else { continue };
        let (comments, refused) = (imported.comments(), imported.refused().len());
        assert!(comments.len() + refused >= 5, "{byte:#x} at {at}: {} and {refused}", comments.len());
        let is_known = |id: &str| whole.ids().contains(&id);
        assert!(comments.iter().all(|comment| is_known(&comment.source_id)), "{byte:#x} at {at}: {:?}", imported.ids());
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(400))]

    #[test]
    fn damaged_files_read_the_same_in_slices_of_any_size(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"<>/'\"&;]![ \x08\xff"[..]), any::<bool>()), 0..6),
        slice_bytes in 1_usize..2000,
    ) {
        let mut file = FILE.as_bytes().to_vec();
        for (index, byte, replace) in changes {
            let at = index.index(file.len());
            if replace { file[at] = byte } else { file.insert(at, byte) }
        }
        let options = ImportOptions::default();
        if let Ok(whole) = import_with(&file, &options, &Limits::default()) {
            let cut = import_with(&file, &options, &slices_of(slice_bytes)).unwrap();
            prop_assert_eq!(essence(&cut), essence(&whole));
            prop_assert_eq!(cut.plan.defect, whole.plan.defect);
        }
    }

    #[test]
    fn any_bytes_are_survived(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        at in any::<prop::sample::Index>(),
        slice_bytes in 1_usize..500,
    ) {
        let mut file = FILE.as_bytes().to_vec();
        let at = at.index(file.len());
        file.splice(at..at, bytes);
        if let Ok(imported) = import_with(&file, &ImportOptions::default(), &slices_of(slice_bytes)) {
            prop_assert!(imported.comments().len() <= 5);
        }
    }
}
