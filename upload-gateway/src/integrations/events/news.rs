//! The changes to report for one page, in order.

use std::collections::HashSet;

use rethread_model::{CommentId, Reply, Timestamp, parents_first};
use rethread_stores::{CopyEvent, SiteCopy, StoredComment, ToldCopy};

/// The plugin looks a parent up only once, when it inserts the reply. So parents come first, then
/// earlier comments.
#[derive(Debug, Default)]
pub(super) struct News {
    replies: Vec<Reply<CommentId>>,
    /// Each change, and whether it is new. A change that was reported but not fetched yet is
    /// reported again after its parent, if the parent is reported again.
    copies: Vec<(SiteCopy, bool)>,
}

impl News {
    /// Adds a change that the site does not know.
    pub(super) fn tell(&mut self, comment: &StoredComment, copy: SiteCopy) {
        self.add(comment, copy, true);
    }

    fn add(&mut self, comment: &StoredComment, copy: SiteCopy, is_news: bool) {
        let time = comment.created_at.map(Timestamp::as_microsecond);
        self.replies.push(Reply { key: comment.id, parent: comment.parent, time });
        self.copies.push((copy, is_news));
    }

    /// The changes to report.
    pub(super) fn in_order(self) -> Vec<SiteCopy> {
        let mut copies: Vec<Option<(SiteCopy, bool)>> = self.copies.into_iter().map(Some).collect();
        let mut told_anew = HashSet::new();
        let mut news = Vec::new();
        for place in parents_first(&self.replies) {
            let reply = &self.replies[place];
            let Some((copy, is_news)) = copies[place].take() else { continue };
            if is_news || reply.parent.is_some_and(|parent| told_anew.contains(&parent)) {
                if copy.telling == CopyEvent::New {
                    told_anew.insert(reply.key);
                }
                news.push(copy);
            }
        }
        news
    }
}

impl<'c> Extend<(&'c StoredComment, ToldCopy)> for News {
    /// Adds changes that were reported but not fetched yet.
    fn extend<T: IntoIterator<Item = (&'c StoredComment, ToldCopy)>>(&mut self, known: T) {
        for (comment, known) in known {
            self.add(comment, known.copy, false);
        }
    }
}
