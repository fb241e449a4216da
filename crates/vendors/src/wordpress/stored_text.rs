//! Prepares texts for storage in WordPress, so that they read the same when shown.
//!
//! `wp_insert_comment` and `wp_update_comment` remove one level of backslashes. An update also
//! filters the text to the elements that WordPress lets guests use, which lack paragraphs, lists
//! and line breaks. Their contents would join unless newlines separate them, which WordPress turns
//! into paragraphs and breaks when it shows the comment.

use rethread_model::SafeHtml;

/// The size of WordPress's text column, in bytes.
const LONGEST: usize = 65_535;

/// Marks where a text was cut.
const MORE: &str = "…";

/// A comment's HTML with the same content: backslashes become references, and newlines mark the
/// ends of blocks and lines.
#[must_use]
pub fn html_for_wordpress(html: &SafeHtml) -> String {
    let safe = html.as_str();
    let mut writer = Writer { out: String::with_capacity(safe.len() + safe.len() / 8), ..Writer::default() };
    let mut rest = safe;
    while !rest.is_empty() {
        let is_tag = rest.starts_with('<');
        let end = if is_tag { tag_end(rest) } else { rest.find('<').unwrap_or(rest.len()) };
        let (piece, after) = rest.split_at(end);
        if is_tag {
            writer.tag(piece);
        } else {
            writer.text(piece);
        }
        rest = after;
    }
    let stored = without_back_slashes(&writer.out);
    if stored.len() <= LONGEST { stored } else { shortened(&stored) }
}

/// WordPress refuses text that its column cannot hold, so only the words are kept, as far as they
/// fit.
fn shortened(html: &str) -> String {
    let mut words = String::with_capacity(LONGEST);
    let mut rest = html;
    while !rest.is_empty() && words.len() <= LONGEST {
        let is_tag = rest.starts_with('<');
        let end = if is_tag { tag_end(rest) } else { rest.find('<').unwrap_or(rest.len()) };
        let (piece, after) = rest.split_at(end);
        if !is_tag {
            words.push_str(piece);
        }
        rest = after;
    }
    if words.len() > LONGEST {
        words.truncate(words.floor_char_boundary(LONGEST - MORE.len()));
        // Do not cut a reference.
        let reference = words.rfind('&').filter(|at| !words[*at..].contains(';'));
        words.truncate(reference.unwrap_or(words.len()));
        words.push_str(MORE);
    }
    words
}

/// A plain name in the form in which WordPress stores names: as HTML without elements.
#[must_use]
pub fn name_for_wordpress(plain: &str) -> String {
    let escaped = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    without_back_slashes(&escaped)
}

fn without_back_slashes(html: &str) -> String {
    html.replace('\\', "&#92;")
}

/// The length of a tag. `>` may occur in an attribute's value, which is always quoted in the
/// policy's output.
fn tag_end(rest: &str) -> usize {
    let mut is_quoted = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The newlines that separate an element from its surroundings.
fn newlines_around(element: &str) -> usize {
    match element {
        "blockquote" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr" | "ol" | "p" | "pre" | "ul" => 2,
        "li" => 1,
        _ => 0,
    }
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Newlines required before the next output.
    wanted: usize,
    /// Whether anything was written since the last block began.
    has_content: bool,
    /// Number of open `<pre>`, in which nothing is added.
    preformatted: usize,
}

impl Writer {
    fn tag(&mut self, tag: &str) {
        let element = tag.trim_start_matches(['<', '/']);
        let element = element.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let around = newlines_around(element);
        let is_pre = element == "pre";
        if tag.starts_with("</") {
            self.preformatted = self.preformatted.saturating_sub(usize::from(is_pre));
            self.out.push_str(tag);
            if self.preformatted == 0 && around > 0 {
                self.wanted = self.wanted.max(around);
                self.has_content = true;
            }
            return;
        }
        if self.preformatted == 0 {
            if around > 0 && self.has_content {
                self.wanted = self.wanted.max(around);
            }
            self.break_lines("");
        }
        self.out.push_str(tag);
        match element {
            "br" if self.preformatted == 0 => self.wanted = 1,
            "hr" => self.wanted = around,
            _ if around > 0 => self.has_content = false,
            _ => {}
        }
        if matches!(element, "br" | "hr" | "img") {
            self.has_content = true;
        }
        self.preformatted += usize::from(is_pre);
    }

    fn text(&mut self, text: &str) {
        if self.preformatted == 0 {
            // White space between blocks, which is not displayed.
            if text.trim_ascii().is_empty() && (self.wanted > 0 || !self.has_content) {
                return;
            }
            self.break_lines(text);
            self.has_content = true;
        }
        self.out.push_str(text);
    }

    /// Writes the required newlines that are still missing before `next`.
    fn break_lines(&mut self, next: &str) {
        let before = self.out.bytes().rev().take_while(|byte| *byte == b'\n').count();
        let after = next.bytes().take_while(|byte| *byte == b'\n').count();
        let missing = std::mem::take(&mut self.wanted).saturating_sub(before + after);
        self.out.extend(std::iter::repeat_n('\n', missing));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "this text was made here")]
    fn html(safe: &str) -> String {
        html_for_wordpress(&SafeHtml::assume_sanitised(safe.to_owned()))
    }

    #[test]
    fn newlines_stand_between_blocks() {
        for (given, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("<p>one</p><p>two</p>", "<p>one</p>\n\n<p>two</p>"),
            ("<p>one</p>\n<p>two</p>\n", "<p>one</p>\n\n<p>two</p>"),
            ("a<br>b", "a<br>\nb"),
            ("a<br>\nb<br> c", "a<br>\nb<br>\n c"),
            (
                "intro<ul><li>a</li><li>b <b>c</b></li></ul>end",
                "intro\n\n<ul><li>a</li>\n<li>b <b>c</b></li></ul>\n\nend",
            ),
            (
                "<blockquote><p>a</p><p>b</p></blockquote><p>c</p>",
                "<blockquote><p>a</p>\n\n<p>b</p></blockquote>\n\n<p>c</p>",
            ),
            ("<pre><code>a\\n\n\nb<br>c</code></pre>d", "<pre><code>a&#92;n\n\nb<br>c</code></pre>\n\nd"),
            ("<p>I <b>like</b> <i>cats</i></p>", "<p>I <b>like</b> <i>cats</i></p>"),
            ("a<hr>b", "a\n\n<hr>\n\nb"),
            ("<a title=\"a > b\" href=\"https://h/\\\">x</a>", "<a title=\"a > b\" href=\"https://h/&#92;\">x</a>"),
            ("<p>C:\\new\\table</p>", "<p>C:&#92;new&#92;table</p>"),
        ] {
            assert_eq!(html(given), expected, "{given}");
            assert_eq!(html(expected), expected, "it stays as it is: {given}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_to_its_words() {
        let longest = format!("<p>{}</p>", "x".repeat(LONGEST - 7));
        assert_eq!(html(&longest), longest);
        let markup = "<b>é</b>".repeat(20_000);
        assert_eq!(html(&markup), "é".repeat(20_000));
        for (given, piece) in [("é", "é"), ("&amp;", "&amp;"), ("\\", "&#92;")] {
            let sent = html(&format!("<p>{}</p>", given.repeat(70_000)));
            let words = sent.strip_suffix(MORE).unwrap();
            assert_eq!(words.replace(piece, ""), "", "{piece} stays whole");
            assert!((LONGEST - 10..=LONGEST).contains(&sent.len()), "{}", sent.len());
        }
    }

    #[test]
    fn names_are_html_without_elements() {
        assert_eq!(name_for_wordpress("Ann"), "Ann");
        assert_eq!(name_for_wordpress("A & B <b>\\o/"), "A &amp; B &lt;b&gt;&#92;o/");
    }

    /// The HTML without white space between words.
    fn squeezed(html: &str) -> String {
        html.replace("&#92;", "\\").split_ascii_whitespace().collect()
    }

    proptest! {
        #![proptest_config(rethread_syntax::testing::cases(300))]

        #[test]
        fn nothing_but_white_space_changes(pieces in prop::collection::vec(prop::sample::select(
            &["<p>", "</p>", "<ul>", "<li>", "</li>", "</ul>", "<pre>", "</pre>", "<br>", "<hr>", "<b>", "</b>", "a", " ", "\n",
              "&lt;", "\\", "<a href=\"https://h/?a=>\">", "</a>", "é", "<img src=\"https://h/x.png\">"][..]
        ), 0..30)) {
            let given = pieces.concat();
            let sent = html(&given);
            prop_assert_eq!(squeezed(&sent), squeezed(&given));
            prop_assert!(!sent.contains('\\'));
            let runs_together = sent.contains("</p><p>") || sent.contains("</li><li>");
            prop_assert!(!runs_together || given.contains("<pre>"), "{}", sent);
        }
    }
}
