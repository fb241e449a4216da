//! The times of comments, as the planner finds them: by the names of their fields, without parsing
//! the comments. Unusual spellings are missed, and a comment that quotes such a field may seem
//! newer than it is; then the file only counts as newer.

use memchr::memmem;
use rethread_model::Timestamp;
use rethread_syntax::{json, time};

/// The first time in an element with one of these local names, whatever its prefix. Names are in
/// order of preference.
pub(crate) fn in_elements(record: &[u8], names: &[&str]) -> Option<Timestamp> {
    names.iter().find_map(|name| {
        let is_tag = |at: &usize| matches!(record.get(at.wrapping_sub(1)), Some(b'<' | b':'));
        let content = |at: usize| {
            let rest = &record[at + name.len()..];
            let text = match rest.first()? {
                b'>' => &rest[1..],
                byte if byte.is_ascii_whitespace() => &rest[memchr::memchr(b'>', rest)? + 1..],
                _ => return None,
            };
            let text = text.trim_ascii_start();
            let text = text.strip_prefix(b"<![CDATA[").unwrap_or(text);
            let end = memchr::memchr2(b'<', b']', text)?;
            time::parse_utc(std::str::from_utf8(&text[..end]).ok()?)
        };
        memmem::find_iter(record, name.as_bytes()).filter(is_tag).find_map(content)
    })
}

/// The newest of the times under this key, at any nesting depth in the record.
pub(crate) fn in_members(record: &[u8], key: &str) -> Option<Timestamp> {
    let value = |at: usize| {
        // Inside a string, the quotes of a key are escaped.
        let before = record[..at].strip_suffix(b"\"").filter(|before| !before.ends_with(b"\\"));
        let rest = before.and(record[at + key.len()..].strip_prefix(b"\""))?;
        let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let (rest, is_end): (&[u8], fn(&u8) -> bool) = match rest.strip_prefix(b"\"") {
            Some(text) => (text, |byte| *byte == b'"'),
            None => (rest, |byte| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace()),
        };
        let end = rest.iter().take(LONGEST).position(is_end).unwrap_or(rest.len().min(LONGEST));
        json::moment(std::str::from_utf8(&rest[..end]).ok()?)
    };
    memmem::find_iter(record, key.as_bytes()).filter_map(value).max()
}

/// Maximum length of a time.
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(time: Option<Timestamp>) -> String {
        time.map(|time| time.to_string()).unwrap_or_default()
    }

    #[test]
    fn elements_of_any_prefix_are_found() {
        let names = ["comment_date_gmt", "comment_date"];
        for record in [
            "<wp:comment><wp:comment_date_gmt>2020-01-02 03:04:05</wp:comment_date_gmt></wp:comment>",
            "<comment_date_gmt a=\"b\" >\n <![CDATA[2020-01-02 03:04:05]]></comment_date_gmt>",
            "<ns0:comment_date>2020-01-02 03:04:05</ns0:comment_date>",
            "<w:comment_date>2021-01-01</w:comment_date><w:comment_date_gmt>2020-01-02 03:04:05</w:comment_date_gmt>",
            "<w:comment_date>2020-01-02 03:04:05</w:comment_date><w:comment_date_gmt>0000-00-00 00:00:00</w:comment_date_gmt>",
        ] {
            assert_eq!(text(in_elements(record.as_bytes(), &names)), "2020-01-02T03:04:05Z", "{record}");
        }
        for record in
            ["", "comment_date_gmt", "<comment_date_gmt>", "<comment_date_gmt>soon<", "<comment_dates>2020-01-02<"]
        {
            assert_eq!(in_elements(record.as_bytes(), &names), None, "{record}");
        }
    }

    #[test]
    fn members_are_found_at_any_depth_and_texts_are_none() {
        let record = r#"{"t": 1577934245, "u": {"t" :"2020-03-01T00:00:00Z"}, "x": "\"t\": 1700000000", "t": null}"#;
        assert_eq!(text(in_members(record.as_bytes(), "t")), "2020-03-01T00:00:00Z");
        for record in ["", "\"t\"", "\"t\":", "{\"t\":\"", "{\"t\":{}}", "{\"t\":0}"] {
            assert_eq!(in_members(record.as_bytes(), "t"), None, "{record}");
        }
    }
}
