//! All vendors. This is the only file that knows them by name.

use rethread_model::Vendor;

use crate::format::Format;

/// The format of a vendor's files.
#[must_use]
pub fn of(vendor: Vendor) -> &'static dyn Format {
    match vendor {
        Vendor::Disqus => &crate::disqus::Disqus,
        Vendor::WordPress => &crate::wordpress::WordPress,
        Vendor::Commento => &crate::commento::Commento,
        Vendor::Hyvor => &crate::hyvor::Hyvor,
        Vendor::Muut => &crate::muut::Muut,
        Vendor::IntenseDebate => &crate::intensedebate::IntenseDebate,
        Vendor::JustComments => &crate::justcomments::JustComments,
    }
}
