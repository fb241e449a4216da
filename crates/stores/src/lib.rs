#![doc = include_str!("../README.md")]

mod accounts;
mod backends;
mod blobs;
mod comments;
mod diagnosis;
mod error;
mod health;
mod jobs;
pub mod migration;
mod queue;
pub mod retry;
pub mod rules;
mod sites;
pub mod stored_value;

pub use accounts::{
    AccountStore, InvalidTokenId, NewToken, SecretHash, Token, TokenError, TokenId, TokenKind, TokenText, authenticate,
    create_link, create_session, create_token, redeem_link,
};
pub use backends::{Backends, CommentDatabase};
pub use blobs::{BlobKey, BlobPrefix, BlobStore, BlobWriter, ResumableWriter};
pub use comments::{
    Batch, Checkpoint, CommentKey, CommentQuery, CommentReader, CommentStore, ExportDepth, ExportSource, FindingPage,
    ImportBookkeeping, ImportStore, LookupKeys, MovePreview, MoveStep, MoveStore, MovedPage, PageList, PageQuery,
    SharedPage, SiteComments, SitePage, Snapshot, StoredAuthor, StoredComment, StoredCommentPage, StoredFinding,
    StoredPage, StoredRecords, Target,
};
pub use diagnosis::{Diagnosis, Verdict};
pub use error::{Error, ErrorKind, Result};
pub use health::Health;
pub use jobs::{
    JobCounts, JobFilter, JobLife, JobListing, JobPage, JobStore, Overdue, Redelivery, SliceProgress, SliceStart,
    SliceStore, StepReport, apply_in_pass, change, create_job,
};
pub use queue::{Acknowledge, Consumer, Delivery, Depth, Queue};
pub use sites::{
    CopyEvent, KeptCopy, LinkDecision, LinkRequest, Site, SiteCopies, SiteCopy, SiteLinks, SiteState, SiteStore,
    ToldCopy,
};
