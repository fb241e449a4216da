//! A batch of a linked site before it is written: without what the import has brought already, and with what the site does
//! not say.
//!
//! A site sends a batch again whose answer it did not get, and cuts batches anew. One slice of a sync is read at a time, so
//! what the others have brought is known, and is neither read nor counted twice.

use std::collections::BTreeSet;

use rethread_backends::{Asked, Known, Target};
use rethread_model::{AuthorRef, Finding, Located, Reason, Record, Refused, Scope, Vendor};

use crate::Worker;
use crate::batches::Portions;
use crate::trouble::{Trouble, patiently};

impl Worker {
    /// A portion of a WordPress site's comments, or of its export, in which those are refused that it got from here.
    pub(crate) async fn without_copies(&self, target: &Target, mut portions: Portions) -> Result<Portions, Trouble> {
        let Scope { account, vendor: Vendor::WordPress, origin } = &target.scope else { return Ok(portions) };
        let sites = &self.context.backends.sites;
        let ids = asked(&portions.records).comments;
        let copies = patiently(|| sites.adopted(account, origin, &ids)).await?;
        if !copies.is_empty() {
            refuse(&mut portions.records, &copies);
        }
        Ok(portions)
    }

    /// What is to be written of a portion of a batch.
    pub(crate) async fn completed(&self, target: &Target, portions: Portions) -> Result<Portions, Trouble> {
        let comments = &self.context.backends.comments;
        let asked = asked(&portions.records);
        let known = patiently(|| comments.known(target, &asked)).await?;
        Ok(complete(portions, &known))
    }
}

fn asked(records: &[Located<Record>]) -> Asked {
    let mut asked = Asked::default();
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

fn refuse(records: &mut [Located<Record>], copies: &BTreeSet<String>) {
    for record in records {
        if let Record::Comment(comment) = &record.value
            && copies.contains(&comment.source_id)
        {
            record.value = Record::Refused(Refused {
                reason: Reason::CameFromHere,
                source_id: Some(comment.source_id.clone()),
                is_reply: comment.parent.is_some(),
            });
        }
    }
}

fn complete(portions: Portions, known: &Known) -> Portions {
    let Portions { records, findings, position, complete } = portions;
    let is_new = |id: Option<&str>| id.is_none_or(|id| !known.brought.contains(id));
    let mut records: Vec<Located<Record>> = records
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
        // Of somebody who is known by another key there is a better description.
        Record::Author(author) => spoken_of.contains(&author.key),
        Record::Thread(_) | Record::Comment(_) | Record::Refused(_) => true,
    });
    let findings = findings.into_iter().filter(|Finding { source_id, .. }| is_new(source_id.as_deref())).collect();
    Portions { records, findings, position, complete }
}

fn with_rest(record: Record, known: &Known) -> Record {
    match record {
        Record::Thread(thread) => Record::Thread(match known.threads.get(&thread.source_id) {
            Some(stored) => thread.completed(stored),
            None => thread,
        }),
        Record::Author(author) => Record::Author(match known.authors.get(&author.key) {
            Some(stored) => author.completed(stored),
            None => author,
        }),
        Record::Comment(comment) => Record::Comment(match known.comments.get(&comment.source_id) {
            Some(stored) => Box::new(comment.completed(stored)),
            None => comment,
        }),
        Record::Refused(refused) => Record::Refused(refused),
    }
}

/// The keys of those who wrote the comments.
fn authors(records: &[Located<Record>]) -> BTreeSet<String> {
    let keys = records.iter().filter_map(|record| match &record.value {
        Record::Comment(comment) => match &comment.author {
            AuthorRef::Known(key) => Some(key.clone()),
            AuthorRef::Guest(_) | AuthorRef::Nobody => None,
        },
        Record::Thread(_) | Record::Author(_) | Record::Refused(_) => None,
    });
    keys.collect()
}
