//! Prepares a batch of a linked site, or of its export, for writing. Drops the site's copies of
//! comments that came from here, and merges fields that only one of the two sources provides. From
//! a site's own batches it also drops what this import has already written.
//!
//! A site resends a batch whose response it did not receive, and may cut batches differently. The
//! slices of a sync are read one at a time, so what earlier ones wrote is known and is neither read
//! nor counted twice.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{AuthorRef, CommentId, Finding, Job, Located, Reason, Record, Refused, Vendor};
use rethread_stores::{LookupKeys, StoredRecords, Target};

use crate::reading::Portions;
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// How an import relates to a linked site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SiteRelation {
    /// Not at all.
    None,
    /// The site sends it.
    Sync,
    /// It is an export of a site that is, or was, linked.
    Export,
}

impl Worker {
    /// How an import relates to a linked site.
    pub(super) async fn site_relation(&self, job: &Job, target: &Target) -> Result<SiteRelation, TaskError> {
        if job.sync.is_some() {
            return Ok(SiteRelation::Sync);
        }
        if target.scope.vendor != Vendor::WordPress {
            return Ok(SiteRelation::None);
        }
        let sites = retry(|| self.context.backends.sites.sites(&job.account)).await?;
        let is_of_site = sites.iter().any(|site| site.origin() == target.scope.origin);
        Ok(if is_of_site { SiteRelation::Export } else { SiteRelation::None })
    }

    /// Merges a portion with what is stored, and returns what to write.
    pub(super) async fn fill_from_store(
        &self,
        target: &Target,
        site_relation: SiteRelation,
        mut portions: Portions,
    ) -> Result<Portions, TaskError> {
        if site_relation == SiteRelation::None {
            return Ok(portions);
        }
        let backends = &self.context.backends;
        let (account, origin) = (&target.scope.account, &target.scope.origin);
        let asked = asked(&portions.records);
        let copies = retry(|| backends.sites.adopted(account, origin, &asked.comments)).await?;
        refuse(&mut portions.records, &copies);
        let known = retry(|| backends.comments.known(target, &asked)).await?;
        Ok(if site_relation == SiteRelation::Sync { complete(portions, &known) } else { with_votes(portions, &known) })
    }
}

fn asked(records: &[Located<Record>]) -> LookupKeys {
    let mut asked = LookupKeys::default();
    for record in records {
        match &record.value {
            Record::Thread(thread) => asked.threads.insert(thread.source_id.clone()),
            Record::Author(author) => asked.authors.insert(author.key.clone()),
            Record::Comment(comment) => asked.comments.insert(comment.source_id.clone()),
            Record::Refused(refused) => refused.source_id.clone().is_some_and(|id| asked.comments.insert(id)),
        };
    }
    asked
}

fn refuse(records: &mut [Located<Record>], copies: &BTreeMap<String, CommentId>) {
    for record in records {
        if let Record::Comment(comment) = &record.value
            && copies.contains_key(&comment.source_id)
        {
            record.value = Record::Refused(Refused {
                reason: Reason::CameFromHere,
                source_id: Some(comment.source_id.clone()),
                is_reply: comment.parent.is_some(),
            });
        }
    }
}

fn with_votes(mut portions: Portions, known: &StoredRecords) -> Portions {
    for record in &mut portions.records {
        if let Record::Comment(comment) = &mut record.value
            && let Some(stored) = known.comments.get(&comment.source_id)
        {
            **comment = comment.as_ref().clone().with_votes(stored);
        }
    }
    portions
}

fn complete(mut portions: Portions, known: &StoredRecords) -> Portions {
    let is_new = |id: Option<&str>| id.is_none_or(|id| !known.brought.contains(id));
    // A site sends only its own records, so `other_origins` needs no filter.
    let mut records: Vec<Located<Record>> = std::mem::take(&mut portions.records)
        .into_iter()
        .filter(|record| match &record.value {
            Record::Comment(comment) => is_new(Some(&comment.source_id)),
            Record::Refused(refused) => is_new(refused.source_id.as_deref()),
            Record::Thread(_) | Record::Author(_) => true,
        })
        .map(|Located { value, at }| Located { value: with_rest(value, known), at })
        .collect();
    let spoken_of = authors(&records);
    records.retain(|record| match &record.value {
        // An author known by another key already has a better description.
        Record::Author(author) => spoken_of.contains(&author.key),
        Record::Thread(_) | Record::Comment(_) | Record::Refused(_) => true,
    });
    portions.records = records;
    portions.findings.retain(|Finding { source_id, .. }| is_new(source_id.as_deref()));
    portions
}

fn with_rest(record: Record, known: &StoredRecords) -> Record {
    match record {
        Record::Thread(thread) => Record::Thread(match known.threads.get(&thread.source_id) {
            Some(stored) => thread.fill_from_store(stored),
            None => thread,
        }),
        Record::Author(author) => Record::Author(match known.authors.get(&author.key) {
            Some(stored) => author.fill_from_store(stored),
            None => author,
        }),
        Record::Comment(comment) => Record::Comment(match known.comments.get(&comment.source_id) {
            Some(stored) => Box::new(comment.fill_from_store(stored)),
            None => comment,
        }),
        Record::Refused(refused) => Record::Refused(refused),
    }
}

/// The keys of the comments' authors.
fn authors(records: &[Located<Record>]) -> BTreeSet<String> {
    let keys = records.iter().filter_map(|record| match &record.value {
        Record::Comment(comment) => match &comment.author {
            AuthorRef::Known(key) => Some(key.clone()),
            AuthorRef::Guest | AuthorRef::Nobody => None,
        },
        Record::Thread(_) | Record::Author(_) | Record::Refused(_) => None,
    });
    keys.collect()
}

#[cfg(test)]
mod tests {
    use rethread_model::{Author, Comment, CommentDetails, Origin, Position, Scope, StoredFields};

    use super::*;

    fn comment(source_id: &str, author: AuthorRef) -> Comment {
        Comment { author, text: "Hello".to_owned(), ..Comment::new(source_id, "7") }
    }

    fn author(key: &str) -> Author {
        let (name, email, link) = (None, None, None);
        Author { key: key.to_owned(), name, email, link, avatar: None, moderator: None, as_of: None }
    }

    fn portions(records: Vec<Record>) -> Portions {
        let located = (0..).zip(records).map(|(offset, value)| Located { value, at: Position { part: 0, offset } });
        let finding = |id: &str| Finding {
            at: Position { part: 0, offset: 0 },
            reason: Reason::FieldDropped,
            source_id: Some(id.to_owned()),
        };
        Portions { records: located.collect(), findings: vec![finding("7:1"), finding("7:2")], ..Portions::default() }
    }

    fn email() -> AuthorRef {
        AuthorRef::Known("email:ann@mail.example".to_owned())
    }

    fn user() -> AuthorRef {
        AuthorRef::Known("user:3".to_owned())
    }

    #[test]
    fn what_was_brought_is_left_out_with_its_findings() {
        let records = ["7:1", "7:2"].map(|id| Record::Comment(Box::new(comment(id, AuthorRef::Nobody))));
        let known = StoredRecords { brought: ["7:1".to_owned()].into(), ..StoredRecords::default() };
        let left = complete(portions(records.into()), &known);
        let ids: Vec<_> = left.findings.iter().filter_map(|finding| finding.source_id.as_deref()).collect();
        assert_eq!((left.records.len(), ids), (1, vec!["7:2"]));
    }

    #[test]
    fn who_is_known_by_a_better_key_is_not_described_by_another() {
        let record = Record::Comment(Box::new(comment("7:1", email())));
        let described = Record::Author(author("email:ann@mail.example"));
        let rest = StoredFields {
            author: user(),
            signature: None,
            created_at: None,
            edited_at: None,
            details: CommentDetails { votes_up: Some(2), ..CommentDetails::default() },
        };
        let known = StoredRecords { comments: [("7:1".to_owned(), rest)].into(), ..StoredRecords::default() };
        let left = complete(portions(vec![described, record]), &known);
        let [Located { value: Record::Comment(comment), .. }] = &left.records[..] else { panic!("{:?}", left.records) };
        assert_eq!((&comment.author, comment.details.votes_up), (&user(), Some(2)));
    }

    #[test]
    fn copies_are_refused_as_the_replies_that_they_are() {
        let mut records = portions(vec![Record::Comment(Box::new(Comment {
            parent: Some("7:1".to_owned()),
            ..comment("7:500", email())
        }))])
        .records;
        let elsewhere = Scope { account: "a".parse().unwrap(), vendor: Vendor::Disqus, origin: Origin::new("forum") }
            .comment_id("1");
        let copies = [("7:500".to_owned(), elsewhere)].into();
        refuse(&mut records, &copies);
        let refused = Refused { reason: Reason::CameFromHere, source_id: Some("7:500".to_owned()), is_reply: true };
        assert_eq!(records[0].value, Record::Refused(refused));
    }
}
