//! Text as the vendors write it.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::prose::{Paragraph, Piece};

/// Placeholder for a byte that is not UTF-8; replaced by one when the text is written.
pub(crate) const BAD_BYTE: char = '\u{f8ff}';

/// A control character, which texts must not contain.
pub(crate) const CONTROL: char = '\u{1}';

/// Writes text unchanged, except for [`BAD_BYTE`].
pub(crate) fn write_raw(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let mut parts = text.split(BAD_BYTE);
    if let Some(first) = parts.next() {
        out.write_all(first.as_bytes())?;
    }
    for part in parts {
        out.write_all(&[0xff])?;
        out.write_all(part.as_bytes())?;
    }
    Ok(())
}

/// Escapes text for element content, attributes, and HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// HTML as in Disqus's `message`.
pub(crate) fn disqus_html(paragraphs: &[Paragraph]) -> String {
    let mut html = String::new();
    for paragraph in paragraphs {
        html.push_str(if paragraph.is_quote { "<blockquote>" } else { "<p>" });
        for piece in &paragraph.pieces {
            disqus_piece(&mut html, piece);
        }
        html.push_str(if paragraph.is_quote { "</blockquote>" } else { "</p>" });
    }
    html
}

fn disqus_piece(html: &mut String, piece: &Piece) {
    // Writing into a String cannot fail.
    let _ = match piece {
        Piece::Text(text) => write!(html, "{}", escaped(text)),
        Piece::Strong(text) => write!(html, "<b>{}</b>", escaped(text)),
        Piece::Code(text) => write!(html, "<code>{}</code>", escaped(text)),
        Piece::Link(url) | Piece::Image(url) => {
            // Disqus truncates the visible text of a link; an uploaded picture is an ordinary link.
            let seen: String = url.chars().take(25).collect();
            let url = escaped(url);
            write!(html, r#"<a href="{url}" rel="nofollow noopener" title="{url}">{}...</a>"#, escaped(&seen))
        }
        Piece::Break => write!(html, "<br>"),
    };
}

/// Text as people type it into WordPress: bare lines, some tags.
pub(crate) fn wordpress_text(paragraphs: &[Paragraph]) -> String {
    let mut text = String::new();
    for (number, paragraph) in paragraphs.iter().enumerate() {
        if number > 0 {
            text.push_str("\n\n");
        }
        if paragraph.is_quote {
            text.push_str("<blockquote>");
        }
        for piece in &paragraph.pieces {
            let _ = match piece {
                Piece::Text(words) => write!(text, "{}", escaped(words)),
                Piece::Strong(words) => write!(text, "<strong>{}</strong>", escaped(words)),
                Piece::Code(words) => write!(text, "<code>{}</code>", escaped(words)),
                Piece::Link(url) => write!(text, r#"<a href="{0}" rel="nofollow ugc">{0}</a>"#, escaped(url)),
                Piece::Image(url) => write!(text, r#"<img src="{}" alt="" />"#, escaped(url)),
                Piece::Break => writeln!(text),
            };
        }
        if paragraph.is_quote {
            text.push_str("</blockquote>");
        }
    }
    text
}

/// Markdown as people type it into Commento.
pub(crate) fn markdown(paragraphs: &[Paragraph]) -> String {
    let mut text = String::new();
    for (number, paragraph) in paragraphs.iter().enumerate() {
        if number > 0 {
            text.push_str("\n\n");
        }
        if paragraph.is_quote {
            text.push_str("> ");
        }
        for piece in &paragraph.pieces {
            let _ = match piece {
                Piece::Text(words) => write!(text, "{words}"),
                Piece::Strong(words) => write!(text, "**{words}** "),
                Piece::Code(words) => write!(text, "`{words}` "),
                Piece::Link(url) => write!(text, "[here]({url})"),
                Piece::Image(url) => write!(text, "![]({url})"),
                Piece::Break => writeln!(text, "  "),
            };
        }
    }
    text
}

/// Appends a JSON string as Go writes it: `<`, `>` and `&` escaped.
pub(crate) fn push_json(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for letter in text.chars() {
        match letter {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            BAD_BYTE => out.push(0xff),
            '<' | '>' | '&' | '\u{0}'..='\u{1f}' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(letter)).as_bytes());
            }
            other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}
