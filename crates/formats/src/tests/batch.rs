mod same_as_wxr;
mod sent;

use rethread_model::{
    AuthorRef, Comment, ImportOptions, PageKey, Reason, Record, SliceContent, SliceNumber, SliceSource, SliceSpec,
    Status, Thread, Vendor,
};
use rethread_vendors::wordpress::batch_head;
use serde_json::{Value, json};

use crate::read_slice;
use crate::testing::{by_name, guest, item, signed, wp_comment, wxr};

/// The result of reading a slice.
struct Output {
    records: Vec<Record>,
    findings: Vec<(Reason, Option<String>)>,
}

impl Output {
    fn of(bytes: &[u8], head: Value, options: &ImportOptions) -> Self {
        let end = bytes.len() as u64;
        let (number, source, content) = (SliceNumber(0), SliceSource::Own, SliceContent::default());
        let spec =
            SliceSpec { number, source, part: 0, start: 0, end, origin: None, newest_comment_at: None, content, head };
        let mut output = Self { records: Vec::new(), findings: Vec::new() };
        for portion in read_slice(Vendor::WordPress, &spec, options, bytes) {
            output.records.extend(portion.records.into_iter().map(|record| record.value));
            output.findings.extend(portion.findings.into_iter().map(|finding| (finding.reason, finding.source_id)));
        }
        output
    }

    fn of_batch(body: &[u8]) -> Self {
        Self::of(body, batch_head(), &ImportOptions::default())
    }

    /// Reads a batch with these comments.
    fn of_comments(comments: impl IntoIterator<Item = Value>) -> Self {
        Self::of_batch(&body(comments))
    }

    fn comments(&self) -> Vec<&Comment> {
        let comments = self.records.iter().filter_map(|record| match record {
            Record::Comment(comment) => Some(comment.as_ref()),
            _ => None,
        });
        comments.collect()
    }

    fn threads(&self) -> Vec<&Thread> {
        let threads = self.records.iter().filter_map(|record| match record {
            Record::Thread(thread) => Some(thread),
            _ => None,
        });
        threads.collect()
    }

    /// Reason, id, and whether it is an answer.
    fn refused(&self) -> Vec<(Reason, Option<&str>, bool)> {
        let refused = self.records.iter().filter_map(|record| match record {
            Record::Refused(refused) => Some((refused.reason, refused.source_id.as_deref(), refused.is_reply)),
            _ => None,
        });
        refused.collect()
    }

    fn ids(&self) -> Vec<&str> {
        self.comments().into_iter().map(|comment| comment.source_id.as_str()).collect()
    }
}

/// The body of a request.
fn body(comments: impl IntoIterator<Item = Value>) -> Vec<u8> {
    let comments: Vec<Value> = comments.into_iter().collect();
    json!({ "countRemaining": 3, "comments": comments }).to_string().into_bytes()
}

/// A comment of post 8 as the plugin sends it, with these changes.
fn comment(id: u32, changes: &Value) -> Value {
    let mut comment = json!({
        "tenantId": "ann", "urlId": "8", "url": "https://blog.example.org/post-8/", "pageTitle": "Post 8", "userId": null,
        "commenterName": "Ann", "commenterEmail": "ann@example.org", "comment": "c", "externalId": id.to_string(),
        "externalParentId": null, "date": "2020-01-02 00:00:00", "votes": "0", "votesUp": 0, "votesDown": 0,
        "verified": true, "isSpam": false, "approved": true, "avatarSrc": null, "hasImages": false, "hasLinks": false
    });
    for (key, value) in changes.as_object().unwrap() {
        comment[key] = value.clone();
    }
    comment
}

/// The only comment, after this change.
fn changed(changes: &Value) -> Comment {
    let output = Output::of_comments([comment(1, changes)]);
    assert_eq!(output.refused(), [], "{changes}");
    output.comments()[0].clone()
}

#[test]
fn any_other_head_is_that_of_a_wxr_file() {
    let file = wxr(&item(8, &wp_comment(1, 0, "c")));
    for head in [Value::Null, json!({ "batch": false }), json!({ "batch": "true" })] {
        assert_eq!(Output::of(file.as_bytes(), head, &ImportOptions::default()).ids(), ["8:1"]);
    }
    assert_eq!(Output::of_batch(file.as_bytes()).records, []);
}

#[test]
fn what_is_spam_is_not_approved_either() {
    for (spam, approved, expected) in [
        (json!(false), json!(true), Status::Approved),
        (json!("0"), json!("1"), Status::Approved),
        (json!(0), json!(1), Status::Approved),
        (json!(null), json!("true"), Status::Approved),
        (json!(false), json!(false), Status::Pending),
        (json!(false), json!(null), Status::Pending),
        (json!(true), json!(false), Status::Spam),
        (json!("1"), json!("0"), Status::Spam),
        (json!(1), json!(true), Status::Spam),
    ] {
        assert_eq!(changed(&json!({ "isSpam": spam, "approved": approved })).status, expected, "{spam} {approved}");
    }
}

#[test]
fn spam_is_left_out_where_it_is_to_be() {
    let options = ImportOptions { exclude_spam: true, ..ImportOptions::default() };
    let spam = json!({ "isSpam": true, "externalParentId": "1" });
    let output = Output::of(&body([comment(1, &json!({})), comment(2, &spam)]), batch_head(), &options);
    assert_eq!(output.ids(), ["8:1"]);
    assert_eq!(output.refused(), [(Reason::SpamExcluded, Some("8:2"), true)]);
}

#[test]
fn numbers_may_be_texts_and_texts_numbers() {
    for parent in [json!(5), json!("5")] {
        assert_eq!(changed(&json!({ "externalParentId": parent })).parent.as_deref(), Some("8:5"));
    }
    for none in [json!(null), json!(""), json!(0), json!("0"), json!(false)] {
        assert_eq!(changed(&json!({ "externalParentId": none })).parent, None, "{none}");
    }
    let numbers = changed(&json!({ "urlId": 8, "externalId": 1, "comment": 42, "votesUp": "3", "votesDown": "2" }));
    assert_eq!((numbers.source_id.as_str(), numbers.thread.as_str(), numbers.text.as_str()), ("8:1", "8", "42"));
    assert_eq!((numbers.details.votes_up, numbers.details.votes_down, numbers.details.score), (Some(3), Some(2), None));
    for none in [json!(0), json!("0"), json!(-1), json!(null)] {
        assert_eq!(changed(&json!({ "votesUp": none })).details.votes_up, None, "{none}");
    }
}

#[test]
fn people_without_an_address_are_guests() {
    let by_mail = (AuthorRef::Known("email:ann@example.org".to_owned()), by_name("Ann"));
    assert_eq!(signed(&changed(&json!({}))), by_mail);
    assert_eq!(signed(&changed(&json!({ "commenterEmail": "" }))), guest("Ann"));
    let nobody = json!({ "commenterEmail": null, "commenterName": "" });
    assert_eq!(signed(&changed(&nobody)), (AuthorRef::Nobody, None));
}

#[test]
fn each_post_comes_once_as_it_is_described() {
    let other = json!({ "urlId": "9", "url": false, "pageTitle": "  A &#8220;post&#8221; " });
    let renamed = json!({ "pageTitle": "Post 8, again" });
    let changes = [(1, json!({})), (2, other.clone()), (3, json!({})), (4, other), (5, renamed)];
    let output = Output::of_comments(changes.map(|(id, changes)| comment(id, &changes)));
    let told: Vec<_> = output.threads().iter().map(|it| (it.url_id.as_str(), it.title.as_deref())).collect();
    let first = "blog.example.org/post-8";
    assert_eq!(told, [(first, Some("Post 8")), ("9", Some("A “post”")), (first, Some("Post 8, again"))]);
    assert_eq!(output.findings, []);

    let options = ImportOptions { page_key: PageKey::Identifier, ..ImportOptions::default() };
    let output = Output::of(&body([comment(1, &json!({}))]), batch_head(), &options);
    assert_eq!((output.threads()[0].url_id.as_str(), output.threads()[0].closed), ("8", false));
}

#[test]
fn what_lacks_an_id_or_a_post_is_refused() {
    let output = Output::of_comments([
        comment(1, &json!({ "externalId": null, "externalParentId": 5 })),
        comment(2, &json!({ "urlId": " " })),
        json!({}),
        comment(3, &json!({ "externalId": [3] })),
    ]);
    let expected = [
        (Reason::NoId, None, true),
        (Reason::NoThreadReference, Some("2"), false),
        (Reason::NoId, None, false),
        (Reason::NoId, None, false),
    ];
    assert_eq!(output.refused(), expected);
}

#[test]
fn damage_costs_its_comment_alone() {
    let whole = String::from_utf8(body([1, 2, 3].map(|id| comment(id, &json!({ "externalParentId": "9" }))))).unwrap();
    for (id, others) in [(1, ["8:2", "8:3"]), (2, ["8:1", "8:3"]), (3, ["8:1", "8:2"])] {
        let name = format!("\"externalId\":\"{id}\",");
        assert!(whole.contains(&name));
        let output = Output::of_batch(whole.replace(&name, &format!("{name}\"oops\",")).as_bytes());
        assert_eq!(output.ids(), others);
        assert_eq!(output.refused(), [(Reason::UnreadableRecord, Some(format!("8:{id}").as_str()), true)]);
    }
    let cut = whole.rfind("urlId").unwrap();
    let output = Output::of_batch(&whole.as_bytes()[..cut]);
    assert_eq!(output.ids(), ["8:1", "8:2"]);
    assert_eq!(output.refused(), [(Reason::UnreadableRecord, Some("3"), true)]);
}

#[test]
fn deep_nesting_is_no_matter() {
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let whole = String::from_utf8(body([comment(1, &json!({})), comment(2, &json!({}))])).unwrap();
    let output = Output::of_batch(whole.replacen("null", &deep, 1).as_bytes());
    assert_eq!(output.ids(), ["8:1", "8:2"]);
    assert_eq!(output.refused(), []);
}

#[test]
fn repairs_are_told_with_the_comment() {
    let output = Output::of_comments([
        comment(1, &json!({ "date": "0000-00-00 00:00:00" })),
        comment(2, &json!({ "date": "soon", "comment": "a\u{1}b" })),
        comment(3, &json!({ "externalId": " 3\n", "date": null })),
    ]);
    let expected = [
        (Reason::UnreadableDate, "8:1"),
        (Reason::ControlCharacters, "8:2"),
        (Reason::UnreadableDate, "8:2"),
        (Reason::PaddedValue, "8:3"),
    ];
    assert_eq!(output.findings, expected.map(|(reason, id)| (reason, Some(id.to_owned()))));
    assert!(output.comments().iter().all(|comment| comment.created_at.is_none()));
}
