//! The namespaces that a start tag declares.

use std::borrow::Cow;

use super::strict;

/// Whether the start tag `tag` declares the prefix.
#[must_use]
pub fn declares(tag: &str, prefix: &str) -> bool {
    tag.match_indices("xmlns:").any(|(at, _)| {
        let rest = &tag[at + "xmlns:".len()..];
        rest.strip_prefix(prefix).is_some_and(|rest| rest.trim_start().starts_with('='))
    })
}

/// The namespaces that the start tag `tag` (without its `<`) declares.
pub fn declared_namespaces(tag: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let raw = &tag[tag.find(char::is_whitespace).unwrap_or(tag.len())..];
    strict::attributes(raw).filter(|attribute| attribute.key.as_namespace_binding().is_some()).filter_map(|attribute| {
        match attribute.value {
            Cow::Borrowed(value) => strict::attribute_value(value),
            Cow::Owned(value) => strict::attribute_value(&value).map(|value| Cow::Owned(value.into_owned())),
        }
    })
}
