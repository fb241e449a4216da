//! Tells whose file it is, from its content alone.

mod json;
mod other;
mod xml;

use rethread_model::{Finding, JobError, Position, Reason, Vendor};

use crate::format::refusal;
use crate::json::is_bad;

/// Bytes of a document that detection looks at.
pub(crate) const PREFIX_BYTES: usize = 256 * 1024;

/// What may stand before a document and be passed over.
const LONGEST_JUNK: usize = 1024;

/// A document that can be planned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Detected {
    pub vendor: Vendor,
    /// Where the document begins, after what was passed over.
    pub start: usize,
    /// What was passed over.
    pub findings: Vec<Finding>,
}

/// What a document looks like.
#[derive(Debug, PartialEq, Eq)]
enum Looks {
    /// Like a vendor's export.
    Like(Vendor),
    /// Like something else; the words fit after "the file is".
    Otherwise(String),
    /// XML that brings its own entities.
    WithDtd,
}

/// Recognises the document that begins with `prefix` (its first [`PREFIX_BYTES`], or all of it), which is part `part` of
/// the upload. `named` is the vendor that the admin expects.
pub(crate) fn detect(prefix: &[u8], part: u32, named: Option<Vendor>) -> Result<Detected, JobError> {
    if prefix.iter().all(u8::is_ascii_whitespace) {
        return Err(refusal("empty", "The file is empty. Export again and upload the new file.", None));
    }
    if prefix.starts_with(&[0xff, 0xfe]) || prefix.starts_with(&[0xfe, 0xff]) {
        let message = "The file is encoded as UTF-16. Save it as UTF-8 and upload it again.";
        return Err(refusal("utf16", message, Some(0)));
    }
    let bom = if prefix.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    let text = &prefix[bom..];
    let (looks, junk) = match other::by_magic(text) {
        Some(what) => (Looks::Otherwise(what.to_owned()), 0),
        None => document(text),
    };
    let vendor = match looks {
        Looks::Like(vendor) => vendor,
        Looks::Otherwise(what) => return Err(not_an_export(&what, named)),
        Looks::WithDtd => {
            let message = "The file brings its own document type or entities, which exports never do and which can be \
                           used for attacks. It is not read. Export again and upload the file as it comes.";
            return Err(refusal("dtd", message, Some((bom + junk) as u64)));
        }
    };
    check(vendor, named)?;
    let finding =
        |offset: usize, reason| Finding { at: Position { part, offset: offset as u64 }, reason, source_id: None };
    let mut findings = Vec::new();
    if bom > 0 {
        findings.push(finding(0, Reason::ByteOrderMark));
    }
    let is_junk = !text[..junk].iter().all(u8::is_ascii_whitespace);
    if is_junk {
        let blank = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        findings.push(finding(bom + blank, Reason::LeadingJunk));
    }
    Ok(Detected { vendor, start: bom + junk, findings })
}

/// What the document looks like, and how many bytes stand before it.
fn document(text: &[u8]) -> (Looks, usize) {
    let candidates = text.iter().take(LONGEST_JUNK).enumerate();
    let blank = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    match text.get(blank) {
        Some(b'{' | b'[' | b'(') => return (json::look(&text[blank..]), blank),
        Some(b'<') => {
            let looks = xml::look(&text[blank..]);
            let is_damaged = text.iter().take(LONGEST_JUNK).any(|byte| is_bad(*byte));
            return match looks {
                Looks::Otherwise(_) if is_damaged => (xml::look_at_records(text).unwrap_or(looks), blank),
                looks => (looks, blank),
            };
        }
        Some(_) if crate::justcomments::is_header(text) => return (Looks::Like(Vendor::JustComments), blank),
        Some(byte) if is_bad(*byte) && text[blank + 1..].trim_ascii_start().starts_with(b"\"") => {
            // The brace of the root may be what is damaged.
            let looks = json::look(&[b"{", &text[blank + 1..]].concat());
            if matches!(looks, Looks::Like(_)) {
                return (looks, blank);
            }
        }
        _ => {}
    }
    // Whatever stands before the document, it must then be one that is known.
    for (at, byte) in candidates {
        let looks = match byte {
            b'<' => xml::look(&text[at..]),
            b'{' | b'[' => json::look(&text[at..]),
            _ => continue,
        };
        if matches!(looks, Looks::Like(_) | Looks::WithDtd) {
            return (looks, at);
        }
    }
    let records =
        text.iter().take(LONGEST_JUNK).any(|byte| *byte == b'<').then(|| xml::look_at_records(text)).flatten();
    (records.unwrap_or_else(|| Looks::Otherwise(other::by_bytes(text).to_owned())), 0)
}

fn check(vendor: Vendor, named: Option<Vendor>) -> Result<(), JobError> {
    if let Some(named) = named.filter(|named| *named != vendor) {
        let message = format!(
            "The file is an export of {}, not of {}. Choose {} and upload it again, or upload the right file.",
            vendor.name(),
            named.name(),
            vendor.name()
        );
        return Err(refusal("other_vendor", message, None));
    }
    Ok(())
}

fn not_an_export(what: &str, named: Option<Vendor>) -> JobError {
    let wanted = named.map_or_else(
        || {
            let vendors: Vec<&str> = Vendor::ALL.into_iter().map(Vendor::name).collect();
            format!("the export file of one of these: {}", vendors.join(", "))
        },
        |vendor| format!("the export file of {}", vendor.name()),
    );
    refusal("not_an_export", format!("The file is {what}, not an export of comments. Upload {wanted}."), None)
}

/// A zip of something that is known by the names in it, and is no export.
pub(crate) fn not_a_zip_of_exports(what: &str, named: Option<Vendor>) -> JobError {
    not_an_export(what, named)
}

#[cfg(test)]
mod tests;
