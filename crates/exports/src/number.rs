//! Numbers for files in which ids are numbers: the vendor's where they are numbers, otherwise
//! computed from the item's id. So every export gives the same numbers, and no state is needed.

use rethread_model::{CommentId, ExportedThread, PageId};
use sha2::{Digest, Sha256};

/// Computed numbers start here, and so never equal a vendor's number.
pub(super) const COMPUTED: u64 = 1 << 62;

/// Only vendors' numbers below this limit are kept.
pub(super) const KEPT_BELOW: u64 = 1 << 61;

/// Computed numbers of pages start here and stay below 2^53. WordPress gives posts the number in
/// the file, and its editor, which runs in the browser, cannot represent larger ones.
pub(super) const COMPUTED_PAGE: u64 = 1 << 52;

/// The number that a vendor's id stands for: positive, below the limit, and in canonical form.
pub(super) fn kept(source_id: &str, below: u64) -> Option<u64> {
    let number = source_id.parse().ok().filter(|number| (1..below).contains(number))?;
    (number.to_string() == source_id).then_some(number)
}

/// 62 bits of a hashed id; its version and variant are in the other bits.
pub(super) fn bits(id: CommentId) -> u64 {
    low(id.as_uuid().as_u128(), COMPUTED)
}

/// The computed number of a comment.
pub(super) fn of_comment(id: CommentId) -> u64 {
    COMPUTED | bits(id)
}

/// The computed number of a page.
pub(super) fn of_page(id: PageId) -> u64 {
    COMPUTED_PAGE | low(id.as_uuid().as_u128(), COMPUTED_PAGE)
}

/// The computed number of a thread.
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
        // Fixed: another number would duplicate everything when a second export is imported.
        assert_eq!(of_comment(id), 0x6657_0d7a_34f7_c61a);
    }
}
