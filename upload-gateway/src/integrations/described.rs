//! What holds for every route of the protocol, in the API's description.

use utoipa::PartialSchema as _;
use utoipa::ToSchema as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, Ref, RefOr, Response};

use super::failure::Failure;

/// Name of the scheme by which a site shows who it is.
pub(crate) const SITE: &str = "site";

/// How any route of the protocol may refuse.
const REFUSALS: [(&str, &str); 6] = [
    ("400", "`invalid-parameter`, or what the route says itself"),
    ("401", "`token-unknown` or `token-unconfirmed`: nobody has linked a site with this token"),
    ("403", "`token-refused` or `token-revoked`: an admin refused the site, or has ended its link"),
    ("429", "`too-many-requests`; see `retry-after`"),
    ("500", "`internal`: a fault of ours"),
    ("503", "`unavailable`: a server behind this one does not answer"),
];

/// Whether a path is one of the protocol's.
pub(crate) fn is_protocol(path: &str) -> bool {
    path.starts_with(super::BASE)
}

/// Adds to an operation who may call it and how it may refuse, as far as it does not say so itself.
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

/// The schema of a failure, to be put where operations refer to it.
pub(crate) fn failure_schema() -> (String, RefOr<utoipa::openapi::Schema>) {
    (Failure::name().into_owned(), Failure::schema())
}
