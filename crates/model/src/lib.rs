#![doc = include_str!("../README.md")]

mod account;
mod address;
mod checksum;
mod clock;
mod closing;
mod date_range;
mod digest;
mod elsewhere;
mod event;
mod export;
mod finding;
mod ids;
mod job;
mod mapping;
mod moves;
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
pub use address::{MappingRules, Whereabouts, with_scheme};
pub use checksum::{Checksum, Checksummer};
pub use clock::{Clock, FixedClock, SystemClock};
pub use closing::{Closing, MergedPage};
pub use date_range::DateRange;
pub use digest::{Digest, InvalidDigest};
pub use elsewhere::leads_elsewhere;
pub use event::{Event, JobEnded};
pub use export::{
    ExportFile, ExportFilter, ExportFormat, ExportOptions, ExportResult, ExportTally, Exported, ExportedAuthor,
    ExportedComment, ExportedPage, ExportedThread, Loss, UnknownFormat, UnknownLoss,
};
pub use finding::{Effect, Finding, Position, Reason};
pub use ids::{AuthorId, CommentId, EventId, JobId, PageId, Scope, SiteId, ThreadId, page_id};
pub use job::{
    Change, Checked, Ending, FileFacts, IllegalChange, Job, JobError, JobKind, JobState, Leg, NewJob, Order,
    OriginCount, Phase, Progress, Resumable, Revision, Sync, TimelineEntry, TimelineEvent, UploadWriter,
};
pub use mapping::{InvalidMapping, MappingRule};
pub use moves::{InvalidMove, MoveRule, MoveTally, Mover, Moving, Place, Sought};
pub use options::{ImportOptions, PageKey, PageOptions, Scheme};
pub use page::page_key;
pub use partial::CommentRest;
pub use receipt::{Bytes, FindingCounts, Receipt};
pub use reconciliation::{CommittedStep, Discrepancy, Reconciled, Written};
pub use record::{
    Author, AuthorRef, Comment, Fingerprint, Located, Reaction, Record, Refused, SafeHtml, Signature, Status, TextKind,
    Thread, Timestamp,
};
pub use reply_order::{Reply, parents_first};
pub use slice::{FrameCounts, SliceContent, SliceMismatch, SliceNumber, SliceSource, SliceSpec, Step};
pub use tally::{Outcome, OutcomeCounts, ReadCounts, StatusCounts, Tally};
pub use task::{Task, TaskKind};
pub use trace::{InvalidTraceParent, TraceParent};
pub use vendor::{Origin, UnknownVendor, Vendor};
pub use written_address::{clean_address, without_credentials};
