//! What the API description states for every route of the protocol.

use utoipa::PartialSchema as _;
use utoipa::ToSchema as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, Ref, RefOr, Response};

use super::failure::Failure;

/// Name of the security scheme for sites.
pub(crate) const SITE: &str = "site";

/// Error responses of every route of the protocol.
const REFUSALS: [(&str, &str); 6] = [
    ("400", "`invalid-parameter`, or what the route says itself"),
    ("401", "`token-unknown` or `token-unconfirmed`: nobody has linked a site with this token"),
    ("403", "`token-refused` or `token-revoked`: an admin refused the site, or has ended its link"),
    ("429", "`too-many-requests`; see `retry-after`"),
    ("500", "`internal`: a fault of ours"),
    ("503", "`unavailable`: a server behind this one does not answer"),
];

/// Whether a path belongs to the protocol.
pub(crate) fn is_protocol(path: &str) -> bool {
    path.starts_with(super::BASE)
}

/// Adds the security scheme and error responses to an operation, unless it declares its own.
pub(crate) fn describe(operation: &mut Operation) {
    operation.security.get_or_insert_with(|| vec![SecurityRequirement::new(SITE, [""; 0])]);
    for (status, description) in REFUSALS {
        let refusal = || RefOr::T(Response::new(description));
        operation.responses.responses.entry(status.to_owned()).or_insert_with(refusal);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let failure = Content::new(Some(RefOr::Ref(Ref::from_schema_name(Failure::name()))));
            response.content.insert("application/json".to_owned(), RefOr::T(failure));
        }
    }
}

/// The schema of a failure, for the components that operations refer to.
pub(crate) fn failure_schema() -> (String, RefOr<utoipa::openapi::Schema>) {
    (Failure::name().into_owned(), Failure::schema())
}
