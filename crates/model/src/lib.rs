#![doc = include_str!("../README.md")]

mod account;
mod address;
mod checksum;
mod clock;
mod date_range;
mod digest;
mod event;
mod export;
mod finding;
mod ids;
mod import_summary;
mod job;
pub mod kinds;
mod mapping;
mod moves;
mod non_production;
mod options;
mod page;
mod partial;
mod receipt;
mod reconciliation;
mod record;
mod reply_order;
mod slice;
mod tally;
mod task;
pub mod testing;
mod trace;
mod vendor;
mod written_address;

pub use account::{AccountId, InvalidAccount, Principal, Reach, Role};
pub use address::{MappingRules, PageLocation, with_scheme};
pub use checksum::{Checksum, Checksummer};
pub use clock::{Clock, FixedClock, SystemClock};
pub use date_range::DateRange;
pub use digest::{Digest, InvalidDigest};
pub use event::{Event, JobEnded};
pub use export::{
    ExportFile, ExportFilter, ExportFormat, ExportOptions, ExportResult, ExportTally, Exported, ExportedAuthor,
    ExportedComment, ExportedPage, ExportedThread, Loss, UnknownFormat, UnknownLoss,
};
pub use finding::{Effect, Finding, Position, Reason};
pub use ids::{AuthorId, CommentId, EventId, JobId, PageId, Scope, SiteId, ThreadId, page_id};
pub use import_summary::{ImportSummary, MergedPage};
pub use job::{
    Change, Checked, Ending, FileFacts, IllegalChange, Job, JobError, JobState, NewJob, OriginCount, Pass, Progress,
    Resumable, Revision, SiteSync, TimelineEntry, TimelineEvent, UploadWriter,
};
pub use kinds::{JobKind, JobResults, JobSpec, Phase, TaskKind};
pub use mapping::{InvalidMapping, MappingRule};
pub use moves::{InvalidMove, MoveFilter, MoveMatcher, MoveRule, MoveTally, MoveTarget, Moving};
pub use non_production::leads_elsewhere;
pub use options::{ImportOptions, PageKey, PageOptions, Scheme};
pub use page::page_key;
pub use partial::StoredFields;
pub use receipt::{Bytes, FindingCounts, Receipt};
pub use reconciliation::{CommittedStep, Discrepancy, Reconciled, Written};
pub use record::{
    Author, AuthorRef, Comment, CommentDetails, Fingerprint, Located, Reaction, Record, Refused, SafeHtml, Signature,
    Status, TextKind, Thread, Timestamp,
};
pub use reply_order::{Reply, parents_first};
pub use slice::{FrameCounts, SliceContent, SliceMismatch, SliceNumber, SliceSource, SliceSpec, Step};
pub use tally::{Outcome, OutcomeCounts, ReadCounts, StatusCounts, Tally};
pub use task::Task;
pub use trace::{InvalidTraceParent, TraceParent};
pub use vendor::{Origin, UnknownVendor, Vendor};
pub use written_address::{clean_address, without_credentials};
