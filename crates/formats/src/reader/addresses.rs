//! Cleans addresses in every reader's output, for all vendors.

use std::borrow::Cow;

use rethread_model::{Record, Signature, clean_address, without_credentials};
use rethread_vendors::Portion;

/// Makes the addresses in a portion safe to store and show: no escaped ampersands, no passwords.
/// Ids may be addresses, too, if a vendor has nothing else.
pub(super) fn clean_addresses(portion: &mut Portion) {
    for finding in &mut portion.findings {
        clean(&mut finding.source_id, without_credentials);
    }
    for located in &mut portion.records {
        clean_record(&mut located.value);
    }
}

fn clean_record(record: &mut Record) {
    match record {
        Record::Thread(thread) => {
            clean(&mut thread.url, clean_address);
            clean([&mut thread.url_id], without_credentials);
            clean([&mut thread.source_id], without_credentials);
        }
        Record::Author(author) => {
            clean(&mut author.link, clean_address);
            clean(&mut author.avatar, clean_address);
        }
        Record::Comment(comment) => {
            clean([&mut comment.source_id], without_credentials);
            clean([&mut comment.thread], without_credentials);
            clean(&mut comment.parent, without_credentials);
            if let Some(Signature { link, avatar, .. }) = &mut comment.signature {
                clean(link, clean_address);
                clean(avatar, clean_address);
            }
        }
        Record::Refused(refused) => clean(&mut refused.source_id, without_credentials),
    }
}

fn clean<'t>(text: impl IntoIterator<Item = &'t mut String>, cleaned: for<'s> fn(&'s str) -> Cow<'s, str>) {
    for text in text {
        if let Cow::Owned(new) = cleaned(text) {
            *text = new;
        }
    }
}
