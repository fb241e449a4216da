use super::*;

fn named(own: Option<&str>, comments: u64) -> DocumentSites {
    DocumentSites { own: own.map(Origin::new), comments, ..DocumentSites::default() }
}

fn of(documents: &[DocumentSites], site_url: Option<&str>) -> Sites {
    let options = ImportOptions { site_url: site_url.map(str::to_owned), ..ImportOptions::default() };
    Sites::of(documents, Vendor::WordPress, &options).unwrap()
}

fn names(sites: &Sites) -> Vec<&str> {
    sites.of_documents.iter().map(|site| site.as_ref().map_or("", Origin::as_str)).collect()
}

#[test]
fn each_document_is_of_its_own_site() {
    let sites = of(&[named(Some("a"), 1), named(Some("b"), 2), named(Some("a"), 3)], None);
    assert_eq!(names(&sites), ["a", "b", "a"]);
    let counts: Vec<_> = sites.counts.iter().map(|count| (count.origin.as_str(), count.comments)).collect();
    assert_eq!((counts, sites.main().as_str()), (vec![("a", 4), ("b", 2)], "a"));
}

#[test]
fn a_document_without_a_name_takes_the_only_other_one() {
    assert_eq!(names(&of(&[named(Some("a"), 1), named(None, 2)], Some("https://c.example"))), ["a", "a"]);
    let linked = DocumentSites { linked: Some("b".to_owned()), ..named(None, 2) };
    assert_eq!(names(&of(&[named(Some("a"), 1), linked], None)), ["a", "b"]);
    let several = [named(Some("a"), 1), named(Some("b"), 1), named(None, 2)];
    assert_eq!(names(&of(&several, Some("https://www.c.example/blog/"))), ["a", "b", "c.example/blog"]);
    assert_eq!(of(&several, None).needed.unwrap().code, "site_needed");
}

#[test]
fn nobody_is_asked_where_there_are_no_comments() {
    assert!(of(&[named(None, 0)], None).needed.is_none());
    assert_eq!(names(&of(&[named(None, 0), named(Some("a"), 1), named(Some("b"), 0)], None)), ["a", "a", "a"]);
    assert_eq!(names(&of(&[named(Some("a"), 2), named(Some("b"), 1), named(Some("b"), 0)], None)), ["a", "b", "b"]);
}

#[test]
fn too_many_sites_are_refused() {
    let mut document = named(Some("a"), 1);
    for number in 0..FileFacts::ORIGINS * 3 {
        document.add_other(&Origin::new(format!("site{number}")));
    }
    let refused = Sites::of(&[document], Vendor::Commento, &ImportOptions::default()).unwrap_err();
    assert_eq!(refused.code, "too_many_sites");
}

#[test]
fn keys_of_pages_without_address_hold_their_site() {
    for (vendor, site, id, key) in [
        (Vendor::WordPress, "blog.example", "7", "blog.example/?p=7"),
        (Vendor::WordPress, "blog.example/en", "7", "blog.example/en?p=7"),
        (Vendor::WordPress, "blog.example", "about", "blog.example#about"),
        (Vendor::WordPress, "blog.example/en", "/en/about/", "blog.example/en/about"),
        (Vendor::Disqus, "casebook", "post-17", "casebook#post-17"),
        (Vendor::Disqus, "casebook", "/post/", "casebook#/post/"),
        (Vendor::Muut, "blog.example", "blog.example:k", "blog.example:k"),
        (Vendor::JustComments, "e.example", "e.example.org", "e.example#e.example.org"),
    ] {
        assert_eq!(key_of_site(vendor, &Origin::new(site), id), key);
    }
}

mod vendors;
