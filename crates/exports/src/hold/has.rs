//! Whether there is something to lose.

use rethread_model::{ExportedAuthor, ExportedComment, ExportedPage, ExportedThread};

/// Whether the vendor shows the thread on another page.
pub(super) fn another_page(page: &ExportedPage, exported: &ExportedThread) -> bool {
    let thread = &exported.thread;
    thread.url_id != page.url_id || thread.url != page.url || thread.title != page.title
}

pub(super) fn thread_time(_page: &ExportedPage, exported: &ExportedThread) -> bool {
    exported.thread.created_at.is_some()
}

pub(super) fn missing_parent(comment: &ExportedComment) -> bool {
    comment.parent.is_none() && comment.parent_source_id.is_some()
}

pub(super) fn author_link(comment: &ExportedComment) -> bool {
    match &comment.author {
        ExportedAuthor::Known { link, .. } | ExportedAuthor::Guest { link, .. } => link.is_some(),
        ExportedAuthor::Nobody => false,
    }
}

pub(super) fn avatar(comment: &ExportedComment) -> bool {
    match &comment.author {
        ExportedAuthor::Known { avatar, .. } | ExportedAuthor::Guest { avatar, .. } => avatar.is_some(),
        ExportedAuthor::Nobody => false,
    }
}

pub(super) fn moderator(comment: &ExportedComment) -> bool {
    matches!(comment.author, ExportedAuthor::Known { moderator: Some(true), .. })
}

/// Whether there are votes for or against it.
pub(crate) fn votes(comment: &ExportedComment) -> bool {
    [comment.details.votes_up, comment.details.votes_down].into_iter().flatten().any(|votes| votes != 0)
}

pub(super) fn score(comment: &ExportedComment) -> bool {
    comment.details.score.is_some_and(|score| score != 0)
}
