//! The locations of the samples' comments, found independently of the readers.

use std::ops::Range;

use serde_json::Value;

/// Bytes that hold one comment (or a few, where the sample merges them).
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) range: Range<usize>,
    ids: Vec<String>,
}

impl Region {
    /// Whether the comment with this id is in this region. Muut's ids consist of forum, thread and
    /// reply.
    pub(crate) fn holds(&self, id: &str) -> bool {
        self.ids
            .iter()
            .any(|own| id.strip_suffix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with(['/', ':'])))
    }
}

/// The comments of a sample.
pub(crate) fn regions(name: &str, bytes: &[u8]) -> Vec<Region> {
    // One byte is one character, so that offsets agree.
    let text: String = bytes.iter().map(|byte| ascii(*byte)).collect();
    match name {
        "disqus.xml.gz" | "disqus-damaged.xml" => elements(&text, "<post", |post, _| quoted(post, "dsq:id=\"", '"')),
        "intensedebate.xml" => elements(&text, "<comment id=", |comment, _| {
            [quoted(comment, "id='", '\''), quoted(comment, "id=\"", '"')].concat()
        }),
        "wordpress.xml" => elements(&text, "<wp:comment>", |comment, before| {
            let post = quoted(&before[before.rfind("<wp:post_id>").unwrap()..], "<wp:post_id>", '<');
            let ids = quoted(comment, "<wp:comment_id>", '<');
            ids.iter().map(|id| format!("{}:{id}", post[0])).collect()
        }),
        "commento.json" | "hyvor.json" | "justcomments.json" => array_of_comments(bytes),
        "justcomments.jsonl" => lines(&text, "\n", |line| all_quoted(line, "\"commentId\":\"")),
        "muut.json" => lines(&text, "\n", |line| {
            let keys = all_quoted(line, "\"key\":\"");
            // Replies without an id are identified by key and time.
            let dated =
                keys.iter().zip(quoted(line, "\"date\":", ',')).map(|(key, date)| format!("{key}-{date}")).collect();
            [all_quoted(line, "\"id\":\""), keys.clone(), dated].concat()
        }),
        "justcomments.csv" => {
            let id = |line: &str| line.split(',').next().filter(|id| *id != "commentId").map(str::to_owned);
            lines(&text, "\r\n", |line| id(line).into_iter().collect())
        }
        _ => panic!("{name} is not known here"),
    }
}

fn ascii(byte: u8) -> char {
    if byte.is_ascii() { char::from(byte) } else { '?' }
}

/// The first value after a mark.
fn quoted(text: &str, before: &str, end: char) -> Vec<String> {
    let value = text.split_once(before).and_then(|(_, rest)| rest.split_once(end));
    value.map(|(value, _)| value.to_owned()).into_iter().collect()
}

fn all_quoted(text: &str, before: &str) -> Vec<String> {
    text.split(before).skip(1).filter_map(|rest| rest.split_once('"')).map(|(value, _)| value.to_owned()).collect()
}

/// Elements up to the start of the next, or to the end of the last.
fn elements(text: &str, start: &str, ids: impl Fn(&str, &str) -> Vec<String>) -> Vec<Region> {
    let end = format!("</{}>", start.trim_start_matches('<').trim_end_matches('>').split(' ').next().unwrap());
    let mut starts: Vec<usize> = text.match_indices(start).map(|(at, _)| at).collect();
    starts.push(text.len());
    let regions = starts.windows(2).map(|pair| {
        let element = &text[pair[0]..pair[1]];
        // An element without an end tag ends where the next one has started, including that one's
        // start tag.
        let next = text[pair[1]..].find('>').map_or(0, |tag| tag + 1);
        let length = element.find(&end).map_or(element.len() + next, |at| at + end.len());
        let range = pair[0]..pair[0] + length;
        Region { ids: ids(element, &text[..pair[0]]), range }
    });
    regions.collect()
}

fn lines(text: &str, end: &str, ids: impl Fn(&str) -> Vec<String>) -> Vec<Region> {
    let mut at = 0;
    let mut regions = Vec::new();
    for line in text.split_inclusive(end) {
        let region = Region { range: at..at + line.trim_end_matches(['\r', '\n', ',']).len(), ids: ids(line) };
        at += line.len();
        if !region.ids.is_empty() {
            regions.push(region);
        }
    }
    regions
}

/// The elements of the array `comments` of an intact JSON document.
fn array_of_comments(bytes: &[u8]) -> Vec<Region> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut at = text.find("\"comments\"").unwrap();
    at += text[at..].find('[').unwrap() + 1;
    let mut regions = Vec::new();
    while let Some(gap) = text[at..].find(|character: char| !character.is_whitespace() && character != ',') {
        at += gap;
        if !text[at..].starts_with('{') {
            break;
        }
        let mut elements = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        let element = elements.next().unwrap().unwrap();
        let range = at..at + elements.byte_offset();
        at = range.end;
        let ids = ["commentHex", "commentId", "id"].into_iter().filter_map(|key| element.get(key));
        let ids = ids.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).collect();
        regions.push(Region { range, ids });
    }
    regions
}
