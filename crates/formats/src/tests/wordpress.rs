use rethread_model::{AuthorRef, ImportOptions, PageKey, Reason, Signature, Status};

use crate::Limits;
use crate::testing::{Imported, by_name, import, import_with, item, signed, slices_of, wp_comment, wxr};

fn with(options: &ImportOptions, file: &str) -> Imported {
    import_with(file.as_bytes(), options, &Limits::default()).unwrap()
}

#[test]
fn an_item_and_its_comments() {
    let comments = wp_comment(2, 1, "second\n\nparagraph") + &wp_comment(1, 0, "<![CDATA[first &amp; <b>bold</b>]]>");
    let imported = import(wxr(&(item(7, "") + &item(8, &comments))));
    assert_eq!(imported.plan.facts.origin.as_str(), "blog.example.org");
    assert_eq!(imported.plan.facts.evidence, "root element rss with wp: elements, 2 items, 2 comments");
    assert_eq!(imported.reasons(), []);
    assert_eq!(imported.threads().len(), 1, "items without comments are no threads");
    let thread = imported.threads()[0];
    assert_eq!((thread.source_id.as_str(), thread.url_id.as_str()), ("8", "blog.example.org/post-8"));
    assert_eq!((thread.title.as_deref(), thread.closed), (Some("Post 8"), false));
    assert_eq!(imported.ids(), ["8:2", "8:1"]);
    let comments = imported.comments();
    assert_eq!((comments[0].parent.as_deref(), comments[1].parent.as_deref()), (Some("8:1"), None));
    assert_eq!(comments[0].author, AuthorRef::Known("email:ann@example.org".to_owned()));
    assert_eq!(comments[0].created_at, Some("2020-01-02T00:00:00Z".parse().unwrap()));
    assert_eq!(comments[0].html.as_str().matches("<p>").count(), 2, "as WordPress shows it");
    assert_eq!(imported.authors()[0].link.as_deref(), Some("https://ann.example.org/"));
}

#[test]
fn every_status() {
    let words = ["1", "0", "spam", "trash", "post-trashed", "other"];
    let comments: String = (1..)
        .zip(words)
        .map(|(id, word)| wp_comment(id, 0, "c").replace("approved>1<", &format!("approved>{word}<")))
        .collect();
    let bare =
        "<wp:comment><wp:comment_id>9</wp:comment_id><wp:comment_content>only text</wp:comment_content></wp:comment>";
    let file = wxr(&item(1, &(comments + bare)));
    let found: Vec<Status> = import(&file).comments().iter().map(|comment| comment.status).collect();
    let (approved, pending, spam, deleted) = (Status::Approved, Status::Pending, Status::Spam, Status::Deleted);
    assert_eq!(
        found,
        [approved, pending, spam, deleted, pending, pending, approved],
        "as the plugin sends post-trashed"
    );
    let imported = with(&ImportOptions { exclude_spam: true, ..ImportOptions::default() }, &file);
    assert_eq!(imported.refused()[0].reason, Reason::SpamExcluded);
    assert_eq!(imported.comments().len(), 6);
}

#[test]
fn pingbacks_are_left_out_unless_asked_for() {
    let of_type = |id, kind: &str| wp_comment(id, 0, "c").replace("type>comment<", &format!("type>{kind}<"));
    let file =
        wxr(&item(1, &(of_type(1, "pingback") + &of_type(2, "trackback") + &of_type(3, "review") + &of_type(4, ""))));
    let imported = import(&file);
    assert_eq!(imported.ids(), ["1:3", "1:4"]);
    let refused: Vec<_> =
        imported.refused().iter().map(|refused| (refused.reason, refused.source_id.as_deref())).collect();
    assert_eq!(refused, [(Reason::Pingback, Some("1:1")), (Reason::Pingback, Some("1:2"))]);
    let imported = with(&ImportOptions { include_pingbacks: true, ..ImportOptions::default() }, &file);
    assert_eq!(imported.ids().len(), 4);
}

#[test]
fn what_nobody_wrote_is_no_comment() {
    let of_type = |id, kind: &str| wp_comment(id, 0, "c").replace("type>comment<", &format!("type>{kind}<"));
    let notes = ["order_note", "note", "edd_payment_note", "editorial-comment", "action_log", "Order_Note"];
    let comments: String = (1..).zip(notes).map(|(id, kind)| of_type(id, kind)).collect();
    let all = comments + &of_type(20, "<![CDATA[review]]>") + &of_type(21, "<![CDATA[]]>");
    let asked = ImportOptions { include_pingbacks: true, ..ImportOptions::default() };
    for options in [ImportOptions::default(), asked] {
        let imported = with(&options, &wxr(&item(1, &all)));
        assert_eq!(imported.ids(), ["1:20", "1:21"]);
        let reasons: Vec<Reason> = imported.refused().iter().map(|refused| refused.reason).collect();
        assert_eq!(reasons, [Reason::InternalNote; 6]);
    }
}

#[test]
fn what_was_not_public_waits_for_a_moderator() {
    let with_status =
        |id, approved: &str| wp_comment(id, 0, "c").replace("approved>1<", &format!("approved>{approved}<"));
    let comments: String = (1..).zip(["1", "0", "spam", "trash"]).map(|(id, word)| with_status(id, word)).collect();
    let (approved, pending, spam, deleted) = (Status::Approved, Status::Pending, Status::Spam, Status::Deleted);
    let secret = "<wp:post_password><![CDATA[secret]]></wp:post_password>";
    for (of_item, first, reasons) in [
        ("<wp:status>publish</wp:status><wp:post_password></wp:post_password>", approved, vec![]),
        ("<wp:status>private</wp:status>", pending, vec![Reason::PrivatePage]),
        (secret, pending, vec![Reason::PrivatePage]),
        ("<wp:status><![CDATA[trash]]></wp:status>", pending, vec![]),
    ] {
        let file = wxr(&item(1, &comments).replace("<wp:post_id>", &format!("{of_item}<wp:post_id>")));
        let imported = import(&file);
        let found: Vec<Status> = imported.comments().iter().map(|comment| comment.status).collect();
        assert_eq!((found, imported.reasons()), (vec![first, pending, spam, deleted], reasons), "{of_item}");
        let cut = import_with(file.as_bytes(), &ImportOptions::default(), &slices_of(10)).unwrap();
        assert!(cut.plan.slices.len() > 3);
        assert_eq!(cut.comments(), imported.comments(), "a slice that begins between the comments knows it");
    }
}

#[test]
fn local_times_need_a_zone() {
    let comment =
        wp_comment(1, 0, "c").replace("<wp:comment_date_gmt>2020-01-02 00", "<wp:comment_date_gmt>0000-00-00 00");
    let file = wxr(&item(1, &comment));
    let imported = import(&file);
    assert_eq!(imported.comments()[0].created_at, Some("2020-01-02T02:00:00Z".parse().unwrap()));
    assert_eq!(imported.reasons(), [Reason::AssumedUtc]);
    let options = ImportOptions { time_zone: Some("Europe/Helsinki".to_owned()), ..ImportOptions::default() };
    let imported = with(&options, &file);
    assert_eq!(imported.comments()[0].created_at, Some("2020-01-02T00:00:00Z".parse().unwrap()));
    assert_eq!(imported.reasons(), []);
    let unreadable = import(wxr(&item(1, &comment.replace("2020-01-02 02", "once"))));
    assert_eq!(unreadable.comments()[0].created_at, None);
    assert_eq!(unreadable.reasons(), [Reason::UnreadableDate]);
}

#[test]
fn registered_people_guests_and_raw_addresses() {
    let registered = wp_comment(1, 0, "c").replace("user_id>0<", "user_id>5<");
    let guest = wp_comment(2, 0, "c").replace("ann@example.org", "").replace("//ann.example.org/", "//h/?a=1&b=2");
    let file = wxr(&item(1, &(registered + &guest)));
    let imported = import(&file);
    let link = |link: &str| Some(Signature { link: Some(link.to_owned()), ..by_name("Ann").unwrap() });
    let user = (AuthorRef::Known("user:5".to_owned()), link("https://ann.example.org/"));
    assert_eq!(signed(imported.comments()[0]), user);
    assert_eq!(signed(imported.comments()[1]), (AuthorRef::Guest, link("https://h/?a=1&b=2")));
    assert_eq!(imported.reasons(), [Reason::NotWellFormed, Reason::BareAmpersand]);
    assert_eq!(imported.comments()[0].details.ip, None);
    let imported = with(&ImportOptions { include_ip_addresses: true, ..ImportOptions::default() }, &file);
    assert_eq!(imported.comments()[0].details.ip.as_deref(), Some("192.0.2.1"));
}

#[test]
fn pages_by_identifier_and_items_without_an_id() {
    let options = ImportOptions { page_key: PageKey::Identifier, ..ImportOptions::default() };
    let imported = with(&options, &wxr(&item(8, &wp_comment(1, 0, "c"))));
    assert_eq!(imported.threads()[0].url_id, "8");
    let no_id = item(8, &wp_comment(1, 0, "c")).replace("<wp:post_id>8</wp:post_id>", "");
    assert_eq!(import(wxr(&no_id)).ids(), ["8:1"], "the guid has it too");
}

#[test]
fn one_site_is_one_origin_however_it_is_named() {
    let file = wxr("");
    for other in [file.replace("https://Blog", "http://blog"), file.replace("wp:base_blog_url", "wp:base_site_url")] {
        assert_eq!(import(other).plan.facts.origin.as_str(), "blog.example.org");
    }
    let old = file.replace("<wp:base_blog_url>https://Blog.example.org/</wp:base_blog_url>", "");
    assert_eq!(import(old).plan.facts.origin.as_str(), "blog.example.org", "the channel's link");
}

#[test]
fn all_versions_and_undeclared_prefixes_are_read() {
    let file = wxr(&item(1, &wp_comment(1, 0, "c")));
    for version in ["https://wordpress.org/export/1.0/", "http://wordpress.org/export/1.1/"] {
        let imported = import(file.replace("http://wordpress.org/export/1.2/", version));
        assert_eq!((imported.ids(), imported.reasons()), (vec!["1:1"], vec![]), "{version}");
    }
    let atom = file.replace("<title>Blog", "<atom:link rel=\"search\" /><atom:link rel=\"hub\" /><title>Blog");
    let imported = import(&atom);
    assert_eq!(imported.reasons(), [Reason::NotWellFormed, Reason::UndeclaredPrefix], "once a file");
    let offset = u64::try_from(atom.find("<atom:link").unwrap()).unwrap();
    assert!(imported.findings.iter().all(|finding| finding.at.offset == offset));
    let declared = atom.replace("xmlns:dc", "xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:dc");
    assert_eq!(import(declared).reasons(), []);
}

#[test]
fn the_dialect_that_disqus_imports() {
    let comment = wp_comment(3, 0, "c").replace(
        "<wp:comment_author>",
        "<dsq:remote><dsq:id>u1</dsq:id><dsq:avatar>https://h/a.png</dsq:avatar></dsq:remote><wp:comment_author>",
    );
    let item = item(8, &comment)
        .replace("<wp:post_id>8</wp:post_id>", "<dsq:thread_identifier>page-8</dsq:thread_identifier>");
    let file = wxr(&item).replace("xmlns:dc", "xmlns:dsq=\"http://www.disqus.com/\" xmlns:dc");
    let imported = import(file);
    assert!(imported.plan.facts.evidence.contains("dialect that Disqus imports"), "{}", imported.plan.facts.evidence);
    assert_eq!(imported.ids(), ["page-8:3"]);
    assert_eq!(imported.comments()[0].author, AuthorRef::Known("user:u1".to_owned()));
    assert_eq!(imported.authors()[0].avatar.as_deref(), Some("https://h/a.png"));
}

#[test]
fn nested_sections_lose_no_item() {
    let article = "<![CDATA[x <![CDATA[ <wp:comments> </p> ]]> <script> <!-- a --> y]]>";
    let first = item(1, &wp_comment(1, 0, "c")).replace("<![CDATA[<p>Article</p>]]>", article);
    let imported = import(wxr(&(first + &item(2, &wp_comment(2, 0, "c")))));
    assert_eq!(imported.ids(), ["1:1", "2:2"]);
    assert_eq!(imported.reasons(), [Reason::NotWellFormed, Reason::NestedCdata]);
}

#[test]
fn an_article_that_was_never_closed_loses_no_comment() {
    let first = item(1, &wp_comment(1, 0, "<![CDATA[c]]>")).replace("</p>]]>", "</p>");
    let imported = import(wxr(&(first + &item(2, &wp_comment(2, 0, "c")))));
    assert_eq!(imported.ids(), ["1:1", "2:2"]);
    assert_eq!(imported.reasons(), [Reason::NotWellFormed, Reason::UnclosedCdata]);
}

#[test]
fn an_item_is_cut_between_its_comments() {
    let comments: String = (1..=40).map(|id| wp_comment(id, id - 1, "c")).collect();
    let local = item(8, &comments).replace("post_date_gmt", "post_date");
    let file = wxr(&(local + &item(9, &wp_comment(1, 0, "c"))));
    let zone = ImportOptions { time_zone: Some("Asia/Tokyo".to_owned()), ..ImportOptions::default() };
    let whole = import_with(file.as_bytes(), &zone, &Limits::default()).unwrap();
    let cut = import_with(file.as_bytes(), &zone, &slices_of(1500)).unwrap();
    assert!(cut.plan.slices.len() > 10);
    assert_eq!(cut.comments(), whole.comments());
    assert!(
        cut.threads().iter().all(|thread| whole.threads().contains(thread)),
        "each slice tells the same of its thread"
    );
}

#[test]
fn a_comment_outside_of_any_item_has_no_thread() {
    let imported = import(wxr(&(wp_comment(1, 5, "c") + &item(2, "") + &wp_comment(3, 0, "c"))));
    let refused: Vec<_> =
        imported.refused().iter().map(|refused| (refused.reason, refused.source_id.as_deref())).collect();
    assert_eq!(refused, [(Reason::NoThreadReference, Some("1")), (Reason::NoThreadReference, Some("3"))]);
    assert!(imported.refused()[0].is_reply);
}
