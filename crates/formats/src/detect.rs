//! Detects the vendor of a file from its content alone.

mod empty;
mod foreign;
mod json;
mod junk;
mod other;
mod xml;

use rethread_model::{Finding, JobError, Position, Reason, Vendor};
use rethread_syntax::json::is_bad;
use rethread_vendors::{VendorInfo, formats, refusal, vendors};

/// Bytes of a document that detection inspects.
pub(crate) const PREFIX_BYTES: usize = 256 * 1024;

/// If its start is damaged, a document is searched within this many bytes.
const DAMAGED_WITHIN: usize = 1024;

/// A document that can be planned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Detected {
    pub vendor: Vendor,
    /// Where the document begins, after anything skipped.
    pub start: usize,
    /// What was skipped.
    pub findings: Vec<Finding>,
    /// The document is complete and has no records.
    pub is_empty: bool,
}

/// What a document looks like.
#[derive(Debug, PartialEq, Eq)]
enum Detection {
    /// A vendor's export.
    Like(Vendor),
    /// Something else; the words fit after "the file is".
    Otherwise(String),
    /// An export of a system that is not supported yet.
    Foreign(&'static str),
    /// Empty, without any sign of its vendor.
    Nothing,
    /// XML that defines its own entities.
    WithDtd,
}

/// Detects the document that begins with `prefix` (its first [`PREFIX_BYTES`], or all of it), which
/// is part `part` of the upload. `named` is the vendor that the admin expects.
pub(crate) fn detect(prefix: &[u8], part: u32, named: Option<Vendor>) -> Result<Detected, JobError> {
    if prefix.iter().all(u8::is_ascii_whitespace) {
        return Err(refusal("empty", "The file is empty. Export again and upload the new file.", None));
    }
    let bom = if prefix.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    let text = &prefix[bom..];
    let (looks, junk) = match other::by_magic(text) {
        Some(what) => {
            (foreign::database(text).map_or_else(|| Detection::Otherwise(what.to_owned()), Detection::Foreign), 0)
        }
        None => document(text),
    };
    let is_whole = prefix.len() < PREFIX_BYTES;
    let empty = if is_whole { empty::look(&text[junk..], &looks, named) } else { None };
    let vendor = match (looks, empty) {
        (_, Some(vendor)) | (Detection::Like(vendor), None) => vendor,
        (Detection::Otherwise(what), None) => return Err(not_an_export(&what, named)),
        (Detection::Foreign(what), None) => return Err(foreign_export(what, named)),
        (Detection::Nothing, None) => {
            let message = "There is nothing in the file, and nothing that tells whose export it is. Export again and \
                           upload the new file.";
            return Err(refusal("empty", message, None));
        }
        (Detection::WithDtd, None) => {
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
    Ok(Detected { vendor, start: bom + junk, findings, is_empty: empty.is_some() })
}

/// What the document looks like, and the number of bytes before it.
fn document(text: &[u8]) -> (Detection, usize) {
    let blank = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let is_structured = matches!(text.get(blank), None | Some(b'{' | b'[' | b'(' | b'<'));
    let table = if is_structured { None } else { formats().find(|format| format.looks_like_table(text)) };
    let looks = match text.get(blank) {
        _ if table.is_some() => table.map(|format| Detection::Like(format.info().vendor)),
        Some(b'{' | b'[' | b'(') => Some(json::look(&text[blank..])),
        Some(b'<') => {
            let looks = xml::look(&text[blank..]);
            let is_damaged = text.iter().take(DAMAGED_WITHIN).any(|byte| is_bad(*byte));
            match looks {
                Detection::Otherwise(_) if is_damaged => Some(xml::look_at_records(text).unwrap_or(looks)),
                looks => Some(looks),
            }
        }
        // The damaged byte may be the brace of the root.
        Some(byte) if is_bad(*byte) && text[blank + 1..].trim_ascii_start().starts_with(b"\"") => {
            Some(json::look(&[b"{", &text[blank + 1..]].concat())).filter(|looks| matches!(looks, Detection::Like(_)))
        }
        _ => foreign::text(text).map(Detection::Foreign),
    };
    match looks {
        // After any junk, the document must be of a known vendor. In JSON, a document may occur
        // inside a string.
        None => {}
        Some(Detection::Otherwise(what)) if text.get(blank) == Some(&b'<') || what == other::PLAIN_TEXT => {
            return junk::look(text).unwrap_or((Detection::Otherwise(what), blank));
        }
        Some(looks) => return (looks, blank),
    }
    junk::look(text).unwrap_or_else(|| {
        let is_markup = text.iter().take(DAMAGED_WITHIN).any(|byte| *byte == b'<');
        let records = is_markup.then(|| xml::look_at_records(text)).flatten();
        (records.unwrap_or_else(|| Detection::Otherwise(other::by_bytes(text).to_owned())), 0)
    })
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
    let message = format!("The file is {what}, not an export of comments. Upload {}.", wanted(named));
    refusal("not_an_export", message, None)
}

fn foreign_export(what: &str, named: Option<Vendor>) -> JobError {
    refusal("not_an_export", format!("{} Upload {}.", foreign::sentence(what), wanted(named)), None)
}

fn wanted(named: Option<Vendor>) -> String {
    named.map_or_else(
        || {
            let vendors: Vec<&str> = vendors().map(VendorInfo::name).collect();
            format!("the export file of one of these: {}", vendors.join(", "))
        },
        |vendor| format!("the export file of {}", vendor.name()),
    )
}

/// Whether a refusal names an unsupported export, which says more than the refusal of a file beside
/// it.
pub(crate) fn names_an_export(refusal: &JobError) -> bool {
    foreign::is_sentence(&refusal.message)
}

/// A zip whose file names identify it as something other than an export.
pub(crate) fn not_a_zip_of_exports(what: &str, named: Option<Vendor>) -> JobError {
    not_an_export(what, named)
}

#[cfg(test)]
mod tests;
