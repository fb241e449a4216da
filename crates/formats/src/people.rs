//! Lists of users that accompany an export whose own records lack e-mail addresses: a table with a
//! user's path and address in each row, in the same zip as the export (Muut).
//!
//! The list is read when the upload is planned. The head of each slice gets the addresses of its
//! authors, and its reader adds them to every description of an author that has none. So no
//! description depends on how the file was cut, and nothing is stored about people who never wrote.

use std::collections::HashMap;

use rethread_model::{Author, JobError, Vendor};
use rethread_syntax::csv::{Row, cells, row};
use rethread_syntax::text::clean;
use rethread_vendors::{format_of, is_personal, refusal};
use serde_json::{Map, Value};

use crate::detect::detect;

/// A list is recognised from this many bytes at its start.
pub(crate) const PREFIX_BYTES: u64 = 4096;

/// Size limit for all lists of an upload together, because they are kept in memory.
pub(crate) const MOST_BYTES: u64 = 16 << 20;

/// Mail cannot be delivered to longer addresses (RFC 5321), in bytes.
const LONGEST_EMAIL: usize = 254;

/// The member of a slice's head that holds the addresses, by [`Author::key`].
const HEAD_EMAILS: &str = "emails";

/// E-mail addresses by user path, without the `@` before it.
#[derive(Debug, Default)]
pub(crate) struct People(HashMap<String, String>);

/// The columns of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    delimiter: u8,
    user: usize,
    email: usize,
}

impl Layout {
    /// Derived from the first row with an address; only a header may precede it.
    fn of(table: &[u8]) -> Option<Self> {
        let mut rows = table.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|row| !row.is_empty()).take(2);
        rows.find_map(|row| b",;\t".iter().find_map(|delimiter| Self::of_row(row, *delimiter)))
    }

    fn of_row(row: &[u8], delimiter: u8) -> Option<Self> {
        let texts: Vec<String> = cells(row, delimiter).map(|cell| text(&cell)).collect();
        let email = texts.iter().position(|text| is_personal(text))?;
        let is_path = |text: &String| text.len() > 1 && text.starts_with('@');
        let is_other = |place: &usize| *place != email && !texts[*place].is_empty();
        let user = texts.iter().position(is_path).or_else(|| (0..texts.len()).find(is_other))?;
        Some(Self { delimiter, user, email })
    }
}

impl People {
    /// Whether a document that begins with `prefix` is a list of users.
    pub(crate) fn is_list(prefix: &[u8]) -> bool {
        let text = without_mark(prefix);
        let is_structured = matches!(text.trim_ascii_start().first(), Some(b'{' | b'[' | b'(' | b'<'));
        !is_structured && detect(prefix, 0, None).is_err() && Layout::of(text).is_some()
    }

    /// Adds the rows of a list. If a user appears twice, the first row counts; damaged rows are
    /// skipped.
    pub(crate) fn add(&mut self, table: &[u8]) {
        let table = without_mark(table);
        let Some(layout) = Layout::of(table) else { return };
        let mut at = 0;
        while at < table.len() {
            let end = match row(table, at, layout.delimiter, true) {
                Row::Whole { end, .. } => {
                    self.add_row(&table[at..end], layout);
                    end
                }
                Row::More | Row::Damaged => at + memchr::memchr(b'\n', &table[at..]).unwrap_or(table.len() - at),
            };
            at = end + 1;
        }
    }

    fn add_row(&mut self, row: &[u8], layout: Layout) {
        let texts: Vec<String> = cells(row, layout.delimiter).map(|cell| text(&cell)).collect();
        let (Some(user), Some(email)) = (texts.get(layout.user), texts.get(layout.email)) else { return };
        let user = bare(user);
        if !user.is_empty() && is_personal(email) && email.len() <= LONGEST_EMAIL {
            self.0.entry(user.to_owned()).or_insert_with(|| email.clone());
        }
    }

    /// The number of users.
    pub(crate) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Whether the list applies to this vendor's people.
    pub(crate) fn speaks_of(&self, vendor: Vendor) -> bool {
        format_of(vendor).takes_user_lists() && !self.0.is_empty()
    }

    /// Writes the addresses of these authors into the head of their slice.
    pub(crate) fn write_to<'a>(&self, head: &mut Value, authors: impl IntoIterator<Item = &'a Author>) {
        let mut emails = Map::new();
        for author in authors.into_iter().filter(|author| author.email.is_none()) {
            let user = author.key.strip_prefix("user:").map(bare);
            if let Some(email) = user.and_then(|user| self.0.get(user)) {
                emails.insert(author.key.clone(), Value::String(email.clone()));
            }
        }
        if let Value::Object(head) = head
            && !emails.is_empty()
        {
            head.insert(HEAD_EMAILS.to_owned(), Value::Object(emails));
        }
    }
}

/// Sets the address of an author without one, if the slice's head has it.
pub(crate) fn join(head: &Value, author: &mut Author) {
    if author.email.is_none() {
        let email = head.get(HEAD_EMAILS).and_then(|emails| emails.get(&author.key)).and_then(Value::as_str);
        author.email = email.map(str::to_owned);
    }
}

/// The refusal of a list that is too large for memory.
pub(crate) fn too_large() -> JobError {
    let message = "The list of users in the zip is larger than 16 MiB, so nothing was read. Leave those out who never \
                   commented, or upload the export without the list.";
    refusal("users_too_large", message, None)
}

/// Without a byte order mark.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

fn text(cell: &[u8]) -> String {
    clean(cell).text.trim().to_owned()
}

fn bare(user: &str) -> &str {
    user.trim_start_matches('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emails(table: &str) -> Vec<(String, String)> {
        let mut people = People::default();
        people.add(table.as_bytes());
        let mut emails: Vec<_> = people.0.into_iter().collect();
        emails.sort();
        emails
    }

    #[test]
    fn rows_are_read_whatever_the_columns() {
        let ann = [("ann".to_owned(), "Ann@post.example".to_owned())];
        for table in [
            "@ann,Ann@post.example",
            "ann,Ann@post.example\r\n",
            "\u{feff}path,email\n@ann,Ann@post.example\n\n",
            "id;email;path;name\n1; Ann@post.example ;@ann;\"A; B\"\n",
            "Ann@post.example\t@ann\n",
            "@ann,Ann@post.example\n@ann,other@post.example\n@bob,\n,x@y.example\n@eve,undefined\n",
            "@ann,Ann@post.example\n\"@bob,b@post.example\n\"\"x\"y,z\n",
        ] {
            assert_eq!(emails(table), ann, "{table}");
        }
        assert_eq!(emails("@ann,Ann@post.example\n\"@b\"x,b@post.example\n@c,c@post.example").len(), 2);
        assert_eq!(emails(&format!("@ann,{}@post.example", "a".repeat(250))), []);
    }

    #[test]
    fn lists_are_told_from_exports_and_notes() {
        for list in ["@ann,ann@post.example\n", "user,email\nann,ann@post.example\n", "\u{feff}@a;b@c.example\n"] {
            assert!(People::is_list(list.as_bytes()), "{list}");
        }
        for other in [
            "",
            "hello",
            "ann@post.example\n",
            "Dear all, write to me@post.example soon\n",
            "{\"a\":1,\"b@c.example\":2}",
            "<a>,b@c.example",
            "\u{feff}{\"a\":1,\"b@c.example\":2}",
            "commentId,userEmail,pageUrl\n1,a@b.example,https://b.example/\n",
            "a,b\nc,d\ne,f@g.example\n",
        ] {
            assert!(!People::is_list(other.as_bytes()), "{other}");
        }
    }
}
