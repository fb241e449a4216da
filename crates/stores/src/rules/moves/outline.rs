//! The totals of a preview. A few bytes are kept for each affected page.

use std::collections::{BTreeMap, HashMap, HashSet};

use rethread_model::MoveTally;

use super::Relocation;
use crate::{MovePreview, MovedPage};

/// The totals and the first pages of a preview.
#[derive(Debug, Default)]
pub struct Outline {
    tally: MoveTally,
    left: HashSet<i64>,
    joined: HashSet<i64>,
    /// The first pages, by the keys of source and destination. A page that was evicted does not
    /// come again.
    pages: BTreeMap<(String, String), MovedPage>,
}

impl Outline {
    /// Adds the threads of one chunk, each with its number of comments. `there` are the destination
    /// pages that already have comments, by key.
    pub fn add(&mut self, relocations: &[Relocation], comments: &[u64], there: &HashMap<String, i64>) {
        for (relocation, comments) in relocations.iter().zip(comments) {
            self.tally.threads += 1;
            self.tally.comments += comments;
            let Some(page_no) = relocation.thread.page_no else { continue };
            let (from, to) = (relocation.from(), relocation.to());
            let joined = there.get(to).copied().filter(|_| from != to);
            self.left.insert(page_no);
            self.joined.extend(joined);
            let page = self.pages.entry((from.to_owned(), to.to_owned())).or_insert_with(|| MovedPage {
                from: from.to_owned(),
                to: to.to_owned(),
                comments: 0,
                is_merged: joined.is_some(),
            });
            page.comments += comments;
            if self.pages.len() > MovePreview::PAGES {
                self.pages.pop_last();
            }
        }
    }

    /// Adds threads that an undo leaves in place.
    pub fn keep(&mut self, threads: u64) {
        self.tally.kept += threads;
    }

    /// The preview of everything that was added.
    #[must_use]
    pub fn preview(self) -> MovePreview {
        let count = |pages: &HashSet<i64>| u64::try_from(pages.len()).unwrap_or(u64::MAX);
        let tally = MoveTally { pages: count(&self.left), merged: count(&self.joined), ..self.tally };
        MovePreview { tally, pages: self.pages.into_values().collect() }
    }
}
