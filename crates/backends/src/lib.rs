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
pub use blobs::{Area, BlobKey, BlobStore, BlobWriter, ResumableWriter};
pub use comments::{
    Asked, Batch, Checkpoint, CommentKey, CommentQuery, CommentStore, ExportDepth, FindingPage, Known, MovePreview,
    MoveStep, MovedPage, PageQuery, SharedPage, SitePage, Snapshot, StoredAuthor, StoredComment, StoredCommentPage,
    StoredFinding, StoredPage, StoredPagePage, Target,
};
pub use diagnosis::{Diagnosis, Verdict};
pub use error::{Error, ErrorKind, Result};
pub use jobs::{
    Census, JobFilter, JobPage, JobStore, Overdue, SliceStart, Standing, StepReport, change, change_in_leg, create_job,
};
pub use open::{Backends, Examination, Urls, examine};
pub use queue::{Acknowledge, Consumer, Delivery, Depth, Queue};
pub use sites::{Answer, Ask, KeptCopy, Site, SiteCopy, SiteState, SiteStore, Telling, ToldCopy};
