use proptest::prelude::*;

use super::*;
use crate::{PageLocation, page_key};

fn domain(text: &str) -> MoveTarget {
    MoveTarget::Domain(text.to_owned())
}

fn url(text: &str) -> MoveTarget {
    MoveTarget::Url(text.to_owned())
}

fn url_id(text: &str) -> MoveTarget {
    MoveTarget::UrlId(text.to_owned())
}

fn rule(from: MoveTarget, to: MoveTarget) -> MoveRule {
    MoveRule::new(from, to).unwrap()
}

/// The location of a thread after a move.
fn moved(rule: &MoveRule, url_id: &str, url: Option<&str>) -> PageLocation {
    rule.mover().destination(url_id, url).unwrap()
}

fn stays(rule: &MoveRule, url_id: &str, url: Option<&str>) -> bool {
    rule.mover().destination(url_id, url).is_none()
}

fn at(url_id: &str, url: Option<&str>) -> PageLocation {
    PageLocation { url_id: url_id.to_owned(), url: url.map(str::to_owned) }
}

#[test]
fn moves_are_written_as_json() {
    let text = r#"{"from":{"domain":"old.example"},"to":{"domain":"new.example"}}"#;
    let moving: Moving = serde_json::from_str(text).unwrap();
    assert_eq!(moving, Moving::Rule(rule(domain("old.example"), domain("new.example"))));
    assert_eq!(serde_json::to_string(&moving).unwrap(), text);
    let text = r#"{"from":{"url":"https://a.example/x"},"to":{"url_id":"post-1"}}"#;
    let moving: Moving = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&moving).unwrap(), text);
    let text = r#"{"undo":"018bcfe5-6800-7000-8000-000000000000"}"#;
    let moving: Moving = serde_json::from_str(text).unwrap();
    assert!(matches!(moving, Moving::Undo { .. }));
    assert_eq!(serde_json::to_string(&moving).unwrap(), text);
    assert_eq!(serde_json::from_str::<MoveTally>("{}").unwrap(), MoveTally::default());
}

#[test]
fn what_is_wrong_with_a_move_is_said() {
    let long = "x".repeat(MoveRule::LONGEST + 1);
    for (from, to, said) in [
        (domain(" "), domain("b.example"), "\"from\" is empty"),
        (url_id("x"), url_id(""), "\"to\" is empty"),
        (domain("a.example/blog"), domain("b.example"), "\"from\" is no domain"),
        (domain("https://a.example"), domain("b.example"), "\"from\" is no domain"),
        (domain("me@a.example"), domain("b.example"), "\"from\" is no domain"),
        (domain("a b"), domain("b.example"), "\"from\" is no domain"),
        (domain("a.example:port"), domain("b.example"), "\"from\" is no domain"),
        (url_id("x"), url("ftp://a.example/x"), "\"to\" is no address"),
        (url_id("x"), url("a.example/x"), "\"to\" is no address"),
        (url_id("x"), url("https://"), "\"to\" is no address"),
        (domain("a.example"), url("https://b.example/x"), "a domain can only be moved to a domain"),
        (url_id("a.example"), domain("b.example"), "a domain can only be moved to a domain"),
        (domain("A.example"), domain("www.a.example"), "are the same place"),
        (url("https://a.example/x/"), url("http://www.a.example/x#y"), "are the same place"),
        (url("https://a.example/x"), url_id("a.example/x"), "are the same place"),
        (url_id("x\u{7}y"), url_id("z"), "\"from\" holds control characters"),
        (url_id("z"), url_id(&long), "\"to\" is longer than 2,000 bytes"),
    ] {
        let refused = MoveRule::new(from.clone(), to.clone()).unwrap_err().to_string();
        assert!(refused.contains(said), "{from:?} to {to:?}: {refused}");
        let json = serde_json::json!({ "from": from, "to": to });
        let refused = serde_json::from_value::<Moving>(json).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
    }
    for json in [
        r#"{"from":{"url_id":"x"}}"#,
        r#"{"from":{"url_id":"x"},"to":{"url_id":"y"},"undo":"018bcfe5-6800-7000-8000-000000000000"}"#,
        "{}",
    ] {
        let refused = serde_json::from_str::<Moving>(json).unwrap_err().to_string();
        assert!(refused.contains("or else \"undo\""), "{refused}");
    }
}

#[test]
fn a_domain_moves_with_all_its_pages() {
    let rule = rule(domain("www.Old.example"), domain("new.example"));
    let from = |address: &str| moved(&rule, &page_key(address), Some(address));
    assert_eq!(from("http://old.example/a/?p=1#c"), at("new.example/a?p=1", Some("http://new.example/a/?p=1#c")));
    assert_eq!(from("https://www.old.example"), at("new.example", Some("https://new.example")));
    for other in [
        "https://blog.old.example/a",
        "https://old.example:8080/a",
        "https://old.example.org/",
        "https://x/old.example",
    ] {
        assert!(stays(&rule, &page_key(other), Some(other)), "{other}");
    }
    let identified = moved(&rule, "post-17", Some("https://old.example/x"));
    assert_eq!(identified, at("post-17", Some("https://new.example/x")), "its key is not made of the address");
    assert_eq!(moved(&rule, "old.example/x", None), at("new.example/x", Some("https://new.example/x")));
    assert!(stays(&rule, "post-17", None));
}

#[test]
fn hosts_are_compared_as_keys_are() {
    let unicode = rule(domain("bücher.example"), domain("www.books.example:8443"));
    let there = moved(&unicode, &page_key("https://BÜCHER.example/x"), Some("https://BÜCHER.example/x"));
    assert_eq!(there, at("books.example:8443/x", Some("https://www.books.example:8443/x")));
    assert_eq!(unicode.mover().sought(), MoveFilter::Host("xn--bcher-kva.example"));
    let private = rule(domain("intranet"), domain("localhost:4000"));
    assert_eq!(moved(&private, "intranet/a", None), at("localhost:4000/a", Some("https://localhost:4000/a")));
}

#[test]
fn a_page_moves_alone() {
    let to_url = rule(url("https://a.example/x/"), url("https://b.example/y/#z"));
    assert_eq!(to_url.mover().sought(), MoveFilter::Key("a.example/x"));
    let there = at("b.example/y", Some("https://b.example/y/#z"));
    assert_eq!(moved(&to_url, "a.example/x", Some("http://a.example/x")), there);
    assert_eq!(moved(&to_url, "a.example/x", None), there);
    assert!(stays(&to_url, "a.example/x/below", None));
    assert!(stays(&to_url, "post-17", Some("https://a.example/x")), "another page has the key");

    let to_key = rule(url_id("post-17"), url_id("post-18"));
    assert_eq!(moved(&to_key, "post-17", Some("https://a.example")), at("post-18", Some("https://a.example")));
    let odd = rule(url_id("https://a.example/x"), url("https://a.example/x"));
    assert_eq!(moved(&odd, "https://a.example/x", None), at("a.example/x", Some("https://a.example/x")));
}

proptest! {
    #[test]
    fn whatever_is_moved_is_gone_from_where_it_was(
        path in "(/[a-z]{1,3}){0,3}(\\?[a-z]=[a-z])?",
        key in prop::option::of("[a-z]{1,4}"),
    ) {
        let rule = rule(domain("old.example"), domain("new.example"));
        let address = format!("https://old.example{path}");
        let key = key.unwrap_or_else(|| page_key(&address));
        let there = rule.mover().destination(&key, Some(&address)).unwrap();
        prop_assert!(rule.mover().destination(&there.url_id, there.url.as_deref()).is_none());
    }

    #[test]
    fn any_text_is_taken_or_refused(from in ".{0,20}", to in ".{0,20}", at in ".{0,20}") {
        for place in [MoveTarget::Domain, MoveTarget::Url, MoveTarget::UrlId] {
            if let Ok(rule) = MoveRule::new(place(from.clone()), place(to.clone())) {
                let _ = rule.mover().destination(&at, Some(&at));
                let again: MoveRule = serde_json::from_str(&serde_json::to_string(&rule).unwrap()).unwrap();
                prop_assert_eq!(rule, again);
            }
        }
    }
}
