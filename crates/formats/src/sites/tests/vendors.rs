//! Files and zips with several sites, for each vendor.

use rethread_model::{ImportOptions, PageKey, Record};

use crate::Limits;
use crate::testing::{
    Imported, disqus, import, import_with, item, post, refused, slices_of, thread, wp_comment, wxr, zip,
};

fn with_site(upload: impl AsRef<[u8]>, site: &str) -> Imported {
    let options = ImportOptions { site_url: Some(site.to_owned()), ..ImportOptions::default() };
    import_with(upload.as_ref(), &options, &Limits::default()).unwrap()
}

fn origins(imported: &Imported) -> Vec<(&str, u64)> {
    imported.plan.facts.origins.iter().map(|count| (count.origin.as_str(), count.comments)).collect()
}

fn keys(imported: &Imported) -> Vec<&str> {
    imported.threads().into_iter().map(|thread| thread.url_id.as_str()).collect()
}

#[test]
fn two_wordpress_sites_in_a_zip() {
    let one = wxr(&item(1, &wp_comment(1, 0, "a")));
    let other =
        wxr(&item(1, &(wp_comment(1, 0, "b") + &wp_comment(2, 1, "c")))).replace("log.example.org", "log.example.net");
    let imported = import(zip(&[("a.xml", one.as_bytes()), ("b.xml", other.as_bytes())]));
    let (org, net) = ("blog.example.org", "blog.example.net");
    assert_eq!(imported.sites(), [(org, "1:1"), (net, "1:1"), (net, "1:2")]);
    assert_eq!((imported.plan.facts.origin.as_str(), origins(&imported)), (net, vec![(net, 2), (org, 1)]));
    assert_eq!(keys(&imported), ["blog.example.org/post-1", "blog.example.net/post-1"]);
    assert!(imported.plan.facts.evidence.ends_with("of 2 sites"));
    let alone = import(&one);
    assert_eq!((alone.sites(), origins(&alone)), (vec![(org, "1:1")], vec![]));
}

#[test]
fn two_forums_in_one_file_and_in_a_zip() {
    let of_b = |text: String| text.replace("<forum>demo", "<forum>Other").replace("=\"1\"", "=\"2\"");
    let threads = thread(1) + &of_b(thread(1));
    let posts = [post(11, "a"), of_b(post(12, "b")), post(13, "c"), of_b(post(14, "d")), of_b(post(15, "e"))].concat();
    for slice_bytes in [1, 700, 1 << 20] {
        let file = disqus(&(threads.clone() + &posts));
        let imported = import_with(file.as_bytes(), &ImportOptions::default(), &slices_of(slice_bytes)).unwrap();
        let sites = [("demo", "11"), ("other", "12"), ("demo", "13"), ("other", "14"), ("other", "15")];
        assert_eq!(imported.sites(), sites, "slices of {slice_bytes}");
        assert_eq!(origins(&imported), [("other", 3), ("demo", 2)]);
        assert_eq!((imported.origins[0][0].as_str(), imported.origins[1][0].as_str()), ("demo", "other"), "threads");
    }
    let other = of_b(disqus(&(thread(1) + &post(11, "b")))).replace("Demo", "other");
    let imported =
        import(zip(&[("a.xml", disqus(&(thread(1) + &post(11, "a"))).as_bytes()), ("b.xml", other.as_bytes())]));
    assert_eq!(imported.sites(), [("demo", "11"), ("other", "11")]);
}

/// Domains alternate and share paths.
#[test]
fn two_domains_in_one_file_of_commento() {
    let comment = |id: u32, domain: &str| {
        format!(
            r#"{{"commentHex":"c{id}","domain":"{domain}","url":"/a/","commenterHex":"p","markdown":"m","parentHex":"root","state":"approved","creationDate":"2020-01-27T14:20:21Z"}}"#
        )
    };
    let of = |domains: &[&str]| {
        let comments: Vec<String> = (0..).zip(domains).map(|(id, domain)| comment(id, domain)).collect();
        let people = r#"[{"commenterHex":"p","name":"P","email":"p@p.example"}]"#;
        format!(r#"{{"version":1,"comments":[{}],"commenters":{people}}}"#, comments.join(","))
    };
    let imported = import(of(&["a.example", "B.example.", "a.example", "https://b.example", "b.example"]));
    let sites =
        [("a.example", "c0"), ("b.example", "c1"), ("a.example", "c2"), ("b.example", "c3"), ("b.example", "c4")];
    assert_eq!((imported.sites(), origins(&imported)), (sites.into(), vec![("b.example", 3), ("a.example", 2)]));
    assert_eq!(keys(&imported), ["a.example/a", "b.example/a"]);
    let person = imported.records.iter().position(|record| matches!(record, Record::Author(_))).unwrap();
    let known_to: Vec<&str> = imported.origins[person].iter().map(rethread_model::Origin::as_str).collect();
    assert_eq!(known_to, ["a.example", "b.example"]);
    let alone = import(of(&["a.example"]));
    assert_eq!((alone.sites(), origins(&alone)), (vec![("a.example", "c0")], vec![]));
}

/// The other vendors name their site by their pages, one per file.
#[test]
fn two_sites_of_other_vendors_in_a_zip() {
    let just = |host: &str| {
        format!(
            r#"[{{"commentId":"1","itemId":"x","pageUrl":"https://{host}/a","message":"m","createdAt":"2020-01-01T00:00:00Z"}}]"#
        )
    };
    let hyvor = |host: &str| {
        format!(
            r#"{{"comments":[{{"id":1,"page_id":7,"body_html":"<p>m</p>","created_at":1577836800,"status":"published"}}],"pages":[{{"id":7,"url":"https://{host}/a","title":"A"}}],"users":[]}}"#
        )
    };
    let muut = |host: &str| {
        format!(
            r#"{{"threads":{{"{host}/a":[{{"seed":{{"key":"k","path":"{host}/a","date":1400000000,"title":"T","body":["m"],"author":null}},"replies":[]}}]}}}}"#
        )
    };
    let debate = |host: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<output>\n<blogpost>\n<url>https%3A%2F%2F{host}%2Fa%2F</url>\n\
             <title>A</title>\n<comments>\n<comment id='1' parentid='0'>\n<name>Ann</name>\n<text>m</text>\n\
             <gmt>2010-05-01 08:00:00</gmt>\n</comment>\n</comments>\n</blogpost>\n</output>\n"
        )
    };
    let files: [&dyn Fn(&str) -> String; 4] = [&just, &hyvor, &muut, &debate];
    for file in files {
        let (one, other) = (file("a.example"), file("b.example"));
        let imported = import(zip(&[("a", one.as_bytes()), ("b", other.as_bytes())]));
        let [(first, _), (second, _)] = imported.sites()[..] else { panic!("{one}: {:?}", imported.records) };
        assert_eq!((first, second), ("a.example", "b.example"), "{one}");
        assert_eq!(origins(&imported), [("a.example", 1), ("b.example", 1)], "{one}");
    }
}

fn nameless(items: &str) -> String {
    let file = wxr(items);
    file.replace("<link>https://blog.example.org</link>\n", "")
        .replace("<wp:base_blog_url>https://Blog.example.org/</wp:base_blog_url>\n", "")
}

#[test]
fn links_tell_the_site_of_a_file_that_does_not_name_it() {
    let items = [1, 2, 3].map(|id| item(id, &wp_comment(id, 0, "c")));
    let elsewhere = items[0].replace("blog.example.org", "old.example.org");
    let imported = import(nameless(&(elsewhere + &items[1] + &items[2])));
    assert_eq!(imported.plan.facts.origin.as_str(), "blog.example.org");
    let forumless = disqus(&(thread(1) + &post(1, "a"))).replace("forum>", "other>");
    assert_eq!(import(forumless).plan.facts.origin.as_str(), "example.org");
}

#[test]
fn who_says_nothing_is_asked() {
    let bare = item(7, &wp_comment(1, 0, "c"))
        .replace("<link>https://blog.example.org/post-7/</link>\n", "")
        .replace("https://blog.example.org/?p=7", "7");
    let file = nameless(&bare);
    assert_eq!(refused(&file).code, "site_needed");
    assert_eq!(refused(zip(&[("a.xml", file.as_bytes())])).code, "site_needed");
    let named = with_site(&file, "https://me:secret@www.example.net/blog/");
    assert_eq!((named.plan.facts.origin.as_str(), keys(&named)), ("example.net/blog", vec!["example.net/blog?p=7"]));
    let other = wxr(&item(1, &wp_comment(1, 0, "c")));
    let both = import(zip(&[("a.xml", other.as_bytes()), ("b.xml", file.as_bytes())]));
    assert_eq!(both.sites(), [("blog.example.org", "1:1"), ("blog.example.org", "7:1")]);
    assert_eq!(import(nameless("")).comments().len(), 0, "a file with nothing in it is of no site");

    let json = r#"[{"commentId":"1","itemId":"x","message":"m","createdAt":"2020-01-01T00:00:00Z"}]"#;
    assert_eq!(refused(json).code, "site_needed");
    let named = with_site(json, "https://e.example");
    assert_eq!((named.sites(), keys(&named)), (vec![("e.example", "1")], vec!["e.example#x"]));
}

#[test]
fn pages_without_an_address_are_known_by_their_site() {
    let bare = item(7, &wp_comment(1, 0, "c"))
        .replace("<link>https://blog.example.org/post-7/</link>\n", "")
        .replace("https://blog.example.org/?p=7", "7");
    assert_eq!(keys(&import(wxr(&bare))), ["blog.example.org/?p=7"]);
    let options = ImportOptions { page_key: PageKey::Identifier, ..ImportOptions::default() };
    let by_id = import_with(wxr(&bare).as_bytes(), &options, &Limits::default()).unwrap();
    assert_eq!(keys(&by_id), ["7"], "as the admin chose");
    for from in ["7", "blog.example.org/?p=7"] {
        let rule = rethread_model::MappingRule { from: from.to_owned(), to: "https://new.example/seven".to_owned() };
        let options = ImportOptions { mapping: vec![rule], ..ImportOptions::default() };
        let mapped = import_with(wxr(&bare).as_bytes(), &options, &Limits::default()).unwrap();
        assert_eq!(keys(&mapped), ["new.example/seven"], "{from}");
    }
    let linkless =
        thread(1).replace("<link>https://www.example.org/1/</link>", "").replace("<id />", "<id>post-1</id>");
    assert_eq!(keys(&import(disqus(&(linkless + &post(1, "a"))))), ["demo#post-1"]);
}
