//! The start of a document, for telling whose it is.

use memchr::memmem;
use quick_xml::events::Event;

use super::declarations::declares;

/// The start of a document, as far as it was looked at. It may end anywhere after the root's start
/// tag.
#[derive(Debug)]
pub struct XmlPrefix<'d> {
    document: &'d [u8],
    tag: &'d str,
    content: &'d str,
    name: &'d str,
}

impl<'d> XmlPrefix<'d> {
    /// `tag` is the root's start tag, without `<` and `>`; `content` is what follows it.
    #[must_use]
    pub fn new(document: &'d [u8], tag: &'d str, content: &'d str) -> Self {
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        Self { document, tag, content, name }
    }

    /// The root's name, as written.
    #[must_use]
    pub const fn name(&self) -> &'d str {
        self.name
    }

    /// The root's name, without a prefix that the root declares.
    #[must_use]
    pub fn local_name(&self) -> &'d str {
        match self.name.split_once(':') {
            Some((prefix, local)) if declares(self.tag, prefix) => local,
            _ => self.name,
        }
    }

    /// The root's start tag, without `<` and `>`.
    #[must_use]
    pub const fn tag(&self) -> &'d str {
        self.tag
    }

    /// Whether this text is anywhere in the root's content.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        memmem::find(self.content.as_bytes(), text.as_bytes()).is_some()
    }

    /// Whether the document is complete, and its root has no content.
    #[must_use]
    pub fn is_empty_root(&self) -> bool {
        is_empty_root(self.document)
    }
}

/// Whether the document is an element without content, perhaps after a prolog.
#[must_use]
pub fn is_empty_root(document: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(document) else { return false };
    let mut reader = quick_xml::Reader::from_str(text);
    let mut depth = 0_u32;
    let mut roots = 0_u32;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) if depth == 0 && roots == 0 => (depth, roots) = (1, 1),
            Ok(Event::Empty(_)) if depth == 0 && roots == 0 => roots = 1,
            Ok(Event::End(_)) if depth == 1 => depth = 0,
            Ok(Event::Text(text)) if text.trim().is_empty() => {}
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
            Ok(Event::Eof) => return depth == 0 && roots == 1,
            Ok(_) | Err(_) => return false,
        }
    }
}
