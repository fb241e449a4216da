#![doc = include_str!("../README.md")]

mod accounts;
mod blobs;
mod comments;
pub mod conformance;
mod diagnosis;
mod error;
#[cfg(feature = "simulation")]
pub mod in_memory;
mod jobs;
mod migration;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
mod queue;
mod sites;
mod sqlite;

pub use accounts::{
    AccountStore, InvalidTokenId, NewToken, SecretHash, Token, TokenError, TokenId, TokenKind, TokenText, authenticate,
    create_link, create_session, create_token, redeem_link,
};
pub use blobs::{BlobKey, BlobPrefix, BlobStore, BlobWriter, ResumableWriter};
pub use comments::{
    Batch, Checkpoint, CommentKey, CommentQuery, CommentStore, ExportDepth, FindingPage, LookupKeys, MovePreview,
    MoveStep, MovedPage, PageList, PageQuery, SharedPage, SitePage, Snapshot, StoredAuthor, StoredComment,
    StoredCommentPage, StoredFinding, StoredPage, StoredRecords, Target,
};
pub use diagnosis::{Diagnosis, Verdict};
pub use error::{Error, ErrorKind, Result};
pub use jobs::{
    JobCounts, JobFilter, JobPage, JobStore, Overdue, SliceProgress, SliceStart, StepReport, apply_in_pass, change,
    create_job,
};
pub use open::{Backends, SeamReport, Urls, examine};
pub use queue::{Acknowledge, Consumer, Delivery, Depth, Queue};
pub use sites::{CopyEvent, KeptCopy, LinkDecision, LinkRequest, Site, SiteCopy, SiteState, SiteStore, ToldCopy};
