//! Data that a worker would have written.

use std::collections::BTreeMap;

use rethread_model::{
    Author, AuthorRef, Comment, CommentDetails, Finding, FrameCounts, Job, Located, Origin, PageId, Position, Reaction,
    Reason, Record, Scope, SliceNumber, Status, Step, TextKind, Thread, Timestamp, Vendor, page_id,
};
use rethread_stores::{Batch, Target};

use super::harness::Api;

const KEY: &str = "blog.example/hello, world?p=1";

/// Writes a page with three comments and the findings, and returns the page's id.
pub(super) async fn import(api: &Api, job: &Job, findings: &[Finding]) -> PageId {
    let scope = Scope { account: job.account.clone(), vendor: Vendor::Disqus, origin: Origin::new("forum") };
    let target = Target { scope, job: job.id, dry_run: false, newest_comment_at: None, overwrite: false };
    let values = [
        Record::Thread(thread()),
        Record::Author(author()),
        Record::Comment(Box::new(comment("1", None, Status::Approved))),
        Record::Comment(Box::new(comment("2", Some("1"), Status::Pending))),
        Record::Comment(Box::new(comment("3", Some("1"), Status::Deleted))),
    ];
    let records =
        (0..).zip(values).map(|(offset, value)| Located { value, at: Position { part: 0, offset } }).collect();
    let batch = Batch {
        step: Step::Slice(SliceNumber(0)),
        from: 0,
        position: 100,
        complete: true,
        frames: FrameCounts::default(),
        records,
        other_origins: BTreeMap::new(),
        findings: findings.to_vec(),
    };
    let store = api.context.backends.comments.as_ref();
    store.commit(&target, batch).await.unwrap();
    while !store.link(&target, 100).await.unwrap().complete {}
    store.finalize(&target, true).await.unwrap();
    page_id(&job.account, KEY)
}

pub(super) fn finding(offset: u64, reason: Reason, source_id: &str) -> Finding {
    Finding { at: Position { part: 0, offset }, reason, source_id: Some(source_id.to_owned()) }
}

fn thread() -> Thread {
    Thread {
        source_id: "t".to_owned(),
        url_id: KEY.to_owned(),
        url: Some("https://blog.example/hello".to_owned()),
        title: Some("Hello".to_owned()),
        created_at: None,
        closed: false,
        reactions: vec![Reaction { kind: "love".to_owned(), count: 2 }],
    }
}

fn author() -> Author {
    Author {
        key: "user:ann".to_owned(),
        name: Some("Ann".to_owned()),
        email: Some("ann@example.com".to_owned()),
        link: Some("javascript:alert(1)".to_owned()),
        avatar: Some("https://cdn.example/ann.png".to_owned()),
        moderator: None,
        as_of: None,
    }
}

fn comment(source_id: &str, parent: Option<&str>, status: Status) -> Comment {
    let second: i64 = source_id.parse().unwrap();
    Comment {
        parent: parent.map(str::to_owned),
        author: AuthorRef::Known("user:ann".to_owned()),
        created_at: Some(Timestamp::from_second(1_577_934_000 + second).unwrap()),
        status,
        text: format!("text {source_id}"),
        text_kind: TextKind::Plain,
        details: CommentDetails { score: Some(7), ip: Some("192.0.2.1".to_owned()), ..CommentDetails::default() },
        ..Comment::new(source_id, "t")
    }
}
