//! What both databases share for tokens.

/// Later uses of a token within this time are not recorded.
pub const USE_RESOLUTION_MS: i64 = 60_000;
