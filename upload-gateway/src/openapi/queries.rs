//! Queries that several routes share, or that are too long for an attribute.

use rethread_model::{PageKey, Scheme, Vendor};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

/// What `POST /imports` takes. [`crate::options::CreateImportRequest`] reads it, one parameter after the other, so that every refusal
/// names one.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes, and is never made")]
pub(crate) struct ImportQuery {
    /// Refuse a file of another vendor.
    #[param(inline)]
    vendor: Option<VendorOrAuto>,
    /// Read everything, write no comment, tell what would happen.
    dry_run: Option<bool>,
    /// Do so first, then wait for a confirmation and import the same upload; not together with `dry_run`.
    check: Option<bool>,
    /// What pages are known by.
    #[param(inline)]
    page_key: Option<PageKey>,
    /// Of page addresses, for files without (Commento).
    #[param(inline)]
    scheme: Option<Scheme>,
    /// Address of the site, for files that do not name it.
    #[param(format = "uri")]
    site_url: Option<String>,
    /// Rules that replace the beginning of page addresses: CSV with the header `from,to`.
    #[param(example = "from,to\nold.example,new.example\n")]
    map: Option<String>,
    /// Of times without a zone: a name of the IANA database; UTC if absent, with a finding.
    #[param(example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// What to take that is left out otherwise.
    #[param(inline, style = Form, explode = false)]
    include: Option<Vec<Include>>,
    /// What to leave out.
    #[param(inline, style = Form, explode = false)]
    exclude: Option<Vec<Exclude>>,
    /// Read what can be read of a gzip or zip whose checksum does not match, instead of refusing it.
    salvage: Option<bool>,
    /// Let the file replace what is stored, also where that comes from a newer file. Without this, an older file creates what is
    /// missing and updates nothing (`older_file`).
    overwrite: Option<bool>,
    /// Shown to people, nothing else.
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

/// A vendor, or whichever it is.
struct VendorOrAuto;

impl PartialSchema for VendorOrAuto {
    fn schema() -> RefOr<Schema> {
        let words = std::iter::once("auto").chain(Vendor::ALL.iter().map(|vendor| vendor.as_str()));
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).default(Some("auto".into())).into()
    }
}

impl ToSchema for VendorOrAuto {}
