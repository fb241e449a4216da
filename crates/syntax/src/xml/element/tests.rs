mod agreement;

use proptest::prelude::*;
use rethread_model::Position;

use super::*;

fn reasons(notes: Notes) -> Vec<Reason> {
    notes.into_findings(Position::default(), None).map(|finding| finding.reason).collect()
}

/// The text of the child `m`, and the repairs.
fn message(source: &str) -> (String, Vec<Reason>) {
    let mut notes = Notes::default();
    let text = parse(source, &mut notes).unwrap().child("m").unwrap().prose(&mut notes).to_owned();
    (text, reasons(notes))
}

#[test]
fn adjacent_sections_and_text_are_one_value() {
    assert_eq!(message("<r><m><![CDATA[a ]]]]><![CDATA[> b]]> &amp; c</m></r>"), ("a ]]> b & c".to_owned(), vec![]));
    assert_eq!(message("<r><m>\n  <![CDATA[ a ]]>\n</m></r>"), (" a ".to_owned(), vec![]), "layout is no text");
}

#[test]
fn a_section_inside_a_section_is_text() {
    let (text, found) = message("<r><m><![CDATA[with <![CDATA[ tags ]]> :)]]></m><n>1</n></r>");
    assert_eq!(text, "with <![CDATA[ tags ]]> :)");
    assert_eq!(found, [Reason::NestedCdata]);
}

#[test]
fn a_section_that_was_never_closed_ends_with_its_element() {
    let mut notes = Notes::default();
    let element = parse("<r><m><![CDATA[a <b>c</b></m><n><![CDATA[2]]></n></r>", &mut notes).unwrap();
    assert_eq!(element.child("m").unwrap().prose(&mut notes), "a <b>c</b>");
    assert_eq!(element.scalar("n", &mut notes), Some("2"));
    assert_eq!(reasons(notes), [Reason::UnclosedCdata]);
}

#[test]
fn markup_that_was_not_escaped_is_kept() {
    let (text, found) = message("<r><m>a <b>c</b><br>d</m></r>");
    assert_eq!(text, "a <b>c</b><br>d");
    assert_eq!(found, [Reason::DamagedMarkup]);
}

#[test]
fn a_less_than_sign_that_begins_no_tag_is_text() {
    assert_eq!(message("<r><m>1 < 2 <3</m></r>").0, "1 < 2 <3");
}

#[test]
fn stray_and_missing_end_tags_cost_nothing_else() {
    let mut notes = Notes::default();
    let element = parse("<r></x><a>1<b>2</b></r>", &mut notes).unwrap();
    assert_eq!(element.child("a").unwrap().scalar("b", &mut notes), Some("2"));
    assert_eq!(reasons(notes), [Reason::DamagedMarkup]);
}

#[test]
fn attributes_need_quotes() {
    let mut notes = Notes::default();
    let element = parse("<r a='1>' b = \"&amp;2\" c=3/>", &mut notes).unwrap();
    assert_eq!(element.attribute("a"), Some("1>"));
    assert_eq!(element.attribute("b"), Some("&2"));
    assert_eq!(element.attribute("c"), None);
    assert_eq!(reasons(notes), [Reason::DamagedMarkup]);
}

#[test]
fn an_odd_quote_hides_nothing() {
    let mut notes = Notes::default();
    let element = parse("<r x=\"1><m>text</m></r>", &mut notes).unwrap();
    assert_eq!(element.scalar("m", &mut notes), Some("text"));
}

#[test]
fn padding_is_told() {
    let mut notes = Notes::default();
    let element = parse("<r><a>\n\t1\n</a><b> </b><c/></r>", &mut notes).unwrap();
    assert_eq!(element.scalar("b", &mut notes), None);
    assert_eq!(element.scalar("c", &mut notes), None);
    assert_eq!(reasons(std::mem::take(&mut notes)), []);
    assert_eq!(element.scalar("a", &mut notes), Some("1"));
    assert_eq!(reasons(notes), [Reason::PaddedValue]);
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    let source = format!("<r>{}{}</r>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(parse(&source, &mut Notes::default()).unwrap_err(), Unreadable::TooDeep);
    assert_eq!(parse("no tag", &mut Notes::default()).unwrap_err(), Unreadable::NoElement);
}

/// Text that makes a reader search for missing ends. Quadratic work would take minutes for each.
#[test]
fn no_text_takes_long() {
    for piece in
        ["<a", "<a =\">\"", "<a ='\">", "<![CDATA[<![CDATA[]]>x", "</a", "&#", "<!--", "<?", "<![CDATA[</r", "]]>"]
    {
        let source = format!("<r><m>{}", piece.repeat(500_000));
        let _ = parse(&source, &mut Notes::default());
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(source in "(<[/!?]?[a-c]?( [ab]=?[\"']?)?/?>?|<!\\[CDATA\\[|\\]\\]>|-->|&[a#;]|[ <>é\"'/]|ab){0,40}") {
        let mut notes = Notes::default();
        if let Ok(element) = parse(&source, &mut notes) {
            element.prose(&mut notes);
        }
    }
}
