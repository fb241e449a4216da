//! Skips junk before a document: warnings of a program, the head of a page, anything.

use memchr::memmem;
use rethread_syntax::json::JsonPrefix;
use rethread_vendors::{Format, format_of, formats};

use super::{Detection, json, xml};

/// Maximum size of junk before a document.
const LONGEST_JUNK: usize = 64 * 1024;

/// Candidates for the start of a document that are tried, per kind.
const MOST_TRIES: usize = 64;

/// Finds the first document of a known vendor, and the number of bytes before it.
pub(super) fn look(text: &[u8]) -> Option<(Detection, usize)> {
    let junk = &text[..text.len().min(LONGEST_JUNK)];
    let xml = xml_document(text, junk);
    // Anything inside an XML document belongs to it.
    let reach = xml.as_ref().map_or(junk.len(), |(_, start)| *start);
    json_document(text, &junk[..reach]).or(xml).or_else(|| table(text, junk))
}

fn xml_document(text: &[u8], junk: &[u8]) -> Option<(Detection, usize)> {
    let roots: Vec<&str> = formats().flat_map(Format::xml_roots).copied().chain(["?xml"]).collect();
    let places = memchr::memchr_iter(b'<', junk).filter(|at| roots.iter().any(|root| is_root(&text[at + 1..], root)));
    places.filter(|at| !is_quoted(&junk[..*at])).take(MOST_TRIES).find_map(|at| {
        let looks = xml::look(&text[at..]);
        let is_known = matches!(looks, Detection::Like(_) | Detection::WithDtd);
        is_known.then(|| (if has_entities(&junk[..at]) { Detection::WithDtd } else { looks }, at))
    })
}

/// Whether a tag with this name begins after the `<` before `text`.
fn is_root(text: &[u8], root: &str) -> bool {
    let after = text.strip_prefix(root.as_bytes()).and_then(|rest| rest.first());
    after.is_some_and(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-')
}

/// Whether the next bytes are in a comment or a CDATA section.
fn is_quoted(before: &[u8]) -> bool {
    [(&b"<!--"[..], &b"-->"[..]), (b"<![CDATA[", b"]]>")].into_iter().any(|(start, end)| {
        memmem::rfind(before, start).is_some_and(|start| memmem::find(&before[start..], end).is_none())
    })
}

/// Whether the junk defines entities, or a document type other than HTML's. That is not junk but an
/// attack.
fn has_entities(junk: &[u8]) -> bool {
    let lower = junk.to_ascii_lowercase();
    let is_page = |at: usize| lower[at + b"<!doctype".len()..].trim_ascii_start().starts_with(b"html");
    memmem::find(&lower, b"<!entity").is_some() || memmem::find_iter(&lower, b"<!doctype").any(|at| !is_page(at))
}

/// Scripts in pages are full of braces. Braces that begin a line or follow markup have their own
/// limit, apart from all others.
fn json_document(text: &[u8], junk: &[u8]) -> Option<(Detection, usize)> {
    let begins_line = |at: usize| at.checked_sub(1).is_none_or(|before| matches!(junk[before], b'\n' | b'\r' | b'>'));
    let mut tries = [MOST_TRIES; 2];
    memchr::memchr2_iter(b'{', b'[', junk).filter(|at| opens(&text[*at..])).find_map(|at| {
        let left = &mut tries[usize::from(begins_line(at))];
        *left = left.checked_sub(1)?;
        match json::look(&text[at..]) {
            Detection::Like(vendor) => {
                let is_own = format_of(vendor).has_own_keys(&JsonPrefix::new(&text[at..]));
                is_own.then_some((Detection::Like(vendor), at))
            }
            _ => None,
        }
    })
}

/// Whether JSON content follows a bracket.
fn opens(text: &[u8]) -> bool {
    let inner = text[1..].trim_ascii_start().first();
    match text[0] {
        b'{' => inner == Some(&b'"'),
        _ => matches!(inner, Some(b'{')),
    }
}

fn table(text: &[u8], junk: &[u8]) -> Option<(Detection, usize)> {
    formats().find_map(|format| {
        memmem::find_iter(junk, format.table_column()?).take(MOST_TRIES).find_map(|at| {
            let start = memchr::memrchr2(b'\n', b'\r', &junk[..at]).map_or(0, |line_break| line_break + 1);
            let is_header = format.looks_like_table(&text[start..]);
            is_header.then_some((Detection::Like(format.info().vendor), start))
        })
    })
}
