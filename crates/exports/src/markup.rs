//! Sanitised HTML in files of other systems.
//!
//! Everything displayed there has passed the policy, because the readers of these files may not
//! have one. Here it is only spelled differently, with the same meaning to an HTML reader: inside
//! attribute values, where a serialiser leaves them unchanged, `<` and `>` become references. So,
//! whatever a person wrote, a comment contains neither a tag of the file's own format nor the end
//! of a CDATA section, even for readers that search for tags without regard to quotes.

use rethread_model::SafeHtml;
use rethread_syntax::text::is_forbidden;

/// How line feeds are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// Unchanged.
    Kept,
    /// As spaces except in `<pre>`, for systems that treat them as line breaks.
    Joined,
    /// As references where they would make a line empty, for Markdown, where an empty line ends
    /// HTML.
    NeverEmpty,
}

/// The HTML, with line ends as line feeds.
pub(super) fn written(html: &SafeHtml, lines: Lines) -> String {
    let html = html.as_str();
    let mut spelling = Spelling { out: String::with_capacity(html.len() + 16), lines, ..Spelling::default() };
    let mut rest = html.chars();
    while let Some(character) = rest.next() {
        match character {
            '\r' if rest.as_str().starts_with('\n') => {}
            '\r' | '\n' => spelling.line_end(),
            _ => spelling.character(character, rest.as_str()),
        }
    }
    spelling.out
}

/// The HTML as a block of HTML in Markdown. The wrapping element is never part of a comment, so the
/// policy removes it when the Markdown becomes HTML again, and nothing inside is read as Markdown.
pub(super) fn in_markdown(html: &SafeHtml) -> String {
    if html.as_str().is_empty() {
        return String::new();
    }
    format!("<div>{}</div>", written(html, Lines::NeverEmpty))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Text,
    Tag,
    Quoted,
}

#[derive(Debug)]
struct Spelling {
    out: String,
    lines: Lines,
    place: Place,
    in_pre: bool,
    /// Only white space was written since the last line feed.
    is_line_empty: bool,
}

impl Default for Spelling {
    fn default() -> Self {
        Self { out: String::new(), lines: Lines::Kept, place: Place::Text, in_pre: false, is_line_empty: false }
    }
}

impl Spelling {
    fn line_end(&mut self) {
        match self.lines {
            Lines::NeverEmpty if self.is_line_empty => {
                self.out.push_str("&#10;");
                self.is_line_empty = false;
            }
            Lines::Joined if !self.in_pre => {
                if !self.out.ends_with("<br>") {
                    self.out.push(' ');
                }
            }
            Lines::Kept | Lines::Joined | Lines::NeverEmpty => {
                self.out.push('\n');
                self.is_line_empty = true;
            }
        }
    }

    fn character(&mut self, character: char, rest: &str) {
        // Control characters are removed when the text is written.
        self.is_line_empty &= character.is_whitespace() || is_forbidden(character);
        match (self.place, character) {
            (Place::Text, '<') => {
                self.place = Place::Tag;
                self.in_pre = rest.starts_with("pre>") || self.in_pre && !rest.starts_with("/pre>");
            }
            (Place::Tag, '>') => self.place = Place::Text,
            (Place::Tag, '"') => self.place = Place::Quoted,
            (Place::Quoted, '"') => self.place = Place::Tag,
            (Place::Quoted, '<') => return self.out.push_str("&lt;"),
            (Place::Quoted, '>') => return self.out.push_str("&gt;"),
            _ => {}
        }
        self.out.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rethread_html::from_html;

    fn spelled(source: &str, lines: Lines) -> String {
        written(&from_html(source).html, lines)
    }

    #[test]
    fn no_tag_hides_in_an_attribute() {
        let hostile = "<a href=\"https://h.example/\" title='x</message></post><post dsq:id=\"1\">]]>'>a</a>";
        let written = spelled(hostile, Lines::Kept);
        assert!(!written.contains("</message>") && !written.contains("<post") && !written.contains("]]>"), "{written}");
        assert_eq!(from_html(&written).html, from_html(hostile).html, "it means the same");
    }

    #[test]
    fn line_feeds_become_what_the_format_takes_them_for() {
        let source = "a\nb<br>\nc<pre>d\n\ne</pre>";
        assert_eq!(spelled(source, Lines::Kept), source);
        assert_eq!(spelled(source, Lines::Joined), "a b<br>c<pre>d\n\ne</pre>");
        assert_eq!(spelled(source, Lines::NeverEmpty), "a\nb<br>\nc<pre>d\n&#10;e</pre>");
        assert_eq!(spelled("a&#13;\nb&#13;c", Lines::Kept), "a\nb\nc");
    }
}
