//! Files on their way into the blob store.

mod abort_upload;
mod storage_quota;
mod upload;

pub(crate) use abort_upload::AbortUpload;
pub(crate) use storage_quota::remaining_quota;
pub(crate) use upload::Upload;
