//! CDATA sections.

/// The start of a CDATA section.
pub(super) const CDATA: &str = "<![CDATA[";

/// The terminator of a CDATA section.
pub(super) const SECTION_END: &[u8] = b"]]>";

/// Section ends are searched in steps of this size, so that a file without any takes no longer.
pub(super) const BLOCK_BYTES: usize = 64 * 1024;
