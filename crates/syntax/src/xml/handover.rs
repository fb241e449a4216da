//! The place where strict framing ends.

use crate::framing::FrameKind;

/// Where the lenient framer takes over.
#[derive(Debug, Default)]
pub struct Handover {
    /// The window before it was framed or holds no record.
    pub at: usize,
    /// Set if `at` lies in an oversized record of this kind, which is skipped.
    pub passed_over: Option<FrameKind>,
    /// The terminator of the section in which `at` lies.
    pub section: Option<&'static [u8]>,
    /// The root's name as written, if the root has begun.
    pub root: Option<String>,
    /// Whether the root has ended.
    pub is_root_closed: bool,
}
