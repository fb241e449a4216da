//! How hard a text is to parse, found out in one pass that cannot itself be made to take long.
//!
//! An HTML parser's time grows with nesting (every tag looks through the open elements), with formatting elements left
//! open (every paragraph opens them all again) and, quadratically, with the attributes of one tag. Texts that have more
//! of these than any comment has are not given to it.

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Complexity {
    /// Well-nested elements of the policy.
    Plain,
    /// Misnested, or with elements that make a parser build something else than what is written.
    Tangled,
    /// Too deep, or too hard to tell.
    Excessive,
}

/// Open elements, and elements that were left open when another one's end tag came, together.
const MAX_DEPTH: usize = 100;

/// Of one tag.
const MAX_ATTRIBUTES: usize = 64;

/// The size of a text with elements that change how what follows is read, so that tags cannot be told by looking.
const MAX_OPAQUE_BYTES: usize = 2048;

/// Elements without content.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements whose content is read by other rules.
const OPAQUE: &[&str] = &[
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "script",
    "style",
    "svg",
    "textarea",
    "title",
    "xmp",
];

/// Elements that the next one of their kind closes.
const CLOSED_BY_SIBLING: &[&str] = &["dd", "dt", "li", "option", "p", "td", "th", "tr"];

/// Elements whose end also ends such an element in them.
const CONTAINERS: &[&str] = &["blockquote", "div", "dl", "li", "ol", "select", "table", "td", "tr", "ul"];

/// Tells how hard `source` is to parse.
pub(super) fn of(source: &str) -> Complexity {
    let mut tags = Tags { rest: source };
    let mut open: Vec<Name<'_>> = Vec::new();
    let (mut left_open, mut is_tangled) = (0, false);
    while let Some(tag) = tags.next() {
        let Ok(tag) = tag else { return opaque(source) };
        if tag.attributes > MAX_ATTRIBUTES {
            return Complexity::Excessive;
        }
        if tag.name.is_one_of(OPAQUE) {
            return opaque(source);
        }
        is_tangled |= !tag.name.is_one_of(super::policy::TAGS);
        if tag.name.is_one_of(VOID) {
            continue;
        }
        if !tag.is_end {
            close_siblings(&mut open, tag.name);
            open.push(tag.name);
        } else if let Some(depth) = open.iter().rposition(|name| *name == tag.name) {
            let ends_by_itself = |name: &Name<'_>| tag.name.is_one_of(CONTAINERS) && name.is_one_of(CLOSED_BY_SIBLING);
            let misnested = open[depth + 1..].iter().filter(|name| !ends_by_itself(name)).count();
            is_tangled |= misnested > 0;
            left_open += misnested;
            open.truncate(depth);
        } else {
            is_tangled = true;
        }
        if open.len() + left_open > MAX_DEPTH {
            return Complexity::Excessive;
        }
    }
    if is_tangled || !open.is_empty() { Complexity::Tangled } else { Complexity::Plain }
}

fn opaque(source: &str) -> Complexity {
    if source.len() <= MAX_OPAQUE_BYTES && memchr::memchr_iter(b'<', source.as_bytes()).count() <= MAX_DEPTH {
        Complexity::Tangled
    } else {
        Complexity::Excessive
    }
}

/// `<p>` ends a paragraph before it, `<li>` an item (and the paragraph in it).
fn close_siblings(open: &mut Vec<Name<'_>>, next: Name<'_>) {
    if !next.is_one_of(CLOSED_BY_SIBLING) {
        return;
    }
    let paragraph = Name("p");
    if next != paragraph && open.last() == Some(&paragraph) && open.iter().rev().nth(1) == Some(&next) {
        open.pop();
    }
    if open.last() == Some(&next) {
        open.pop();
    }
}

/// A tag's name, as it is written.
#[derive(Debug, Clone, Copy)]
struct Name<'a>(&'a str);

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Name<'_> {
    fn is_one_of(self, names: &[&str]) -> bool {
        names.iter().any(|name| self.0.eq_ignore_ascii_case(name))
    }
}

struct Tag<'a> {
    name: Name<'a>,
    is_end: bool,
    attributes: usize,
}

/// A comment, a declaration or the like, whose end is found by other rules.
struct NotFollowed;

/// Finds tags as the HTML standard's tokeniser does outside of elements with rules of their own.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Tags<'a> {
    /// The next tag.
    fn next(&mut self) -> Option<Result<Tag<'a>, NotFollowed>> {
        loop {
            let at = memchr::memchr(b'<', self.rest.as_bytes())?;
            let after = &self.rest[at + 1..];
            let is_end = after.starts_with('/');
            let name = if is_end { &after[1..] } else { after };
            match name.bytes().next() {
                Some(first) if first.is_ascii_alphabetic() => return Some(Ok(self.tag(name, is_end))),
                Some(b'!' | b'?') if !is_end => return Some(Err(NotFollowed)),
                // `</` and anything but a letter begins a comment, `</>` is nothing.
                Some(_) if is_end => return Some(Err(NotFollowed)),
                _ => self.rest = after,
            }
        }
    }

    fn tag(&mut self, text: &'a str, is_end: bool) -> Tag<'a> {
        let bytes = text.as_bytes();
        let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let name_end = bytes.iter().position(ends_name).unwrap_or(bytes.len());
        let mut tag = Tag { name: Name(text.get(..name_end).unwrap_or(text)), is_end, attributes: 0 };
        let mut at = name_end;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'>' => {
                    at += 1;
                    break;
                }
                b'/' => at += 1,
                byte if byte.is_ascii_whitespace() => at += 1,
                _ => {
                    tag.attributes += 1;
                    at = attribute_end(bytes, at);
                }
            }
        }
        self.rest = text.get(at..).unwrap_or_default();
        tag
    }
}

/// The end of the attribute that begins at `at`: its name, and its value where one follows.
fn attribute_end(bytes: &[u8], at: usize) -> usize {
    let find = |from: usize, ends: &dyn Fn(u8) -> bool| {
        bytes[from..].iter().position(|byte| ends(*byte)).map_or(bytes.len(), |distance| from + distance)
    };
    // A name may begin with `=`.
    let name_end = find(at + 1, &|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'='));
    let equals = find(name_end, &|byte| !byte.is_ascii_whitespace());
    if bytes.get(equals) != Some(&b'=') {
        return name_end;
    }
    let value = find(equals + 1, &|byte| !byte.is_ascii_whitespace());
    match bytes.get(value) {
        Some(quote @ (b'"' | b'\'')) => (find(value + 1, &|byte| byte == *quote) + 1).min(bytes.len()),
        Some(b'>') | None => value,
        Some(_) => find(value, &|byte| byte.is_ascii_whitespace() || byte == b'>'),
    }
}
