//! Recognises complete documents without records.

use rethread_model::Vendor;
use rethread_syntax::xml::is_empty_root;
use rethread_vendors::{Syntax, info};
use serde_json::Value;

use super::Detection;

/// The maximum size of a document without records.
const MOST_BYTES: usize = 4096;

/// The vendor of an empty export: an empty root of a vendor's own, or JSON with empty arrays of a
/// recognised or named vendor.
pub(super) fn look(document: &[u8], looks: &Detection, named: Option<Vendor>) -> Option<Vendor> {
    let document = document.trim_ascii();
    if document.is_empty() || document.len() > MOST_BYTES {
        return None;
    }
    let known = match looks {
        Detection::Like(vendor) => Some(*vendor),
        Detection::Nothing => named,
        Detection::Otherwise(_) | Detection::Foreign(_) | Detection::WithDtd => None,
    };
    let vendor = known?;
    let is_empty = match info(vendor).syntax {
        Syntax::Xml => is_empty_root(document),
        Syntax::Json => is_empty_json(document),
    };
    is_empty.then_some(vendor)
}

/// Whether the document is JSON that contains only empty arrays and objects.
fn is_empty_json(document: &[u8]) -> bool {
    let is_hollow = |value: &Value| match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    match serde_json::from_slice(document) {
        Ok(Value::Object(members)) => members.values().all(is_hollow),
        Ok(value) => is_hollow(&value) && value != Value::Null,
        Err(_) => false,
    }
}

/// Whether this is such JSON, of any vendor.
pub(super) fn is_nothing(document: &[u8]) -> bool {
    document.len() <= MOST_BYTES && is_empty_json(document.trim_ascii())
}
