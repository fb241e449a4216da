//! What both databases share for sites that sync.

use rethread_model::Origin;

use crate::{Site, SiteState};

/// Milliseconds between two events sent to a site.
pub const APART_MS: i64 = 20;

/// Which of an account's sites has this origin: the linked one, or else the last one.
#[must_use]
pub fn link_of<'s>(sites: &'s [Site], origin: &Origin) -> Option<&'s Site> {
    let of_origin = sites.iter().filter(|site| site.origin() == *origin);
    of_origin.max_by_key(|site| (site.state == SiteState::Linked, site.answered_at, site.id))
}
