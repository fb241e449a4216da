//! Plain text as HTML.

/// Escapes everything. The policy would leave the result unchanged.
pub(super) fn to_html(source: &str) -> String {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let mut html = String::with_capacity(source.len() + source.len() / 8 + 16);
    for paragraph in paragraphs(&source) {
        html.push_str("<p>");
        for (number, line) in paragraph.lines().enumerate() {
            if number > 0 {
                html.push_str("<br>\n");
            }
            escape_into(&mut html, line);
        }
        html.push_str("</p>\n");
    }
    html.truncate(html.trim_end().len());
    html
}

fn paragraphs(source: &str) -> impl Iterator<Item = &str> {
    source.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')).filter(|paragraph| !paragraph.trim().is_empty())
}

/// Escapes text like an HTML serialiser. NUL is dropped, because HTML does not allow it.
fn escape_into(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\u{a0}' => html.push_str("&nbsp;"),
            '\0' => {}
            _ => html.push(c),
        }
    }
}
