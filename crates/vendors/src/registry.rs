//! All vendors. This is the only file that knows them by name.

use rethread_model::Vendor;

use crate::format::Format;
use crate::info::VendorInfo;

/// In the order of [`Vendor::ALL`].
static VENDORS: [&dyn Format; Vendor::ALL.len()] = [
    &crate::disqus::Disqus,
    &crate::wordpress::WordPress,
    &crate::commento::Commento,
    &crate::hyvor::Hyvor,
    &crate::muut::Muut,
    &crate::intensedebate::IntenseDebate,
    &crate::justcomments::JustComments,
];

/// All vendors, in display order.
pub fn formats() -> impl Iterator<Item = &'static dyn Format> {
    VENDORS.into_iter()
}

/// The format of a vendor's files.
#[must_use]
pub fn format_of(vendor: Vendor) -> &'static dyn Format {
    VENDORS[vendor as usize]
}

/// The facts about all vendors, in display order.
pub fn vendors() -> impl Iterator<Item = &'static VendorInfo> {
    formats().map(Format::info)
}

/// The facts about a vendor.
#[must_use]
pub fn info(vendor: Vendor) -> &'static VendorInfo {
    format_of(vendor).info()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vendor_is_found_by_its_word_in_the_model() {
        let listed: Vec<Vendor> = vendors().map(|info| info.vendor).collect();
        assert_eq!(listed, Vendor::ALL);
        assert!(Vendor::ALL.into_iter().all(|vendor| info(vendor).vendor == vendor));
    }
}
