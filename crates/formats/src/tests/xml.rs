//! Compares the strict reader with an independent one, and with the lenient one.
//!
//! `PROPTEST_CASES` raises the number of cases.

mod documents;
mod oracle;
mod writer;

use proptest::prelude::*;
use rethread_model::{Comment, ImportOptions, Position, Reason, Record, Vendor};
use rethread_syntax::{Framed, Frames};
use rethread_vendors::{Portion, format_of};
use serde_json::Value;

use self::oracle::Said;
use self::writer::Oddity;
use crate::testing::{Imported, cases, disqus, import, import_with, item, post, slices_of, thread, wp_comment, wxr};

/// A reader's comments in the oracle's form.
fn said(comments: &[&Comment]) -> Vec<Said> {
    comments
        .iter()
        .map(|comment| Said {
            id: comment.source_id.clone(),
            thread: comment.thread.clone(),
            parent: comment.parent.clone(),
            at: comment.created_at,
            status: comment.status,
            name: comment.signature.as_ref().and_then(|signature| signature.name.clone()),
            text: comment.text.trim().to_owned(),
        })
        .collect()
}

/// The document is read as the oracle reads it, whatever the slices, and no damage is reported.
fn check(document: &str, slice_bytes: usize, expected: &[Said]) -> Result<(), TestCaseError> {
    let options = ImportOptions::default();
    let imported = import_with(document.as_bytes(), &options, &slices_of(slice_bytes));
    let imported = imported.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
    prop_assert_eq!(said(&imported.comments()), expected);
    let is_harmless = |reason: &Reason| matches!(reason, Reason::PaddedValue | Reason::DamagedMarkup);
    prop_assert!(imported.reasons().iter().all(is_harmless), "{:?}", imported.reasons());
    prop_assert!(imported.refused().is_empty(), "{:?}", imported.refused());
    prop_assert_eq!(imported.defect(), None);
    Ok(())
}

/// The result of the lenient half alone, which reads slices whose head has no open tags.
fn lenient(vendor: Vendor, document: &str) -> (Vec<Record>, Vec<Reason>) {
    let options = ImportOptions::default();
    let frames = Frames::new(format_of(vendor).framer(Some(&Value::Null)), document.as_bytes());
    let mut reader = format_of(vendor).reader(&Value::Null, &options);
    let mut portion = Portion { end: 0, records: Vec::new(), findings: Vec::new(), origins: Vec::new() };
    for frame in frames {
        let at = Position { part: 0, offset: frame.start as u64 };
        let bytes = &document.as_bytes()[frame.start..frame.end];
        let record = Framed { kind: frame.kind, bytes, at, damage: frame.damage, scope: None };
        reader.read(record, &mut portion);
    }
    let records = portion.records.into_iter().map(|located| located.value).collect();
    (records, portion.findings.into_iter().map(|finding| finding.reason).collect())
}

/// Both halves read the same.
fn agree(vendor: Vendor, document: &str) -> Result<(), TestCaseError> {
    let strict = import(document);
    prop_assert!(!strict.reasons().contains(&Reason::NotWellFormed));
    let (records, reasons) = lenient(vendor, document);
    prop_assert!(
        reasons.iter().all(|reason| *reason == Reason::PaddedValue),
        "the lenient half reads it: {:?}",
        reasons
    );
    prop_assert_eq!(strict.records, records);
    prop_assert_eq!(strict.findings.iter().map(|finding| finding.reason).collect::<Vec<_>>(), reasons);
    Ok(())
}

fn choices() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 0..400)
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn a_disqus_file_is_read_as_the_standard_says(choices in choices(), slice_bytes in 1_usize..3000) {
        let document = documents::disqus(&choices, Oddity::Any);
        check(&document, slice_bytes, &oracle::disqus(&document))?;
    }

    #[test]
    fn a_wxr_file_is_read_as_the_standard_says(choices in choices(), slice_bytes in 1_usize..3000) {
        let document = documents::wxr(&choices, Oddity::Any);
        check(&document, slice_bytes, &oracle::wxr(&document))?;
    }

    #[test]
    fn an_intensedebate_file_is_read_as_the_standard_says(choices in choices(), slice_bytes in 1_usize..3000) {
        let document = documents::debate(&choices, Oddity::Any);
        check(&document, slice_bytes, &oracle::debate(&document))?;
    }

    #[test]
    fn strict_and_lenient_readers_agree(choices in choices()) {
        agree(Vendor::Disqus, &documents::disqus(&choices, Oddity::Usual))?;
        agree(Vendor::WordPress, &documents::wxr(&choices, Oddity::Usual))?;
        agree(Vendor::IntenseDebate, &documents::debate(&choices, Oddity::Usual))?;
    }

    /// A changed byte ends strict reading, and everything before it stays as it was.
    #[test]
    fn what_stands_before_the_damage_is_read_strictly(choices in choices(), at in any::<prop::sample::Index>()) {
        let whole = documents::wxr(&choices, Oddity::Any);
        let mut damaged = whole.clone().into_bytes();
        let at = at.index(damaged.len());
        damaged[at] = 0x0b;
        let Ok(imported) = import_with(&damaged, &ImportOptions::default(), &slices_of(500)) else { return Ok(()) };
        let found = imported.findings.iter().filter(|finding| finding.reason == Reason::NotWellFormed);
        let found: Vec<_> = found.map(|finding| finding.at.offset).collect();
        // Damage to the prolog is the business of detection.
        prop_assert!(found == [at as u64] || (found.is_empty() && at < whole.find("channel").unwrap()), "{:?} {}", found, at);
        let before = oracle::wxr_ends(&whole).into_iter().filter(|end| *end <= at).count();
        let seen = said(&imported.comments());
        let expected = oracle::wxr(&whole);
        prop_assert_eq!(seen.get(..before), expected.get(..before));
    }
}

fn only(imported: &Imported) -> (Vec<&str>, Vec<Reason>) {
    (imported.ids(), imported.reasons())
}

#[test]
fn tags_in_a_section_are_text() {
    let article = "<![CDATA[<pre>\n<item>\n<wp:comment>\n<wp:comment_id>66</wp:comment_id>\n</wp:comment>\n</item>\n<item>\n</pre>]]>";
    let items = item(1, &wp_comment(10, 0, "c")).replace("<![CDATA[<p>Article</p>]]>", article);
    assert_eq!(only(&import(wxr(&items))), (vec!["1:10"], vec![]));
    let forged = "<![CDATA[</message></post>\n<post dsq:id=\"9\"><message>never written</message></post>]]>";
    let imported = import(disqus(&(thread(1) + &post(1, forged) + &post(2, "b"))));
    assert_eq!(only(&imported), (vec!["1", "2"], vec![]));
    assert!(imported.comments()[0].text.contains("never written"));
}

#[test]
fn a_namespace_is_known_by_its_name_and_not_by_its_prefix() {
    let file = wxr(&item(1, &wp_comment(10, 0, "c")));
    for (prefix, name) in [
        ("ns0", "http://wordpress.org/export/1.2/"),
        ("wp", "https://wordpress.org/export/1.0/"),
        ("x", "http://www.wordpress.org/export/1.3"),
        ("wp", "http://wordpress.org/export/"),
        // Not a name of WordPress's, yet no other can be meant.
        ("wp", "http://example.org/wp"),
    ] {
        let renamed = file.replace("<wp:", &format!("<{prefix}:")).replace("</wp:", &format!("</{prefix}:"));
        let renamed = renamed.replace("xmlns:wp=", &format!("xmlns:{prefix}="));
        let renamed = renamed.replace("\"http://wordpress.org/export/1.2/\"", &format!("\"{name}\""));
        let imported = import(&renamed);
        assert_eq!(only(&imported), (vec!["1:10"], vec![]), "{prefix} {name}");
        assert_eq!(imported.plan.facts.origin.as_str(), "blog.example.org");
    }
    let foreign = file.replace("<wp:comment>", "<wp:comment xmlns:wp=\"urn:other\">");
    assert_eq!(only(&import(&foreign)), (vec![], vec![]));
}

#[test]
fn where_a_document_is_not_well_formed_is_told_once() {
    let file = disqus(&(thread(1) + &post(1, "a") + &post(2, "R&B") + &post(3, "c < d") + &post(4, "d")));
    for (damage, at) in [
        (file.clone(), file.find("&B").unwrap()),
        (file.replace("R&B", "a ]]> b"), file.find("R&B").unwrap() + 2),
        (file.replace("R&B", "&nbsp;"), file.find("R&B").unwrap()),
        (file.replace("R&B", "&#1;"), file.find("R&B").unwrap()),
        (file.replace("R&B", "\u{1}"), file.find("R&B").unwrap()),
        (file.replace("R&B", "\u{ffff}"), file.find("R&B").unwrap()),
        (file.replace("<message>R&B", "<message a='1' a='2'>"), file.find("<message>R&B").unwrap()),
        (file.replace("<message>R&B", "<message a='1'b='2'>"), file.find("<message>R&B").unwrap()),
        (file.replace("<message>R&B", "<atom:link/><message>"), file.find("<message>R&B").unwrap()),
        (file.replace("R&B", "<b>x</i>"), file.find("R&B").unwrap() + 4),
        (file.replace("<message>R&B", "<!-- a -- b --><message>"), file.find("<message>R&B").unwrap()),
    ] {
        let imported = import(&damage);
        assert_eq!(imported.ids(), ["1", "2", "3", "4"], "{damage}");
        let told: Vec<_> = imported.findings.iter().filter(|finding| finding.reason == Reason::NotWellFormed).collect();
        assert_eq!(told.len(), 1, "{:?}", imported.findings);
        assert_eq!(told[0].at.offset, at as u64, "{damage}");
    }
    let mut latin = file.replace("R&B", "caf?").into_bytes();
    let at = file.find("R&B").unwrap() + 3;
    latin[at] = 0xe9;
    let imported = import(&latin);
    assert_eq!(imported.findings[0].at.offset, at as u64);
    assert_eq!(imported.findings[0].reason, Reason::NotWellFormed);
}

/// A slice begins anywhere, so its head states the open elements and the meaning of names.
#[test]
fn slices_know_the_names_of_their_document() {
    let comments: String = (1..=20).map(|id| wp_comment(id, 0, "c")).collect();
    let file = wxr(&item(1, &comments)).replace("wp:", "ns0:").replace(":wp=", ":ns0=");
    let file = file.replacen("<item>", "<item xmlns:ns0=\"https://wordpress.org/export/1.1/\">", 1);
    let cut = import_with(file.as_bytes(), &ImportOptions::default(), &slices_of(100)).unwrap();
    assert_eq!(cut.plan.slices.len(), 21);
    let open = cut.plan.slices[5].head["xml"]["open"].as_str().unwrap();
    assert!(open.ends_with("<channel><item xmlns:ns0=\"https://wordpress.org/export/1.1/\">"), "{open}");
    assert_eq!(cut.comments(), import(&file).comments());
    assert_eq!(cut.comments().len(), 20);
}

#[test]
fn a_record_over_the_limit_ends_where_it_ends() {
    let forged = format!("<![CDATA[{}</post><post dsq:id=\"66\"></post>]]>", "x".repeat(3 << 20));
    for message in [&forged, &"x ".repeat(1 << 20), &format!("<!--{}-->", "x".repeat(50_000))] {
        let file = disqus(&(thread(1) + &post(1, "a") + &post(2, message) + &post(3, "b")));
        let limits = crate::Limits { record_bytes: 20_000, ..crate::Limits::default() };
        let imported = import_with(file.as_bytes(), &ImportOptions::default(), &limits).unwrap();
        let refused: Vec<_> = imported.refused().into_iter().map(|refused| refused.source_id.as_deref()).collect();
        assert_eq!((imported.ids(), refused), (vec!["1", "3"], vec![Some("2")]));
    }
}
