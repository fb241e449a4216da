//! Converts a batch into a storable form.

use rethread_model::{AuthorRef, Comment, Located, Scope, Signature};
use rethread_stores::rules::batch::{Entry, OriginRecords, Prepared};

use crate::postgres::{key, make_key, make_storable};

/// Replaces what the database cannot store. Fingerprints remain those of the original data.
pub(super) fn make_batch_storable(mut batch: Prepared) -> Prepared {
    for records in batch.origins.values_mut() {
        make_records(records);
    }
    for finding in &mut batch.findings {
        keys(&mut finding.source_id);
    }
    batch
}

fn make_records(records: &mut OriginRecords) {
    records.threads = std::mem::take(&mut records.threads)
        .into_values()
        .map(|(fingerprint, mut thread)| {
            make_key(&mut thread.source_id);
            make_key(&mut thread.url_id);
            texts([&mut thread.url, &mut thread.title]);
            (thread.source_id.clone(), (fingerprint, thread))
        })
        .collect();
    records.authors = std::mem::take(&mut records.authors)
        .into_values()
        .map(|(fingerprint, mut author)| {
            make_key(&mut author.key);
            texts([&mut author.name, &mut author.email, &mut author.link, &mut author.avatar]);
            (author.key.clone(), (fingerprint, author))
        })
        .collect();
    for Located { value, .. } in &mut records.comments {
        match value {
            Entry::Taken(_, comment) => comment_texts(comment),
            Entry::Refused(refused) => keys(&mut refused.source_id),
        }
    }
}

/// The storable name of a scope's origin.
pub(super) fn origin(scope: &Scope) -> String {
    key(scope.origin.as_str()).into_owned()
}

fn comment_texts(comment: &mut Comment) {
    make_key(&mut comment.source_id);
    make_key(&mut comment.thread);
    keys(&mut comment.parent);
    make_storable(&mut comment.text);
    if let AuthorRef::Known(key) = &mut comment.author {
        make_key(key);
    }
    if let Some(Signature { name, link, avatar }) = &mut comment.signature {
        texts([name, link, avatar]);
    }
}

fn keys(text: &mut Option<String>) {
    text.iter_mut().for_each(make_key);
}

fn texts<const N: usize>(texts: [&mut Option<String>; N]) {
    texts.into_iter().flatten().for_each(make_storable);
}
