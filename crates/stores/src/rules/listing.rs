//! How lists are cut into pages.

use rethread_model::{AccountId, Reach};

use crate::JobFilter;

/// The maximum number of jobs, pages or comments in one page of a list.
pub const MAX_LISTED: u32 = 200;
/// The maximum number of findings in one page of a list.
pub const MAX_FINDINGS: u32 = 1_000;

/// The size of a page for which `requested` entries were requested: at least one, at most `max`. A
/// store reads one more, which shows whether there are more.
#[must_use]
pub fn page_size(requested: u32, max: u32) -> u32 {
    requested.clamp(1, max)
}

/// Truncates what was read to the size of the page, and returns whether there are more.
pub fn cut<T>(read: &mut Vec<T>, page_size: u32) -> bool {
    let page_size = page_size as usize;
    let has_more = read.len() > page_size;
    read.truncate(page_size);
    has_more
}

/// The accounts whose jobs a list contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedAccounts<'a> {
    /// None: the caller requested an account that is out of reach.
    None,
    /// One.
    One(&'a AccountId),
    /// All.
    All,
}

impl<'a> ListedAccounts<'a> {
    /// The accounts that a filter selects within the reach of a caller.
    #[must_use]
    pub fn of(reach: &'a Reach, filter: &'a JobFilter) -> Self {
        match (reach, &filter.account) {
            (Reach::Account(own), Some(requested)) if own != requested => Self::None,
            (Reach::Account(own), _) => Self::One(own),
            (Reach::All, Some(requested)) => Self::One(requested),
            (Reach::All, None) => Self::All,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_neither_empty_nor_too_large() {
        assert_eq!([0, 1, 200, 201].map(|requested| page_size(requested, MAX_LISTED)), [1, 1, 200, 200]);
        let mut read = vec![1, 2, 3];
        assert!(cut(&mut read, 2) && read == [1, 2]);
        assert!(!cut(&mut read, 2) && read == [1, 2]);
    }

    #[test]
    fn a_filter_never_widens_the_reach() {
        let [own, other]: [AccountId; 2] = ["a", "b"].map(|name| name.parse().unwrap());
        let filter = |account: Option<&AccountId>| JobFilter { account: account.cloned(), ..JobFilter::default() };
        let reach = Reach::Account(own.clone());
        assert_eq!(ListedAccounts::of(&reach, &filter(None)), ListedAccounts::One(&own));
        assert_eq!(ListedAccounts::of(&reach, &filter(Some(&own))), ListedAccounts::One(&own));
        assert_eq!(ListedAccounts::of(&reach, &filter(Some(&other))), ListedAccounts::None);
        assert_eq!(ListedAccounts::of(&Reach::All, &filter(Some(&other))), ListedAccounts::One(&other));
        assert_eq!(ListedAccounts::of(&Reach::All, &filter(None)), ListedAccounts::All);
    }
}
