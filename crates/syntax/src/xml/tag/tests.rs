use super::*;

/// The tag at the start of the document, if there is one.
fn tag(document: &str) -> Option<&str> {
    match markup(document.as_bytes(), true) {
        Markup::Start { length, .. } | Markup::End { length } | Markup::Other { length } => Some(&document[..length]),
        _ => None,
    }
}

#[test]
fn a_tag_ends_where_its_quotes_say() {
    for whole in [
        "<a>",
        "<a x='>'>",
        "<a x = \"b>'c\" y='/>'>",
        "<a x='1'y=\">\">",
        "</a>",
        "</a x='>",
        "<a it's>",
        "<?xml version='1.0'?>",
        "<!DOCTYPE html>",
        "<_:a-b/>",
    ] {
        assert_eq!(tag(&format!("{whole} x='y'>\"</b>")), Some(whole));
    }
}

#[test]
fn a_lost_quote_hides_nothing() {
    for (document, expected) in [
        ("<a x=\"1><b y=\"2\">", Some("<a x=\"1>")),
        ("<a x='1>\n<b/>", Some("<a x='1>")),
        ("<a x=1'>it's <b>", Some("<a x=1'>")),
        ("<a x='1>it's ='<b>", Some("<a x='1>")),
        ("<a x='1>", Some("<a x='1>")),
        ("<a x='1' <b>", None),
        ("<a x='<b>'>", None),
        ("<a x='1'", None),
        ("</a <b>", None),
        ("<?a <b>", None),
    ] {
        assert_eq!(tag(document), expected, "{document}");
    }
}

#[test]
fn empty_elements_end_with_a_slash_outside_quotes() {
    let is_empty = |document: &str| matches!(markup(document.as_bytes(), true), Markup::Start { is_empty: true, .. });
    assert!(is_empty("<a/>") && is_empty("<a x='1'/>"));
    assert!(!is_empty("<a x='1/>2'>") && !is_empty("<a>"));
}

#[test]
fn a_longer_window_changes_no_decision() {
    let long = format!("<a x='{}'>", "y".repeat(LONGEST_TAG));
    for document in ["<a x='1>2'>", "<a x='1>2<b>", "<!-- x", "<![CDATA[x", "<?x?>", "<a b", "</a>", "<3", &long] {
        let document = document.as_bytes();
        let decided = (1..document.len()).map(|length| markup(&document[..length], false));
        for early in decided.filter(|markup| *markup != Markup::Cut) {
            assert_eq!(early, markup(document, true));
        }
    }
    assert_eq!(markup(long.as_bytes(), true), Markup::Text);
}
