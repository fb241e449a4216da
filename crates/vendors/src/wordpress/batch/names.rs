//! The ids of a comment in a batch.
//!
//! Both the answer to the site and the records use these, so that the ids reported to the site are
//! those that were stored.

use std::borrow::Cow;

use rethread_model::{Reason, Refused};
use rethread_syntax::Notes;
use rethread_syntax::json::{Object, salvage};

/// WordPress's numbers.
const ID: &str = "externalId";
const PARENT: &str = "externalParentId";
const POST: &str = "urlId";

/// WordPress's value for no parent.
const NONE: &str = "0";

/// The ids that a comment names.
pub(super) struct Names<'o> {
    /// The comment's id.
    pub id: Option<Cow<'o, str>>,
    /// The parent's id.
    pub parent: Option<Cow<'o, str>>,
    /// The post's id.
    pub post: Option<Cow<'o, str>>,
}

impl<'o> Names<'o> {
    pub(super) fn of(object: &'o Object<'_>, notes: &mut Notes) -> Self {
        Self {
            id: object.value(ID, notes),
            parent: object.value(PARENT, notes).filter(|parent| parent != NONE),
            post: object.value(POST, notes),
        }
    }

    /// The ids of the comment's record, or why it has none.
    pub(super) fn ids(&self) -> Result<Ids, Reason> {
        let id = self.id.as_deref().ok_or(Reason::NoId)?;
        let post = self.post.as_deref().ok_or(Reason::NoThreadReference)?;
        let parent = self.parent.as_deref().map(|parent| in_post(post, parent));
        Ok(Ids { source_id: in_post(post, id), thread: post.to_owned(), parent })
    }
}

/// The ids of a comment's record, as [`Comment`](rethread_model::Comment) has them.
pub(super) struct Ids {
    pub source_id: String,
    pub thread: String,
    pub parent: Option<String>,
}

/// As in the records of a WXR file, in which comments belong to items.
fn in_post(post: &str, id: &str) -> String {
    format!("{post}:{id}")
}

/// WordPress's number of an unreadable comment.
pub(super) fn salvaged_id(bytes: &[u8]) -> Option<&str> {
    salvage(bytes, ID)
}

/// Describes an unreadable comment. Without the post, its id is the vendor's number alone.
pub(super) fn unreadable(reason: Reason, bytes: &[u8]) -> Refused {
    let post = salvage(bytes, POST);
    let source_id = salvaged_id(bytes).map(|id| post.map_or_else(|| id.to_owned(), |post| in_post(post, id)));
    let is_reply = salvage(bytes, PARENT).is_some_and(|parent| parent != NONE);
    Refused { reason, source_id, is_reply }
}
