//! Numbers for files in which ids are numbers: the vendor's where they are such, else computed from what they stand for,
//! so that every export gives the same one and nothing needs to be remembered.

use rethread_model::{CommentId, ExportedThread, PageId};
use sha2::{Digest, Sha256};

/// What is computed is this or more, and so never a vendor's number.
pub(super) const COMPUTED: u64 = 1 << 62;

/// Vendors' numbers that are kept are less.
pub(super) const KEPT_BELOW: u64 = 1 << 61;

/// Computed numbers of pages are this or more, and less than 2^53. WordPress gives posts the number that the file says,
/// and its editor, as a program in the browser, knows no greater ones.
pub(super) const COMPUTED_PAGE: u64 = 1 << 52;

/// The number that a vendor's id is: positive, less than this, and written as we would write it.
pub(super) fn kept(source_id: &str, below: u64) -> Option<u64> {
    let number = source_id.parse().ok().filter(|number| (1..below).contains(number))?;
    (number.to_string() == source_id).then_some(number)
}

/// 62 bits of an id that is a hash; its version and variant are elsewhere.
pub(super) fn bits(id: CommentId) -> u64 {
    low(id.as_uuid().as_u128(), COMPUTED)
}

/// The number of a comment that has no other.
pub(super) fn of_comment(id: CommentId) -> u64 {
    COMPUTED | bits(id)
}

/// The number of a page that has no other.
pub(super) fn of_page(id: PageId) -> u64 {
    COMPUTED_PAGE | low(id.as_uuid().as_u128(), COMPUTED_PAGE)
}

/// The number of a thread that has no other.
pub(super) fn of_thread(thread: &ExportedThread) -> u64 {
    let mut hash = Sha256::new();
    for part in [thread.vendor.as_str(), thread.origin.as_str(), &thread.thread.source_id] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let first = hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    COMPUTED | low(u128::from(first), COMPUTED)
}

fn low(number: u128, bound: u64) -> u64 {
    u64::try_from(number % u128::from(bound)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_comes_back_the_same_is_kept() {
        assert_eq!(kept("17", 100), Some(17));
        for other in ["0", "-1", "+17", "017", " 17", "100", "1e1", "a", "", "18446744073709551616"] {
            assert_eq!(kept(other, 100), None, "{other:?}");
        }
    }

    #[test]
    fn computed_numbers_are_apart_from_kept_ones_and_positive() {
        let id: CommentId = "1f0eef07-65ba-82ba-a657-0d7a34f7c61a".parse().unwrap();
        let page: PageId = id.to_string().parse().unwrap();
        assert!((COMPUTED..1 << 63).contains(&of_comment(id)));
        assert!((COMPUTED_PAGE..1 << 53).contains(&of_page(page)));
        // Written once; another number would make every import of a second export double everything.
        assert_eq!(of_comment(id), 0x6657_0d7a_34f7_c61a);
    }
}
