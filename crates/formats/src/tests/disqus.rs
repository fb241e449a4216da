use rethread_model::{AuthorRef, ImportOptions, PageKey, Reason, Signature, Status};

use crate::Limits;
use crate::testing::{disqus, guest, import, import_with, post, signed, thread};

/// A post with these elements after its message.
fn post_with(id: u32, elements: &str) -> String {
    format!("<post dsq:id=\"{id}\"><message><![CDATA[<p>Hi</p>]]></message>{elements}</post>")
}

#[test]
fn a_thread_and_its_posts() {
    let reply = post_with(
        12,
        "<createdAt>2020-01-02T00:01:00Z</createdAt><author><name>Jo</name><isAnonymous>false</isAnonymous>\
         <username>disqus_AbC</username></author><thread dsq:id=\"1\" /><parent dsq:id=\"11\" />",
    );
    let imported = import(disqus(&(thread(1) + &post(11, "<![CDATA[<p>Hi</p><script>x</script>]]>") + &reply)));
    assert_eq!(imported.plan.facts.origin.as_str(), "demo");
    assert_eq!(imported.plan.facts.evidence, "root element disqus, 1 thread, 2 posts");
    assert_eq!(imported.reasons(), []);
    let thread = imported.threads()[0];
    assert_eq!((thread.source_id.as_str(), thread.url_id.as_str()), ("1", "example.org/1"));
    assert_eq!((thread.url.as_deref(), thread.title.as_deref()), (Some("https://www.example.org/1/"), Some("Page 1")));
    let comments = imported.comments();
    assert_eq!((comments[0].parent.as_deref(), signed(comments[0])), (None, guest("Guest")));
    assert_eq!(comments[0].text, "<p>Hi</p><script>x</script>", "as the vendor has it");
    assert_eq!(comments[0].html.as_str(), "<p>Hi</p>", "as it may be shown");
    assert_eq!(comments[1].parent.as_deref(), Some("11"));
    assert_eq!(comments[1].author, AuthorRef::Known("user:disqus_AbC".to_owned()));
    let author = imported.authors()[0];
    let Signature { name, link, avatar } = comments[1].signature.clone().unwrap();
    assert_eq!((name.as_deref(), link, avatar.as_ref()), (Some("Jo"), None, author.avatar.as_ref()));
    assert_eq!(author.as_of, comments[1].created_at);
    assert_eq!(author.avatar.as_deref(), Some("https://disqus.com/api/users/avatars/disqus_AbC.jpg"));
}

#[test]
fn deleted_goes_before_spam_and_leaves_nothing_personal() {
    let both = post_with(
        1,
        "<isDeleted>true</isDeleted><isSpam>true</isSpam><author><name>N</name><username>u</username></author><thread dsq:id=\"1\"/>",
    );
    let spam = post_with(2, "<isDeleted>\n\tfalse\n</isDeleted><isSpam>true</isSpam><thread dsq:id=\"1\"/>");
    let file = disqus(&(both + &spam));
    let imported = import(&file);
    let comments = imported.comments();
    assert_eq!((comments[0].status, comments[1].status), (Status::Deleted, Status::Spam));
    assert_eq!((comments[0].text.as_str(), &comments[0].author), ("", &AuthorRef::Nobody));
    assert_eq!(imported.authors().len(), 0);
    assert_eq!(imported.reasons(), [Reason::PaddedValue]);
    let options = ImportOptions { exclude_spam: true, ..ImportOptions::default() };
    let imported = import_with(file.as_bytes(), &options, &Limits::default()).unwrap();
    assert_eq!(imported.ids(), ["1"]);
    assert_eq!(imported.refused()[0].reason, Reason::SpamExcluded);
}

#[test]
fn ids_and_references_come_in_two_forms() {
    let documented = "<post><id>7</id><message>m</message><thread>1</thread><parent>6</parent></post>";
    let unquoted = post_with(8, "<thread dsq:id=1/><parent dsq:id=\"7\"/>");
    let imported = import(disqus(
        &(format!("{documented}{unquoted}") + "<post><message>m</message><thread dsq:id=\"1\"/></post>"),
    ));
    let comment = imported.comments()[0];
    assert_eq!((comment.source_id.as_str(), comment.thread.as_str(), comment.parent.as_deref()), ("7", "1", Some("6")));
    let refused = imported.refused();
    assert_eq!((refused[0].reason, refused[0].source_id.as_deref()), (Reason::NoThreadReference, Some("8")));
    assert!(refused[0].is_reply);
    assert_eq!((refused[1].reason, refused[1].source_id.as_deref()), (Reason::NoId, None));
    assert_eq!(imported.reasons(), [Reason::NotWellFormed], "a record that failed was not repaired");
}

#[test]
fn old_files_have_addresses() {
    let registered = post_with(
        1,
        "<author><email>A@Example.org</email><name>A</name><username>a</username></author><ipAddress>192.0.2.1</ipAddress><thread dsq:id=\"1\"/>",
    );
    let guest = post_with(2, "<author><email> B@Example.org </email><name>B</name></author><thread dsq:id=\"1\"/>");
    let nobody = post_with(3, "<author><email/><name>B</name><username/></author><thread dsq:id=\"1\"/>");
    let file = disqus(&(registered + &guest + &nobody));
    let imported = import(&file);
    let comments = imported.comments();
    assert_eq!(comments[0].author, AuthorRef::Known("user:a".to_owned()));
    assert_eq!(comments[1].author, AuthorRef::Known("email:b@example.org".to_owned()));
    assert!(matches!(comments[2].author, AuthorRef::Guest));
    assert_eq!(imported.authors()[0].email.as_deref(), Some("A@Example.org"));
    assert_eq!(comments[0].details.ip, None, "unless asked for");
    let options = ImportOptions { include_ip_addresses: true, ..ImportOptions::default() };
    let imported = import_with(file.as_bytes(), &options, &Limits::default()).unwrap();
    assert_eq!(imported.comments()[0].details.ip.as_deref(), Some("192.0.2.1"));
}

#[test]
fn pages_are_known_by_address_or_identifier() {
    let threads = "<thread dsq:id=\"1\"><id>17 http://h/?p=17</id><link>http://h/a/</link><title>&amp;#8220;Q&amp;amp;A&amp;#8221;</title><isClosed>true</isClosed></thread>\
                   <thread dsq:id=\"2\"><id/><link>http://h/b/?utm_source=x</link></thread><thread dsq:id=\"3\"><id/></thread>\
                   <thread dsq:id=\"4\"><id>page-4</id></thread><thread><title>no id</title></thread>";
    let url_ids = |page_key| {
        let options = ImportOptions { page_key, ..ImportOptions::default() };
        let imported = import_with(disqus(threads).as_bytes(), &options, &Limits::default()).unwrap();
        assert_eq!(imported.reasons(), [Reason::NoId]);
        assert_eq!(imported.threads()[0].title.as_deref(), Some("“Q&A”"));
        assert!(imported.threads()[0].closed);
        imported.threads().iter().map(|thread| thread.url_id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(url_ids(PageKey::Url), ["h/a", "h/b", "demo#3", "demo#page-4"]);
    assert_eq!(url_ids(PageKey::Identifier), ["17 http://h/?p=17", "h/b", "3", "page-4"]);
}

#[test]
fn a_date_that_cannot_be_read_is_left_out() {
    let imported = import(disqus(&post_with(1, "<createdAt>2011-x09-30T22:48:43Z</createdAt><thread dsq:id=\"1\"/>")));
    assert_eq!(imported.comments()[0].created_at, None);
    assert_eq!(imported.reasons(), [Reason::UnreadableDate]);
}

#[test]
fn the_forum_and_the_prefix_may_be_missing() {
    let imported = import("<disqus><thread dsq:id=\"1\"><forum>Other</forum></thread></disqus>");
    assert_eq!(imported.plan.facts.origin.as_str(), "other");
    assert_eq!(imported.reasons(), [Reason::NotWellFormed, Reason::UndeclaredPrefix]);
    assert!(imported.findings.iter().all(|finding| finding.at.offset == 8));
}

#[test]
fn repairs_are_told_with_their_place() {
    let messages = ["a\u{1}b &#2;", "x & y", "<![CDATA[a <![CDATA[b]]> c]]>"];
    let posts: String = (1..).zip(messages).map(|(id, message)| post(id, message)).collect();
    let mut file = disqus(&posts).into_bytes();
    let ampersand = file.windows(5).position(|window| window == b"x & y").unwrap();
    file[ampersand] = 0xff;
    let imported = import(&file);
    let (document, records) = imported.findings.split_first().unwrap();
    let control = file.iter().position(|byte| *byte == 1).unwrap() as u64;
    assert_eq!((document.reason, document.at.offset), (Reason::NotWellFormed, control), "the document's, at its byte");
    let found: Vec<_> = records.iter().map(|finding| (finding.reason, finding.source_id.as_deref().unwrap())).collect();
    let expected = [
        (Reason::ControlCharacters, "1"),
        (Reason::InvalidUtf8, "2"),
        (Reason::BareAmpersand, "2"),
        (Reason::NestedCdata, "3"),
    ];
    assert_eq!(found, expected);
    let texts: Vec<&str> = imported.comments().iter().map(|comment| comment.text.as_str()).collect();
    assert_eq!(texts, ["ab ", "\u{fffd} & y", "a <![CDATA[b]]> c"]);
    for finding in records {
        let record = &file[usize::try_from(finding.at.offset).unwrap()..];
        assert!(record.starts_with(b"<post "), "findings point to their record");
    }
}

#[test]
fn deep_nesting_fails_one_record() {
    let deep = format!("{}{}", "<b>".repeat(10_000), "</b>".repeat(10_000));
    let imported = import(disqus(&(post(1, &deep) + &post(2, "ok"))));
    assert_eq!(imported.ids(), ["2"]);
    let refused = imported.refused()[0];
    assert_eq!((refused.reason, refused.source_id.as_deref()), (Reason::NestedTooDeeply, Some("1")));
}

#[test]
fn a_post_whose_start_tag_is_damaged_is_told() {
    let file =
        disqus(&[thread(1), post(1, "one"), post(2, "two").replace("<post", "<po\u{8}st"), post(3, "three")].concat());
    let imported = import(&file);
    assert_eq!(imported.ids(), ["1", "3"]);
    let refused: Vec<Reason> = imported.refused().into_iter().map(|refused| refused.reason).collect();
    assert_eq!(refused, [Reason::UnreadableRecord]);
}

/// The bare ampersand ends strict reading.
#[test]
fn a_bracket_in_a_value_ends_no_tag_of_a_damaged_file() {
    for note in ["\"x/>y\"", "'>'"] {
        let posts = post(5, "a & b").replace("<post ", &format!("<post note={note} ")) + &post(6, "c");
        let imported = import(disqus(&(thread(1) + &posts)));
        assert!(imported.reasons().contains(&Reason::NotWellFormed));
        assert_eq!(imported.ids(), ["5", "6"], "{note}");
    }
}
