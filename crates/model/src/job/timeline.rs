//! What happened to a job and when.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One line of a job's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// What, for programs.
    pub event: TimelineEvent,
    /// What, for people.
    pub text: String,
}

/// The kinds of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimelineEvent {
    /// The job was made.
    Created,
    /// The file is whole.
    Uploaded,
    /// The file was recognised and cut into slices.
    Planned,
    /// The linked site has sent all its comments.
    AllSent,
    /// An admin asked for the end.
    CancelRequested,
    /// Something made it impossible to go on.
    Fault,
    /// Everything that will be read was read.
    Finishing,
    /// The file was checked; an admin is to say whether to import it.
    Checked,
    /// An admin said so.
    Confirmed,
    /// The upload and its slices were deleted.
    UploadDeleted,
    /// The export's file is whole.
    Exported,
    /// The export's file was deleted.
    FileDeleted,
    /// All threads of a move were moved.
    Moved,
    /// Ended well.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// Ended at an admin's wish.
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
