//! Limits the number of an account's concurrent uploads.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rethread_model::AccountId;

/// Counts the uploads of each account in this process. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct UploadSlots {
    taken: Arc<Mutex<HashMap<AccountId, usize>>>,
    per_account: usize,
}

/// The permit of one upload; released when dropped.
#[derive(Debug)]
pub(crate) struct UploadSlot {
    slots: UploadSlots,
    account: AccountId,
}

impl UploadSlots {
    pub(crate) fn new(per_account: usize) -> Self {
        Self { taken: Arc::default(), per_account }
    }

    /// Takes a slot, or returns `None` when all slots of the account are in use.
    pub(crate) fn take(&self, account: &AccountId) -> Option<UploadSlot> {
        let mut taken = self.taken.lock();
        let count = taken.get(account).copied().unwrap_or(0);
        if count >= self.per_account {
            return None;
        }
        taken.insert(account.clone(), count + 1);
        Some(UploadSlot { slots: self.clone(), account: account.clone() })
    }
}

impl Drop for UploadSlot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock();
        match taken.get_mut(&self.account) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(taken.remove(&self.account)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_held_to_its_own_limit_only() {
        let slots = UploadSlots::new(2);
        let (ann, ben) = ("ann".parse().unwrap(), "ben".parse().unwrap());
        let first = slots.take(&ann);
        let second = slots.take(&ann);
        assert!(first.is_some() && second.is_some());
        assert!(slots.take(&ann).is_none());
        assert!(slots.take(&ben).is_some());
        drop(first);
        assert!(slots.take(&ann).is_some());
        drop(second);
        assert!(slots.taken.lock().is_empty(), "an account without uploads takes no memory");
    }
}
