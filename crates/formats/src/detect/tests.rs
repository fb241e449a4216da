use super::*;
use crate::testing::{disqus, wxr, zip};

fn looks(content: impl AsRef<[u8]>) -> Result<Vendor, JobError> {
    detect(content.as_ref(), 0, None).map(|detected| detected.vendor)
}

/// The code and the sentence of a refusal.
fn refusal_of(content: impl AsRef<[u8]>) -> (String, String) {
    let refusal = looks(content).unwrap_err();
    (refusal.code, refusal.message)
}

#[test]
fn vendors_are_known_by_content() {
    let feed = "<rss version=\"2.0\"><channel><item><wp:comment>";
    let v3 = r#"{"version":3,"pages":[{"id":"x"}],"comments":[]}"#;
    let samples = [
        (disqus(""), Vendor::Disqus),
        (wxr(""), Vendor::WordPress),
        (feed.to_owned(), Vendor::WordPress),
        ("<d:disqus xmlns:d=\"http://disqus.com\"/>".to_owned(), Vendor::Disqus),
        (wxr("").replace("wp:", "ns0:").replace(":wp=", ":ns0="), Vendor::WordPress),
        ("<rss a='>'><channel><a:x xmlns:a=\"https://wordpress.org/export/1.2/\"/>".to_owned(), Vendor::WordPress),
        (r#"{"version":1,"comments":[],"commenters":[]}"#.to_owned(), Vendor::Commento),
        (r#"{"comments":[{"commentHex":"aa","x":{"version":2}}]"#.to_owned(), Vendor::Commento),
        (v3.to_owned(), Vendor::Commento),
        (r#"({"categories":[],"threads":{}})"#.to_owned(), Vendor::Muut),
        (r#"{"categories":[{"path":"a"}]]}},"threads":{"a":[{"seed":{},"replies":["#.to_owned(), Vendor::Muut),
        ("<output><blogpost><url>http%3A</url><comments><comment id='1'>".to_owned(), Vendor::IntenseDebate),
        ("<blogpost><url>http%3A</url><comments><comment id='1'>".to_owned(), Vendor::IntenseDebate),
        (r#"{"website":{"id":1},"comments":[],"pages":[]}"#.to_owned(), Vendor::Hyvor),
        (r#"{"comments":[{"id":1,"page_url":"https://h/","content_html":"m"}]}"#.to_owned(), Vendor::Hyvor),
        (r#"[{"commentId":"1","pageUrl":"https://h/","message":"m"}]"#.to_owned(), Vendor::JustComments),
        (r#"{"Items":[{"commentId":"1","itemId":"h/"}]}"#.to_owned(), Vendor::JustComments),
        ("commentId,itemId,message\n".to_owned(), Vendor::JustComments),
    ];
    for (content, vendor) in samples {
        assert_eq!(looks(&content), Ok(vendor), "{content}");
    }
}

#[test]
fn other_files_are_called_by_their_name() {
    let samples: [(&[u8], &str); 13] = [
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "an HTML page"),
        (b"\n<HTML lang=en><p>", "an HTML page"),
        (b"<?xml version='1.0'?><rss><channel><item/></channel></rss>", "an RSS feed"),
        (b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>", "an Atom feed"),
        (b"<?xml version='1.0'?><!-- c --><library a='b'/>", "an XML file with the root element library"),
        (b"<disq", "holds no element"),
        (b"{\"name\":\"x\"}", "a JSON file of something else"),
        (b"[1,2]", "a JSON file of something else"),
        (b"id,name,text\n1,a,b\n", "CSV"),
        (b"Dear Sir,\nplease find", "plain text"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\x00\x01\x02", "a binary file"),
    ];
    for (content, words) in samples {
        let (code, message) = refusal_of(content);
        assert_eq!(code, "not_an_export", "{message}");
        assert!(message.contains(words), "{words}: {message}");
    }
    for content in ["", " \n\t"] {
        assert_eq!(refusal_of(content).0, "empty");
    }
}

#[test]
fn a_spreadsheet_is_no_zip_of_exports() {
    let workbook = zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")]);
    let refusal = crate::testing::refused(workbook);
    assert_eq!(refusal.code, "not_an_export");
    assert!(refusal.message.contains("a spreadsheet"), "{}", refusal.message);
}

#[test]
fn what_stands_before_a_document_is_passed_over() {
    let document = disqus("");
    let junked = detect(format!("\u{feff}\n`{document}").as_bytes(), 3, None).unwrap();
    assert_eq!(junked.start, 5);
    let at = |offset| Position { part: 3, offset };
    let found: Vec<_> = junked.findings.iter().map(|finding| (finding.at, finding.reason)).collect();
    assert_eq!(found, [(at(0), Reason::ByteOrderMark), (at(4), Reason::LeadingJunk)]);
    let blank = detect(format!("\n\n{document}").as_bytes(), 0, None).unwrap();
    assert_eq!((blank.start, blank.findings), (2, vec![]), "white space is no junk");
}

/// A warning from PHP, a page around the document, and other junk before documents.
fn junk() -> [String; 6] {
    let warning =
        "<br />\n<b>Deprecated</b>:  Function x() is deprecated in <b>/var/www/a.php</b> on line <b>6031</b><br />\n";
    let page = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Export</title><style>p { color: red }</style>\
                <script>if (a < b) { f({\"x\": [1, {\"y\": 2}]}); }</script></head><body><p>Notice</p>\n";
    [
        warning.to_owned(),
        page.to_owned(),
        "Notice: Undefined index: x in /var/www/a.php on line 3\n\n".to_owned(),
        format!("<table class='xdebug-error'>{}</table>\n", "<tr><td>frame</td></tr>".repeat(2000)),
        format!("{}\n", "x".repeat(60_000)),
        "\u{1}\u{2} ` \n<!-- <rss xmlns:wp=\"http://wordpress.org/export/1.2/\"> -->\n".to_owned(),
    ]
}

#[test]
fn junk_is_passed_over_up_to_the_first_document_of_a_known_vendor() {
    let just = r#"[{"commentId":"1","pageUrl":"https://h.example/","message":"m"}]"#;
    let commento = r#"{"version":1,"comments":[],"commenters":[]}"#;
    let bare = disqus("").split_once("?>\n").unwrap().1.to_owned();
    let debate =
        "<output><blogpost><url>http%3A</url><comments><comment id='1'></comment></comments></blogpost></output>";
    let table = "commentId,pageUrl,message\n1,https://h.example/,m\n";
    for junk in junk() {
        for document in [&disqus(""), &bare, &wxr(""), just, commento, debate, table] {
            let file = format!("{junk}{document}");
            let detected = detect(file.as_bytes(), 0, None).unwrap_or_else(|error| panic!("{error:?} of {junk}"));
            assert_eq!(detected.start, junk.len(), "{junk}{document}");
            let reasons: Vec<_> = detected.findings.iter().map(|finding| finding.reason).collect();
            assert_eq!(reasons, [Reason::LeadingJunk]);
        }
    }
    let too_far = format!("{}{}", " x".repeat(33 << 10), disqus(""));
    assert_eq!(refusal_of(too_far).0, "not_an_export");
}

#[test]
fn what_a_document_holds_is_no_document_behind_junk() {
    for other in [
        format!("{{\"text\":\"{}\"}}", disqus("").replace('"', "'").replace('\n', " ")),
        format!("<library><book><![CDATA[{}]]></book></library>", disqus("")),
        format!("<html><!-- {} --></html>", disqus("")),
    ] {
        assert_eq!(refusal_of(&other).0, "not_an_export", "{other}");
    }
    for attack in ["<!DOCTYPE d [<!ENTITY x 'y'>]>", "<br /><!DOCTYPE rss SYSTEM 'x'>", "<p>\n<!ENTITY a 'b'>"] {
        assert_eq!(refusal_of(format!("{attack}\n{}", disqus(""))).0, "dtd", "{attack}");
    }
}

#[test]
fn a_document_with_nothing_in_it_is_one() {
    let named = |document: &str, vendor| detect(document.as_bytes(), 0, Some(vendor));
    for (document, vendor) in [
        ("<?xml version='1.0'?><disqus xmlns='http://disqus.com'/>\n<!-- end -->\n", Vendor::Disqus),
        ("<disqus></disqus>", Vendor::Disqus),
        ("<rss version='2.0' xmlns:wp='http://wordpress.org/export/1.2/'/>", Vendor::WordPress),
        ("<output/>", Vendor::IntenseDebate),
        ("<?xml version='1.0'?><output>\n</output>", Vendor::IntenseDebate),
        ("{\"version\":1,\"comments\":[],\"commenters\":[]}", Vendor::Commento),
        ("{\"categories\":[],\"threads\":{}}", Vendor::Muut),
    ] {
        let detected = detect(document.as_bytes(), 0, None).unwrap_or_else(|error| panic!("{error:?} of {document}"));
        assert_eq!(detected.vendor, vendor, "{document}");
    }
    for document in ["[]", " {} ", "{\"comments\":[]}", "{\"Items\": [ ]}"] {
        assert_eq!(refusal_of(document).0, "empty", "{document}");
        for vendor in [Vendor::Commento, Vendor::Hyvor, Vendor::Muut, Vendor::JustComments] {
            assert!(named(document, vendor).is_ok_and(|detected| detected.is_empty), "{document}");
        }
        assert!(named(document, Vendor::Disqus).is_err(), "{document}");
    }
    assert_eq!(looks("{\"version\":481}"), Ok(Vendor::Commento));
}

#[test]
fn a_document_type_is_refused_where_it_stands() {
    let documents = [
        "<!DOCTYPE disqus><disqus>",
        "<?xml version='1.0'?>\n<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><disqus>&x;</disqus>",
        "<!ENTITY x 'y'><disqus>",
        "<!DOCTYPE rss [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>\n<rss xmlns:wp='http://wordpress.org/export/1.2/'>",
        "<!DOCTYPE d [",
    ];
    for document in documents {
        assert_eq!(refusal_of(document).0, "dtd", "{document}");
    }
}

#[test]
fn another_vendor_than_named_is_refused() {
    let refusal = detect(wxr("").as_bytes(), 0, Some(Vendor::Disqus)).unwrap_err();
    assert_eq!(refusal.code, "other_vendor");
    assert!(refusal.message.contains("WordPress, not of Disqus"), "{}", refusal.message);
    let refusal = detect(b"<html>", 0, Some(Vendor::Disqus)).unwrap_err();
    assert!(refusal.message.ends_with("Upload the export file of Disqus."), "{}", refusal.message);
}
