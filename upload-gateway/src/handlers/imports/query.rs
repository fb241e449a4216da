//! The description of the query of `POST /imports`, which is too long for an attribute.

use rethread_model::{PageKey, Scheme, Vendor};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

/// The parameters of `POST /imports`. [`crate::extract::CreateImportRequest`] reads them one by
/// one, so that every error names its parameter.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes, and is never made")]
pub(crate) struct ImportQuery {
    /// Reject a file of another vendor.
    #[param(inline)]
    vendor: Option<VendorOrAuto>,
    /// Read everything and report what would happen, but write no comment.
    dry_run: Option<bool>,
    /// Perform a dry run first, then wait for a confirmation and import the same upload. Cannot be
    /// combined with `dry_run`.
    check: Option<bool>,
    /// What identifies pages.
    #[param(inline)]
    page_key: Option<PageKey>,
    /// Scheme of page addresses, for files without one (Commento).
    #[param(inline)]
    scheme: Option<Scheme>,
    /// Address of the site, for files that do not name it.
    #[param(format = "uri")]
    site_url: Option<String>,
    /// Rules that replace prefixes of page addresses: CSV with the header `from,to`.
    #[param(example = "from,to\nold.example,new.example\n")]
    map: Option<String>,
    /// Time zone of times without one: a name of the IANA database; UTC if absent, with a finding.
    #[param(example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// What to import that is left out by default.
    #[param(inline, style = Form, explode = false)]
    include: Option<Vec<Include>>,
    /// What to leave out.
    #[param(inline, style = Form, explode = false)]
    exclude: Option<Vec<Exclude>>,
    /// Read what is readable of a gzip or zip whose checksum does not match, instead of rejecting
    /// the file.
    salvage: Option<bool>,
    /// Let the file replace stored comments, even those from a newer file. Without this, an older
    /// file creates what is missing and updates nothing (`older_file`).
    overwrite: Option<bool>,
    /// Used for display only.
    #[param(example = "export.xml.gz")]
    file_name: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
#[expect(dead_code, reason = "describes, and is never made")]
enum Include {
    Pingbacks,
    IpAddresses,
}

#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
#[expect(dead_code, reason = "describes, and is never made")]
enum Exclude {
    Spam,
}

/// A vendor, or `auto` for any.
struct VendorOrAuto;

impl PartialSchema for VendorOrAuto {
    fn schema() -> RefOr<Schema> {
        let words = std::iter::once("auto").chain(Vendor::ALL.iter().map(|vendor| vendor.as_str()));
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).default(Some("auto".into())).into()
    }
}

impl ToSchema for VendorOrAuto {}
