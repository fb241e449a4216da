//! Names exports of systems that are not supported yet.

use memchr::memmem;
use rethread_syntax::json::JsonPrefix;

/// Where a file starts this way, its key words are within this many bytes.
const HEAD_BYTES: usize = 1024;

/// The start of the sentence that refuses such an export.
const NAMED: &str = "This is ";

/// The start of the refusal that names an unsupported export. `what` is its name.
pub(super) fn sentence(what: &str) -> String {
    format!("{NAMED}{what}, which Rethread does not read (yet).")
}

/// Whether a refusal names an unsupported export.
pub(super) fn is_sentence(message: &str) -> bool {
    message.starts_with(NAMED)
}

/// Names a JSON document (an object, an array, or one record after another).
pub(super) fn json(prefix: &JsonPrefix<'_>) -> Option<&'static str> {
    let document = prefix.document();
    let has = |name: &str| prefix.has_key(name);
    let holds = |text: &str| prefix.holds(text);
    let begins_with = |text: &str| memmem::find(&document[..document.len().min(HEAD_BYTES)], text.as_bytes()).is_some();
    let record = |name: &str| prefix.record_has_key(name);
    let name = if has("type") && has("data") && begins_with("\"waline\"") {
        "a backup of Waline"
    } else if has("generator") && begins_with("\"duoshuo\"")
        || has("threads") && has("posts") && holds("\"thread_key\"")
    {
        "an export of Duoshuo"
    } else if has("version") && has("users") && has("posts") || record("locator") && record("pid") && record("user") {
        "a backup of Remark42"
    } else if has("projects") && (holds("\"pages\"") || begins_with("\"cusdis\"")) || record("by_nickname") {
        "an export of Cusdis"
    } else if record("page_key") && (record("nick") || record("content")) {
        "an export of Artalk (Artrans)"
    } else if record("_id") && record("nick") && ["mailMd5", "isSpam", "master"].into_iter().any(record) {
        "an export of Twikoo"
    } else if record("nick") && record("comment") && record("url") {
        "an export of Valine or Waline (LeanCloud)"
    } else if record("title") && record("comments") && holds("\"remote_addr\"") {
        "an export of Isso"
    } else if ["data", "repository", "discussions", "discussion"].into_iter().any(has)
        && (holds("\"discussions\"") || holds("\"discussion\""))
        && holds("\"nodes\"")
    {
        "an answer of GitHub about discussions (giscus)"
    } else {
        return None;
    };
    Some(name)
}

/// Names an Atom feed from its start.
pub(super) fn feed(document: &str) -> Option<&'static str> {
    let signs = ["schemas.google.com/blogger", "tag:blogger.com", ">Blogger</generator>"];
    signs.iter().any(|sign| document.contains(sign)).then_some("a backup of Blogger")
}

/// Names an `SQLite` database from its tables, whose definitions are at its start.
pub(super) fn database(document: &[u8]) -> Option<&'static str> {
    let lower = document[..document.len().min(64 * HEAD_BYTES)].to_ascii_lowercase();
    let has = |table: &str| {
        memmem::find_iter(&lower, b"create table").any(|at| {
            let rest = lower[at + b"create table".len()..].trim_ascii_start();
            let rest = rest.strip_prefix(b"if not exists").unwrap_or(rest).trim_ascii_start();
            let name = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"`")).unwrap_or(rest);
            let after = name.strip_prefix(table.as_bytes());
            after.is_some_and(|after| after.first().is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_'))
        })
    };
    if has("threads") && has("comments") {
        Some("a database of Isso")
    } else if has("projects") && has("pages") && has("comments") {
        Some("a database of Cusdis")
    } else if has("atk_comments") || has("wl_comment") {
        Some(if has("wl_comment") { "a database of Waline" } else { "a database of Artalk" })
    } else {
        None
    }
}

/// Names a text document.
pub(super) fn text(document: &[u8]) -> Option<&'static str> {
    if document.starts_with(b"#filetype:JSON-streaming") {
        return Some("an export of Valine or Waline (LeanCloud)");
    }
    let document = document.trim_ascii_start();
    let document = document.strip_prefix(b"--------").map_or(document, <[u8]>::trim_ascii_start);
    let is_key = |line: &[u8]| {
        let key = line.split(|byte| *byte == b':').next().unwrap_or_default();
        key.len() < line.len() && !key.is_empty() && key.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b' ')
    };
    let mut lines = document.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let begins = lines.next().is_some_and(is_key);
    let is_entry = begins && lines.by_ref().take(64).find(|line| !is_key(line)) == Some(&b"-----"[..]);
    let section = lines.next().unwrap_or_default();
    (is_entry && section.ends_with(b":") && is_key(section)).then_some("an export of Movable Type or TypePad")
}

#[cfg(test)]
mod tests {
    use super::super::detect;
    use super::*;

    /// Each with the words of its name.
    const EXPORTS: [(&str, &str); 24] = [
        ("Remark42", "{\"version\":1,\"users\":[],\"posts\":[]}\n{\"id\":\"a\",\"pid\":\"\",\"text\":\"x\"}\n"),
        (
            "Remark42",
            "{\"id\":\"a\",\"pid\":\"\",\"text\":\"x\",\"user\":{\"name\":\"A\"},\"locator\":{\"site\":\"s\",\"url\":\"https://b.example/\"}}\n",
        ),
        (
            "Waline",
            "{\n \"type\": \"waline\",\n \"version\": 1,\n \"tables\": [\"Comment\"],\n \"data\": {\"Comment\": []}}",
        ),
        ("Valine", "#filetype:JSON-streaming {\"type\":\"Class\",\"class\":\"Comment\"}\n{\"nick\":\"A\"}\n"),
        ("Valine", "{\"nick\":\"A\",\"mail\":\"\",\"url\":\"/p/\",\"comment\":\"<p>x</p>\",\"objectId\":\"64a0\"}\n"),
        ("Valine", "{\"results\": [\n {\"nick\":\"A\",\"url\":\"/p/\",\"comment\":\"x\",\"objectId\":\"64a0\"}]}"),
        ("Valine", "[{\"objectId\":\"64a0\",\"nick\":\"A\",\"url\":\"/p/\",\"comment\":\"x\"}]"),
        (
            "Twikoo",
            "[{\"_id\":\"1\",\"nick\":\"A\",\"mailMd5\":\"0\",\"url\":\"/p/\",\"comment\":\"x\",\"isSpam\":false}]",
        ),
        ("Twikoo", "{\"_id\":{\"$oid\":\"1\"},\"nick\":\"A\",\"master\":true,\"url\":\"/p/\",\"comment\":\"x\"}\n{}"),
        (
            "Artalk",
            "[ {\"id\":\"1\",\"rid\":\"0\",\"content\":\"x\",\"nick\":\"A\",\"page_key\":\"/p/\",\"is_pending\":\"false\"}]",
        ),
        ("Cusdis", "{\"projects\":[{\"id\":\"1\",\"pages\":[{\"comments\":[{\"by_nickname\":\"A\"}]}]}]}"),
        ("Cusdis", "{\"projects\":[],\"pages\":[],\"comments\":[],\"version\":1}"),
        ("Cusdis", "{\"source\":\"cusdis\",\"version\":1,\"projects\":[]}"),
        ("Duoshuo", "{\"generator\":\"duoshuo\",\"version\":\"0.1\",\"threads\":[],\"posts\":[]}"),
        ("Duoshuo", "{\"threads\":[{\"thread_id\":1,\"thread_key\":\"p\"}],\"posts\":[{\"post_id\":2}]}"),
        (
            "Isso",
            "[{\"id\":\"/p/\",\"title\":\"P\",\"comments\":[{\"id\":1,\"author\":\"A\",\"remote_addr\":\"192.0.2.0\"}]}]",
        ),
        (
            "GitHub",
            "{\"data\":{\"repository\":{\"discussions\":{\"nodes\":[{\"title\":\"p/\",\"comments\":{\"nodes\":[]}}]}}}}",
        ),
        (
            "Blogger",
            "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom' xmlns:blogger='http://schemas.google.com/blogger/2018'><id>x</id></feed>",
        ),
        (
            "Blogger",
            "<?xml version='1.0'?><?xml-stylesheet href='x'?><feed xmlns='http://www.w3.org/2005/Atom'><id>tag:blogger.com,1999:blog-1.archive</id></feed>",
        ),
        (
            "Movable Type",
            "--------\n\nAUTHOR: A\nTITLE: a: b\n\nDATE: 09/23/2010 12:01:17 AM\n-----\nBODY:\nx\n-----\nCOMMENT:\nAUTHOR: B\n-----\n--------\n",
        ),
        ("Movable Type", "AUTHOR: A\r\nTITLE: T\r\nALLOW COMMENTS: 1\r\n-----\r\nBODY:\r\nx\r\n-----\r\n"),
        ("Isso", "SQLite format 3\0\x10\0\x01...CREATE TABLE threads (id INTEGER)..CREATE TABLE comments (tid"),
        (
            "Cusdis",
            "SQLite format 3\0..CREATE TABLE IF NOT EXISTS \"projects\" (..CREATE TABLE \"pages\" (..CREATE TABLE \"comments\"(",
        ),
        ("Artalk", "SQLite format 3\0..CREATE TABLE `atk_comments` (`id` integer"),
    ];

    #[test]
    fn exports_that_are_not_read_yet_are_called_by_their_name() {
        for (name, export) in EXPORTS {
            let refusal = detect(export.as_bytes(), 0, None).unwrap_err();
            assert_eq!(refusal.code, "not_an_export", "{export}");
            let is_told = refusal.message.contains(name) && refusal.message.contains("does not read (yet).");
            assert!(is_told && is_sentence(&refusal.message), "{name}: {}", refusal.message);
        }
    }

    #[test]
    fn what_people_write_names_no_export() {
        for other in [
            "[{\"commentId\":\"1\",\"pageUrl\":\"https://b.example/\",\"message\":\"\\\"nick\\\",\\\"comment\\\",\\\"url\\\",\\\"discussions\\\"\"}]",
            "{\"version\":1,\"comments\":[{\"commentHex\":\"a\",\"name\":\"cusdis\",\"x\":\"waline\",\"markdown\":\"tag:blogger.com \\\"waline\\\" \\\"duoshuo\\\"\"}],\"commenters\":[]}",
        ] {
            assert!(detect(other.as_bytes(), 0, None).is_ok(), "{other}");
        }
        for other in [
            "AUTHOR: me\nDear Sir,\n-----\nBODY:\n",
            "SQLite format 3\0..CREATE TABLE comments2 (",
            "TITLE:\n\n",
            "-----",
        ] {
            let refusal = detect(other.as_bytes(), 0, None).unwrap_err();
            assert!(!is_sentence(&refusal.message), "{other}: {}", refusal.message);
        }
    }
}
