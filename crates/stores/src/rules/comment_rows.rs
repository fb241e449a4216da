//! What a comment is shown and exported with: the text of queries that must be the same for every
//! database.

/// Joins a comment with its author, and with the parent that it was linked to. A parent on another
/// thread, from before a move of the comment, does not count. `comments` is the alias of the
/// comment's row; the rows of `authors` and `parents` may be missing.
#[must_use]
pub fn join_author_and_parent(comments: &str) -> String {
    format!(
        "LEFT JOIN authors ON authors.no = {comments}.author_no \
         LEFT JOIN replies ON replies.comment_no = {comments}.no \
         LEFT JOIN comments AS parents \
           ON parents.no = replies.parent_no AND parents.thread_no = {comments}.thread_no"
    )
}

/// The current status of a comment: as changed here, or else as imported.
#[must_use]
pub fn current_status(comments: &str) -> String {
    format!("coalesce({comments}.local_status, {comments}.status)")
}
