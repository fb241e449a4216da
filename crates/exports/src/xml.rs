//! Writes XML elements.

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesCData, BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use rethread_syntax::text::is_forbidden;
use rethread_syntax::xml::unescape_again;
use rethread_vendors::title;

/// Writes elements, one per line, and records whether it left out characters that XML cannot hold.
pub(super) struct Xml<'o> {
    writer: Writer<&'o mut Vec<u8>>,
    has_dropped: bool,
}

impl<'o> Xml<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        Self { writer: Writer::new(out), has_dropped: false }
    }

    /// Whether control characters were left out.
    pub(super) fn has_dropped(&self) -> bool {
        self.has_dropped
    }

    /// Writes `<?xml …?>`.
    pub(super) fn declaration(&mut self) {
        self.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        self.line();
    }

    pub(super) fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.event(Event::Start(start));
        self.line();
    }

    pub(super) fn end(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
        self.line();
    }

    /// Writes an element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.event(Event::Empty(start));
        self.line();
    }

    /// Writes an element with text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.text_with(name, &[], text);
    }

    /// Writes an element with attributes and text. A carriage return is written as a reference,
    /// because XML readers turn the raw character into a line feed.
    pub(super) fn text_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        let text = self.clean(text);
        let escaped = escape(text.as_str()).replace('\r', "&#13;");
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.event(Event::Start(start));
        self.event(Event::Text(BytesText::from_escaped(escaped)));
        self.end(name);
    }

    /// Writes an element with a title, escaped exactly as often as needed to be
    /// [read](rethread_vendors::title) unchanged.
    pub(super) fn title(&mut self, name: &str, text: &str) {
        let escapings = std::iter::successors(Some(text.to_owned()), |text| Some(text.replace('&', "&amp;")));
        let readable = escapings.take(title::MOST_LAYERS + 1).find(|escaped| title::typed(escaped) == text);
        self.text(name, readable.as_deref().unwrap_or(text));
    }

    /// Writes an element with a person's name, in which readers resolve HTML references. These are
    /// escaped only where resolving would change the name, because other readers show the raw text.
    pub(super) fn name(&mut self, name: &str, text: &str) {
        if unescape_again(text) == text {
            self.text(name, text);
        } else {
            self.text(name, &text.replace('&', "&amp;"));
        }
    }

    /// Writes an element with HTML in a CDATA section; [`super::markup`] explains why that is safe.
    pub(super) fn cdata(&mut self, name: &str, html: &str) {
        let html = self.clean(html);
        self.event(Event::Start(BytesStart::new(name)));
        for section in BytesCData::escaped(&html) {
            self.event(Event::CData(section));
        }
        self.end(name);
    }

    fn clean(&mut self, text: &str) -> String {
        self.has_dropped |= text.contains(is_forbidden);
        text.replace(is_forbidden, "")
    }

    fn line(&mut self) {
        self.writer.get_mut().push(b'\n');
    }

    fn event(&mut self, event: Event<'_>) {
        // Writing into memory cannot fail.
        let _ = self.writer.write_event(event);
    }
}
