//! A job's timeline.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One entry in a job's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineEntry {
    /// When it happened.
    pub at: Timestamp,
    /// The event, for programs.
    pub event: TimelineEvent,
    /// The event, for people.
    pub text: String,
}

/// The kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimelineEvent {
    /// The job was created.
    Created,
    /// The file is complete.
    Uploaded,
    /// The file was recognised and cut into slices.
    Planned,
    /// The linked site has sent all its comments.
    AllSent,
    /// An admin requested cancellation.
    CancelRequested,
    /// The job could not continue.
    Fault,
    /// Reading has ended.
    Finishing,
    /// The file was checked; an admin must decide whether to import it.
    Checked,
    /// An admin confirmed the import.
    Confirmed,
    /// The upload and its slices were deleted.
    UploadDeleted,
    /// The export's file is complete.
    Exported,
    /// The export's file was deleted.
    FileDeleted,
    /// All threads of a move were moved.
    Moved,
    /// The job ended successfully.
    Succeeded,
    /// The job ended with an error.
    Failed,
    /// The job ended at an admin's request.
    Cancelled,
}

impl TimelineEvent {
    /// The word used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Uploaded => "uploaded",
            Self::Planned => "planned",
            Self::AllSent => "all_sent",
            Self::CancelRequested => "cancel_requested",
            Self::Fault => "fault",
            Self::Finishing => "finishing",
            Self::Checked => "checked",
            Self::Confirmed => "confirmed",
            Self::UploadDeleted => "upload_deleted",
            Self::Exported => "exported",
            Self::FileDeleted => "file_deleted",
            Self::Moved => "moved",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}
