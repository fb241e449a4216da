//! Who wrote a comment.

use rethread_model::{AuthorRef, Comment, Signature};

/// The author of a comment, and its signature.
pub(crate) type Signed = (AuthorRef, Option<Signature>);

pub(crate) fn signed(comment: &Comment) -> Signed {
    (comment.author.clone(), comment.signature.clone())
}

/// A guest with this name.
pub(crate) fn guest(name: &str) -> Signed {
    (AuthorRef::Guest, by_name(name))
}

/// A signature that shows only a name.
#[expect(clippy::unnecessary_wraps, reason = "as a comment has it")]
pub(crate) fn by_name(name: &str) -> Option<Signature> {
    Some(Signature { name: Some(name.to_owned()), ..Signature::default() })
}
