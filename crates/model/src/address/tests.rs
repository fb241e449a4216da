use proptest::prelude::*;

use super::*;

fn rules(rules: &[(&str, &str)]) -> MappingRules {
    let rules: Vec<MappingRule> =
        rules.iter().map(|(from, to)| MappingRule { from: (*from).to_owned(), to: (*to).to_owned() }).collect();
    MappingRules::new(&rules)
}

fn thread(url: Option<&str>, url_id: &str) -> Thread {
    Thread {
        source_id: "1".to_owned(),
        url_id: url_id.to_owned(),
        url: url.map(str::to_owned),
        title: None,
        created_at: None,
        closed: false,
        reactions: Vec::new(),
    }
}

/// Address and key of a thread known by its address.
fn mapped(rules: &MappingRules, url: &str) -> (String, String) {
    let mut thread = thread(Some(url), &page_key(url));
    rules.apply(&mut thread);
    (thread.url.unwrap(), thread.url_id)
}

#[test]
fn the_beginning_of_an_address_is_replaced() {
    for (from, to, url, expected) in [
        ("old.example", "new.example", "http://www.old.example/a/?p=1#c", "http://new.example/a/?p=1#c"),
        ("old.example", "https://new.example/blog/", "http://old.example/a/", "https://new.example/blog/a/"),
        ("old.example", "https://new.example", "http://old.example/?p=1", "https://new.example/?p=1"),
        ("http://www.old.example/blog/", "new.example", "https://old.example/blog/a", "https://new.example/a"),
        ("old.example/blog", "https://new.example", "https://old.example/blog/", "https://new.example"),
        ("old.example/%7Eann", "https://ann.example", "https://old.example/~ann/x", "https://ann.example/x"),
        (
            "old.example/a",
            "https://new.example/?page=7",
            "https://old.example/a/?utm_source=x",
            "https://new.example/?page=7",
        ),
        (
            "old.example/?p=1",
            "https://new.example/first",
            "http://old.example/?p=1&utm_medium=y",
            "https://new.example/first",
        ),
        ("//old.example", "//new.example", "https://old.example/x", "https://new.example/x"),
        ("localhost:4000", "https://example.com", "http://localhost:4000/x/", "https://example.com/x/"),
    ] {
        let (url, key) = mapped(&rules(&[(from, to)]), url);
        assert_eq!(url, expected, "{from} to {to}");
        assert_eq!(key, page_key(expected), "{from} to {to}");
    }
}

#[test]
fn only_whole_segments_are_compared() {
    for (from, url) in [
        ("old.example/a", "https://old.example/ab"),
        ("old.example", "https://old.example:8080/a"),
        ("old.example", "https://blog.old.example/a"),
        ("old.example", "https://old.example.org/a"),
        ("old.example/a?p=1", "https://old.example/a?p=1&q=2"),
        ("old.example/a/b", "https://old.example/a"),
        ("/a", "https://old.example/a"),
    ] {
        let (mapped_url, key) = mapped(&rules(&[(from, "https://new.example")]), url);
        assert_eq!((mapped_url.as_str(), key), (url, page_key(url)), "{from}");
    }
    let whole = rules(&[("old.example/a", "https://new.example/?page=7")]);
    assert_eq!(mapped(&whole, "https://old.example/a/b").1, "old.example/a/b", "nothing can follow a query");
}

#[test]
fn the_first_rule_that_fits_is_applied_once() {
    let rules = rules(&[("a.example/x", "b.example"), ("a.example", "c.example"), ("b.example", "d.example")]);
    assert_eq!(mapped(&rules, "https://a.example/x/1").1, "b.example/1");
    assert_eq!(mapped(&rules, "https://a.example/y").1, "c.example/y");
}

#[test]
fn identifiers_and_paths_are_mapped_as_keys() {
    let rules = rules(&[("/blog", "https://new.example/b"), ("post-17", "post-18"), ("old.example", "new.example")]);
    let mut path = thread(None, "/blog/a/");
    rules.apply(&mut path);
    assert_eq!((path.url.as_deref(), path.url_id.as_str()), (Some("https://new.example/b/a/"), "new.example/b/a"));

    let mut identified = thread(Some("https://old.example/x"), "post-17");
    rules.apply(&mut identified);
    assert_eq!((identified.url.as_deref(), identified.url_id.as_str()), (Some("https://new.example/x"), "post-18"));

    let mut untouched = thread(None, "post-170");
    rules.apply(&mut untouched);
    assert_eq!(untouched, thread(None, "post-170"));
}

proptest! {
    #[test]
    fn without_a_rule_that_fits_nothing_changes(url in ".{0,40}", url_id in ".{1,40}") {
        let original = thread(Some(&url), &url_id);
        for rules in [rules(&[]), rules(&[("never.example/x", "https://new.example")])] {
            let mut mapped = original.clone();
            rules.apply(&mut mapped);
            prop_assert_eq!(&mapped, &original);
        }
    }

    /// A site that moves keeps the paths and queries that distinguish its pages.
    #[test]
    fn a_domain_is_replaced_and_the_rest_stays(rest in "(/[a-zA-Z%0-9.~é]{0,6}){0,4}(\\?[a-z=&0-9]{0,12})?(#[a-z]{0,4})?") {
        let old = format!("https://www.old.example{rest}");
        let (url, key) = mapped(&rules(&[("old.example", "https://new.example")]), &old);
        let expected = page_key(&old).replacen("old.example", "new.example", 1);
        prop_assert_eq!(&key, &expected);
        prop_assert_eq!(page_key(&url), expected, "the address that is shown has the key");
    }

    /// Whatever the spelling of an address and whatever the rule, one page stays one page.
    #[test]
    fn variants_of_a_page_stay_together(
        path in "(/[a-z]{1,3}){1,3}",
        from in "old\\.example(/[a-z]{1,3}){0,2}",
        to in "(https://|http://|//|)new\\.example(/[a-z]{1,3}){0,2}/?|/[a-z]{1,4}",
    ) {
        let rules = rules(&[(&from, &to)]);
        let key = mapped(&rules, &format!("https://old.example{path}")).1;
        for variant in ["http://old.example{}", "https://www.old.example{}/", "HTTPS://OLD.example{}?utm_source=x#c"] {
            let variant = variant.replace("{}", &path);
            prop_assert_eq!(&mapped(&rules, &variant).1, &key, "{}", variant);
        }
    }

    #[test]
    fn any_rule_and_any_address_are_taken(from in ".{1,20}", to in ".{1,20}", text in ".{0,30}") {
        let rules = rules(&[(&from, &to), ("http://a.example", &from)]);
        let mut thread = thread(Some(&format!("http://a.example/{text}")), &format!("x{text}"));
        rules.apply(&mut thread);
        prop_assert!(!thread.url_id.is_empty());
    }
}
