//! Detects XML and what looks like it.

use memchr::memmem;
use rethread_syntax::text::clean;
use rethread_syntax::xml::{XmlPrefix, tag_end};
use rethread_vendors::formats;

use super::{Detection, foreign};

/// Inspects a document that begins with `<`.
pub(super) fn look(document: &[u8]) -> Detection {
    let cleaned = clean(document);
    let mut rest = cleaned.text.as_ref();
    let mut has_dtd = false;
    // Skip the prolog, up to the root's start tag.
    let (tag, content) = loop {
        rest = rest.trim_start();
        let next = if rest.starts_with("<?") {
            after(rest, "?>")
        } else if let Some(comment) = rest.strip_prefix("<!--") {
            after(comment, "-->")
        } else if has_prefix(rest, "<!doctype html") {
            return Detection::Otherwise("an HTML page".to_owned());
        } else if rest.strip_prefix("<!").is_some_and(|rest| rest.starts_with(char::is_alphabetic)) {
            has_dtd = true;
            end_of_doctype(rest)
        } else if let Some(end) = rest.strip_prefix('<').and_then(|_| tag_end(rest.as_bytes())) {
            break (&rest[1..end - 1], &rest[end..]);
        } else {
            None
        };
        match next {
            Some(next) => rest = next,
            None if has_dtd => return Detection::WithDtd,
            None => return Detection::Otherwise("a file that begins like XML and holds no element".to_owned()),
        }
    };
    let prefix = XmlPrefix::new(document, tag, content);
    let name = prefix.name();
    let looks = match by_root(&prefix) {
        Detection::Otherwise(_) if name == "feed" => {
            foreign::feed(&cleaned.text).map_or_else(|| by_root(&prefix), Detection::Foreign)
        }
        looks => looks,
    };
    match looks {
        Detection::Otherwise(_) if has_dtd && !is_html(name) => Detection::WithDtd,
        Detection::Like(_) if has_dtd => Detection::WithDtd,
        looks => looks,
    }
}

/// Inspects the records of a document whose prolog or root is damaged.
pub(super) fn look_at_records(document: &[u8]) -> Option<Detection> {
    let holds = |needle: &str| memmem::find(document, needle.as_bytes()).is_some();
    let vendor = formats().find(|format| format.has_xml_records(document))?.info().vendor;
    Some(if holds("<!ENTITY") || holds("<!DOCTYPE") { Detection::WithDtd } else { Detection::Like(vendor) })
}

fn by_root(prefix: &XmlPrefix<'_>) -> Detection {
    let name = prefix.name();
    if is_html(name) {
        return Detection::Otherwise("an HTML page".to_owned());
    }
    if let Some(format) = formats().find(|format| format.looks_like_xml(prefix)) {
        return Detection::Like(format.info().vendor);
    }
    match prefix.local_name() {
        "rss" => Detection::Otherwise("an RSS feed without WordPress's comments".to_owned()),
        "feed" => Detection::Otherwise("an Atom feed".to_owned()),
        _ if prefix.holds("urn:schemas-microsoft-com:office:spreadsheet")
            || prefix.tag().contains("office:spreadsheet") =>
        {
            Detection::Otherwise("a spreadsheet".to_owned())
        }
        _ if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || "-_.:".contains(c)) => {
            Detection::Otherwise("a file that begins like XML and is damaged".to_owned())
        }
        _ => Detection::Otherwise(format!("an XML file with the root element {}", shortened(name))),
    }
}

/// What follows `end`.
fn after<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    text.split_once(end).map(|(_, rest)| rest)
}

/// The position after a document type declaration; an internal subset is in brackets.
fn end_of_doctype(rest: &str) -> Option<&str> {
    let close = rest.find('>')?;
    let end = match rest.find('[') {
        Some(open) if open < close => open + rest[open..].find("]>").map(|found| found + 1)?,
        _ => close,
    };
    Some(&rest[end + 1..])
}

fn is_html(name: &str) -> bool {
    const TAGS: [&str; 24] = [
        "html", "head", "body", "div", "script", "table", "meta", "p", "br", "b", "i", "a", "pre", "font", "span",
        "center", "hr", "link", "title", "style", "h1", "h2", "strong", "code",
    ];
    TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag))
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}
