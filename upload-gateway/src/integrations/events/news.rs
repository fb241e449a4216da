//! What is to be told of one page, in the order in which it is told.

use std::collections::HashSet;

use rethread_backends::{CopyEvent, SiteCopy, StoredComment, ToldCopy};
use rethread_model::{CommentId, Reply, Timestamp, parents_first};

/// The plugin looks a parent up when it inserts the reply, once: so parents are told first, then what is earlier.
#[derive(Debug, Default)]
pub(super) struct News {
    replies: Vec<Reply<CommentId>>,
    /// Of each: what is to be told, and whether that is new. What the site was told of and has not got yet is told again after
    /// its parent, where that is told again.
    copies: Vec<(SiteCopy, bool)>,
}

impl News {
    /// Something of a comment that the site does not know.
    pub(super) fn tell(&mut self, comment: &StoredComment, copy: SiteCopy) {
        self.add(comment, copy, true);
    }

    fn add(&mut self, comment: &StoredComment, copy: SiteCopy, is_news: bool) {
        let time = comment.created_at.map(Timestamp::as_microsecond);
        self.replies.push(Reply { key: comment.id, parent: comment.parent, time });
        self.copies.push((copy, is_news));
    }

    /// What the site is to be told.
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
    /// What the site was told of, and has not got yet.
    fn extend<T: IntoIterator<Item = (&'c StoredComment, ToldCopy)>>(&mut self, known: T) {
        for (comment, known) in known {
            self.add(comment, known.copy, false);
        }
    }
}
