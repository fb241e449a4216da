//! Files to import, and their imports.

use std::collections::BTreeMap;

use rethread_model::{
    Author, AuthorRef, Comment, CommentDetails, CommentId, Finding, FrameCounts, ImportSummary, JobId, Located, Origin,
    Position, Reaction, Reason, Record, Refused, SafeHtml, Scope, SliceNumber, Status, Step, Tally, Thread, ThreadId,
    Vendor,
};
use rethread_stores::{
    Batch, Checkpoint, CommentQuery, CommentStore, PageQuery, Result, StoredAuthor, StoredComment, Target,
};

use super::fixture::{at, fresh_account, job_id};

/// A site of a fresh account.
pub(super) fn fresh_scope() -> Scope {
    Scope { account: fresh_account(), vendor: Vendor::Disqus, origin: Origin::new("forum") }
}

pub(super) fn thread(id: &str) -> Thread {
    Thread {
        source_id: id.to_owned(),
        url_id: format!("example.com/{id}"),
        url: Some(format!("https://example.com/{id}")),
        title: Some(format!("About {id}")),
        created_at: Some(at(0)),
        closed: false,
        reactions: Vec::new(),
    }
}

pub(super) fn reaction(kind: &str, count: u64) -> Reaction {
    Reaction { kind: kind.to_owned(), count }
}

pub(super) fn author(key: &str, name: &str, as_of: Option<i64>) -> Author {
    Author {
        key: key.to_owned(),
        name: Some(name.to_owned()),
        email: Some(format!("{key}@example.com")),
        link: None,
        avatar: None,
        moderator: None,
        as_of: as_of.map(at),
    }
}

#[expect(clippy::disallowed_methods, reason = "this text was made here")]
pub(super) fn comment(id: &str, thread: &str) -> Comment {
    Comment {
        author: AuthorRef::Known("ann".to_owned()),
        created_at: Some(at(100)),
        text: format!("text of {id}"),
        html: SafeHtml::assume_sanitised(format!("<p>text of {id}</p>")),
        details: CommentDetails { votes_up: Some(3), votes_down: Some(1), ..CommentDetails::default() },
        ..Comment::new(id, thread)
    }
}

pub(super) fn reply(id: &str, thread: &str, parent: &str) -> Comment {
    Comment { parent: Some(parent.to_owned()), ..comment(id, thread) }
}

pub(super) fn refused(id: Option<&str>, reason: Reason) -> Refused {
    Refused { reason, source_id: id.map(str::to_owned), is_reply: false }
}

/// Comments as records.
pub(super) fn records(comments: impl IntoIterator<Item = Comment>) -> Vec<Record> {
    comments.into_iter().map(|comment| Record::Comment(Box::new(comment))).collect()
}

/// Records in file order, 10 bytes each.
pub(super) fn file(records: impl IntoIterator<Item = Record>) -> Vec<Located<Record>> {
    let located = |(index, value)| Located { value, at: position(index) };
    records.into_iter().enumerate().map(located).collect()
}

/// The position of the record with this index.
pub(super) fn position(index: usize) -> Position {
    Position { part: 0, offset: index as u64 * 10 }
}

pub(super) const SLICE: Step = Step::Slice(SliceNumber(0));

/// An import of an origin.
pub(super) struct Import<'a> {
    store: &'a dyn CommentStore,
    pub(super) target: Target,
}

/// The result of an import.
#[derive(Debug, PartialEq)]
pub(super) struct Report {
    pub(super) tally: Tally,
    pub(super) findings: Vec<Finding>,
    pub(super) removed: Option<i64>,
    pub(super) pages: i64,
}

impl<'a> Import<'a> {
    pub(super) fn new(store: &'a dyn CommentStore, scope: &Scope) -> Self {
        Self::of_job(store, scope, job_id(0))
    }

    pub(super) fn of_job(store: &'a dyn CommentStore, scope: &Scope, job: JobId) -> Self {
        Self {
            store,
            target: Target { scope: scope.clone(), job, dry_run: false, newest_comment_at: None, overwrite: false },
        }
    }

    pub(super) fn dry(mut self) -> Self {
        self.target.dry_run = true;
        self
    }

    /// Commits a batch of a step.
    pub(super) async fn commit(
        &self,
        step: Step,
        from: u64,
        records: &[Located<Record>],
        complete: bool,
    ) -> Result<Checkpoint> {
        let position = records.last().map_or(0, |record| record.at.offset + 10);
        let frames = FrameCounts { comments: records.len() as u64, ..FrameCounts::default() };
        let (records, other_origins, findings) = (records.to_vec(), BTreeMap::new(), Vec::new());
        let batch = Batch { step, from, position, complete, frames, records, other_origins, findings };
        self.store.commit(&self.target, batch).await
    }

    /// Commits everything as one batch, links and closes.
    pub(super) async fn run(&self, records: impl IntoIterator<Item = Record>) -> Report {
        self.commit(SLICE, 0, &file(records), true).await.expect("a batch");
        self.finish(1000).await
    }

    /// Links, `at_a_time` comments at a time, and closes.
    pub(super) async fn finish(&self, at_a_time: u32) -> Report {
        let Target { scope, job, .. } = &self.target;
        while !self.store.link(&self.target, at_a_time).await.expect("links").complete {}
        let ImportSummary { pages, removed, .. } = self.store.finalize(&self.target, true).await.expect("a summary");
        let tally = self.store.tally(&scope.account, *job).await.expect("a tally");
        Report { tally, findings: self.findings().await, removed, pages }
    }

    /// All findings, listed a few at a time.
    pub(super) async fn findings(&self) -> Vec<Finding> {
        let Target { scope, job, .. } = &self.target;
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let listed = self.store.findings(&scope.account, *job, after.as_deref(), 7).await.expect("findings");
            after = listed.findings.last().map(|finding| finding.cursor.clone());
            all.extend(listed.findings.into_iter().map(|stored| stored.finding));
            if !listed.has_more {
                return all;
            }
        }
    }
}

/// A stored comment without the fields that depend on the account.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) page: String,
    pub(super) thread: String,
    pub(super) parent: Option<String>,
    pub(super) author: Option<StoredAuthor>,
    pub(super) status: Status,
    pub(super) text: String,
    pub(super) html: String,
    pub(super) score: Option<i64>,
}

/// Everything that an account has of a scope, by source id. `threads` are the source ids of all
/// threads that may exist.
pub(super) async fn rows(store: &dyn CommentStore, scope: &Scope, threads: &[&str]) -> BTreeMap<String, Row> {
    let listed = all_comments(store, scope).await;
    let thread_names: BTreeMap<ThreadId, &str> = threads.iter().map(|id| (scope.thread_id(id), *id)).collect();
    let names: BTreeMap<CommentId, String> = listed.iter().map(|(_, row)| (row.id, row.source_id.clone())).collect();
    let row = |(page, stored): (String, StoredComment)| {
        let row = Row {
            page,
            thread: thread_names.get(&stored.thread).expect("a thread of the file").to_string(),
            parent: stored.parent.map(|parent| names.get(&parent).expect("a parent that is listed").clone()),
            author: stored.author,
            status: stored.status,
            text: stored.text,
            html: stored.html.as_str().to_owned(),
            score: stored.score,
        };
        (stored.source_id, row)
    };
    let count = listed.len();
    let rows: BTreeMap<_, _> = listed.into_iter().map(row).collect();
    assert_eq!(rows.len(), count, "no comment is listed twice");
    rows
}

/// All comments of an account with the keys of their pages.
pub(super) async fn all_comments(store: &dyn CommentStore, scope: &Scope) -> Vec<(String, StoredComment)> {
    let query = PageQuery { limit: 200, ..PageQuery::default() };
    let listed = store.pages(&scope.account, &query).await.expect("pages");
    assert!(!listed.has_more, "the suite's files are small");
    let mut all = Vec::new();
    for page in listed.pages {
        let query = CommentQuery { limit: 200, after: None };
        let comments = store.comments(&scope.account, page.id, &query).await.expect("comments");
        assert_eq!(
            page.comments,
            i64::try_from(comments.comments.len()).expect("a count"),
            "a page says how many comments it has"
        );
        all.extend(comments.comments.into_iter().map(|comment| (page.url_id.clone(), comment)));
    }
    all
}
