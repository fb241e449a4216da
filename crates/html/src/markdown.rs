//! Markdown to HTML, which still needs the policy.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

use super::tags::{Piece, Pieces};

/// Larger texts are shown as plain text: for some inputs a Markdown parser's time grows faster than
/// their size.
const MAX_BYTES: usize = 256 << 10;

/// Markdown extensions beyond `CommonMark`.
pub(super) const EXTENSIONS: Options = Options::ENABLE_STRIKETHROUGH;

/// `None` if the text is too large. Newlines become `<br>`, and addresses in text become links, as
/// in other commenting systems.
pub(super) fn to_html(source: &str) -> Option<String> {
    if source.len() > MAX_BYTES {
        return None;
    }
    let mut out = String::with_capacity(source.len() + source.len() / 2 + 16);
    let (mut no_links, mut is_broken) = (0_usize, false);
    let events = Parser::new_ext(source, EXTENSIONS).flat_map(move |event| {
        // A `<br>` at the end of a line means one break, not two.
        let was_broken = std::mem::replace(&mut is_broken, is_break(&event));
        match &event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => no_links += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => no_links = no_links.saturating_sub(1),
            _ => {}
        }
        match event {
            Event::SoftBreak | Event::HardBreak if was_broken => vec![Event::SoftBreak],
            Event::SoftBreak => vec![Event::HardBreak],
            Event::Text(text) if no_links == 0 && text.contains("://") => with_links(&text),
            event => vec![event],
        }
    });
    html::push_html(&mut out, events);
    out.truncate(out.trim_end().len());
    Some(out)
}

/// Whether this is a `<br>` in the text.
fn is_break(event: &Event<'_>) -> bool {
    let Event::InlineHtml(html) = event else { return false };
    matches!(Pieces::of(html).next(), Some(Piece::Tag(tag, _)) if tag.name.is_one_of(&["br"]))
}

/// Splits text at the addresses in it.
fn with_links(text: &str) -> Vec<Event<'static>> {
    let mut events = Vec::new();
    let mut rest = text;
    while let Some((start, end)) = next_address(rest) {
        let (before, address) = (&rest[..start], &rest[start..end]);
        if !before.is_empty() {
            events.push(Event::Text(owned(before)));
        }
        events.push(Event::Start(Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: owned(address),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }));
        events.push(Event::Text(owned(address)));
        events.push(Event::End(TagEnd::Link));
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        events.push(Event::Text(owned(rest)));
    }
    events
}

fn owned(text: &str) -> CowStr<'static> {
    CowStr::from(text.to_owned())
}

/// The range of the next `http(s)://…`, without trailing punctuation of the sentence around it.
fn next_address(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let colon = from + text[from..].find("://")?;
        from = colon + 3;
        let before = &text[..colon];
        let Some(scheme) = ["https", "http"].into_iter().find(|scheme| before.ends_with(scheme)) else { continue };
        let start = colon - scheme.len();
        if text[..start].ends_with(|c: char| c.is_alphanumeric()) {
            continue;
        }
        let address = &text[start..];
        let length = address.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(address.len());
        let address = address[..length].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~']);
        let opens = address.matches('(').count();
        let closes = address.matches(')').count();
        let address = if closes > opens { address.trim_end_matches(')') } else { address };
        if address.len() > scheme.len() + 3 {
            return Some((start, start + address.len()));
        }
    }
}
