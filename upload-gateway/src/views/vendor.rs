use rethread_model::Vendor;
use rethread_vendors::{Question, VendorInfo};
use serde::Serialize;
use utoipa::ToSchema;

/// The vendors whose files are read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Vendors)]
pub(crate) struct VendorsView {
    /// In the order of display.
    pub(crate) vendors: Vec<VendorView>,
}

/// A vendor, and what its files leave open.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VendorInfo)]
pub(crate) struct VendorView {
    /// The word that parameters and jobs use.
    vendor: Vendor,
    /// The name for people.
    name: &'static str,
    /// The systems that write these files, by the names that people know.
    products: &'static [&'static str],
    /// What in a file shows that it is this vendor's.
    evidence: &'static str,
    /// Parameters that every import should set, or else takes the default of. `page_key:item` also
    /// names the value that this vendor has besides the default.
    first_questions: Vec<&'static str>,
    /// What else can be said about a file of this vendor. Any file takes `site_url`, `map`,
    /// `overwrite` and `salvage` as well.
    more_questions: Vec<&'static str>,
}

impl From<&'static VendorInfo> for VendorView {
    fn from(info: &'static VendorInfo) -> Self {
        let words = |questions: &'static [Question]| questions.iter().map(|question| question.word()).collect();
        Self {
            vendor: info.vendor,
            name: info.name(),
            products: info.products,
            evidence: info.evidence,
            first_questions: words(info.first_questions),
            more_questions: words(info.more_questions),
        }
    }
}
