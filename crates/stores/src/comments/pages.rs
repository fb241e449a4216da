//! Pages as listed.

use rethread_model::{PageId, Reaction};

use crate::Result;

/// Which pages to list.
#[derive(Debug, Clone, Default)]
pub struct PageQuery {
    /// Only pages whose key, address or title contains this text.
    pub search: Option<String>,
    /// The [`StoredPage::url_id`] of the last page of the previous list.
    pub after: Option<String>,
    /// The page size, 1 to 200.
    pub limit: u32,
}

/// A page with comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPage {
    /// Its id.
    pub id: PageId,
    /// Its key.
    pub url_id: String,
    /// The address of one of its threads.
    pub url: Option<String>,
    /// The first [`StoredPage::URLS`] distinct addresses of its threads, in alphabetical order.
    pub urls: Vec<String>,
    /// The number of distinct addresses of its threads.
    pub url_count: i64,
    /// The title of one of its threads, at most [`StoredPage::TITLE_CHARACTERS`]; plain text.
    pub title: Option<String>,
    /// The number of comments, in all states.
    pub comments: i64,
    /// The sums ([`Reaction::sum`]) over its threads with comments, as of the last
    /// [`crate::ImportStore::finalize`] that touched the page.
    pub reactions: Vec<Reaction>,
}

impl StoredPage {
    /// The maximum number of addresses in [`StoredPage::urls`].
    pub const URLS: usize = 20;

    /// The maximum length of [`StoredPage::title`]; longer titles are cut.
    pub const TITLE_CHARACTERS: usize = 1_000;

    fn listed_bytes(&self) -> usize {
        let texts = [&self.url, &self.title].into_iter().flatten().chain(&self.urls);
        self.url_id.len() + texts.map(String::len).sum::<usize>()
    }
}

/// A page of pages, by key. Ends early if they add up to more than [`PageList::BYTES`].
#[derive(Debug, Clone)]
pub struct PageList {
    /// The pages.
    pub pages: Vec<StoredPage>,
    /// Whether there are more.
    pub has_more: bool,
}

impl PageList {
    /// A list ends after this many bytes of keys, addresses and titles, whatever its limit.
    pub const BYTES: usize = 4 << 20;

    /// A list of these pages, in order, of which there may be one more than `limit`.
    pub fn of<E>(found: impl IntoIterator<Item = Result<StoredPage, E>>, limit: u32) -> Result<Self, E> {
        let mut list = Self { pages: Vec::new(), has_more: false };
        let mut bytes = 0;
        for page in found {
            let page = page?;
            bytes += page.listed_bytes();
            if list.pages.len() == limit as usize || (bytes > Self::BYTES && !list.pages.is_empty()) {
                list.has_more = true;
                break;
            }
            list.pages.push(page);
        }
        Ok(list)
    }
}
