//! What the outermost layer attaches to a request, and what is noted about it meanwhile.

use std::sync::{Arc, OnceLock};

use rethread_model::AccountId;

/// Facts about a request, collected for its log line while it is handled.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestNote(Arc<OnceLock<AccountId>>);

impl RequestNote {
    /// Records the account of the request.
    pub(crate) fn is_from(&self, account: &AccountId) {
        // Set once; a second extractor of the same request finds the same account.
        let _ = self.0.set(account.clone());
    }

    /// The account of the request, once it was authenticated.
    pub(crate) fn account(&self) -> Option<&AccountId> {
        self.0.get()
    }

    /// Whether the request was authenticated.
    pub(crate) fn is_authenticated(&self) -> bool {
        self.account().is_some()
    }
}

/// The id of a request, for other records about it.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);
