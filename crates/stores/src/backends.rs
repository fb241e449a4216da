//! The stores and the queue of one deployment.

use std::sync::Arc;

use crate::{AccountStore, BlobStore, CommentStore, JobStore, Queue, SiteStore};

/// The four backends, and the accounts and sites beside the comments. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Backends {
    /// Uploads.
    pub blobs: Arc<dyn BlobStore>,
    /// Jobs.
    pub jobs: Arc<dyn JobStore>,
    /// Tasks and events.
    pub queue: Arc<dyn Queue>,
    /// Comments.
    pub comments: Arc<dyn CommentStore>,
    /// Tokens.
    pub accounts: Arc<dyn AccountStore>,
    /// Sites that sync their comments automatically.
    pub sites: Arc<dyn SiteStore>,
}

/// What shares one database: comments, accounts, tokens and sites.
#[derive(Debug, Clone)]
pub struct CommentDatabase {
    /// Comments.
    pub comments: Arc<dyn CommentStore>,
    /// Tokens.
    pub accounts: Arc<dyn AccountStore>,
    /// Sites that sync their comments automatically.
    pub sites: Arc<dyn SiteStore>,
}
