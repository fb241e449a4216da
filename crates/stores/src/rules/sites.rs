//! What both databases share for sites that sync.

use rethread_model::Origin;

use super::comment_rows::current_status;
use crate::{Site, SiteState};

/// Milliseconds between two events sent to a site.
pub const APART_MS: i64 = 20;

/// Later signs of life of a site within this time are not recorded.
pub const HEARD_RESOLUTION_MS: i64 = 60_000;

/// The condition on the comments of a page that a site can have a copy of: those that readers see
/// or moderators decide on, and its own spam. `origin_no` is the parameter with the number of the
/// site's origin.
#[must_use]
pub fn offered_comments(origin_no: &str) -> String {
    let status = current_status("comments");
    format!("({status} IN ('approved', 'pending') OR {status} = 'spam' AND comments.origin_no = {origin_no})")
}

/// Which of an account's sites has this origin: the linked one, or else the last one.
#[must_use]
pub fn link_of<'s>(sites: &'s [Site], origin: &Origin) -> Option<&'s Site> {
    let of_origin = sites.iter().filter(|site| site.origin() == *origin);
    of_origin.max_by_key(|site| (site.state == SiteState::Linked, site.answered_at, site.id))
}
