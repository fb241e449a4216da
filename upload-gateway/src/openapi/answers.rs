//! Error responses common to all routes.

use utoipa::ToSchema;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{
    Components, Content, ContentBuilder, Header, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder,
};

use crate::{integrations, problem};

/// An error response shared by many routes. A route that needs a more specific text declares
/// its own.
struct Refusal {
    status: &'static str,
    name: &'static str,
    description: &'static str,
    header: Option<(&'static str, &'static str)>,
    applies: fn(&Route) -> bool,
}

/// The properties that determine the error responses of a route.
struct Route {
    is_for_everybody: bool,
    has_id: bool,
}

const PROBLEM: &str = "application/problem+json";

const RETRY_AFTER: Option<(&str, &str)> = Some(("retry-after", "Seconds until it is worth another try"));

const REFUSALS: [Refusal; 7] = [
    Refusal {
        status: "400",
        name: "InvalidParameter",
        description: "`invalid-parameter`: a parameter is unknown, given twice or wrong",
        header: None,
        applies: |route| !route.is_for_everybody,
    },
    Refusal {
        status: "401",
        name: "Unauthenticated",
        description: "`unauthenticated`: no token, or not a valid one",
        header: Some(("www-authenticate", "How to show a token")),
        applies: |route| !route.is_for_everybody,
    },
    Refusal {
        status: "403",
        name: "Forbidden",
        description: "`forbidden`: the role does not reach this far; or `csrf`: a session's cookie alone does not suffice",
        header: None,
        applies: |route| !route.is_for_everybody,
    },
    Refusal {
        status: "404",
        name: "NotFound",
        description: "`not-found`: there is no such thing, or not for you",
        header: None,
        applies: |route| route.has_id,
    },
    Refusal {
        status: "429",
        name: "TooManyRequests",
        description: "`too-many-requests`: the token, the address, or its attempts to be let in, are above their rate",
        header: RETRY_AFTER,
        applies: |_| true,
    },
    Refusal {
        status: "500",
        name: "Internal",
        description: "`internal`: a fault of ours; the log has it under the request id",
        header: None,
        applies: |_| true,
    },
    Refusal {
        status: "503",
        name: "Unavailable",
        description: "`unavailable`: a server behind this one does not answer",
        header: RETRY_AFTER,
        applies: |route| !route.is_for_everybody,
    },
];

/// Adds the error responses to the components that operations refer to.
pub(super) fn declare(components: &mut Components) {
    let mut schemas =
        vec![(problem::Document::name().into_owned(), <problem::Document as utoipa::PartialSchema>::schema())];
    problem::Document::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.schemas.extend([integrations::failure_schema()]);
    for refusal in &REFUSALS {
        components.responses.insert(refusal.name.to_owned(), RefOr::T(refusal.response()));
    }
}

/// Adds error responses to an operation, unless it declares its own, and states that each is a
/// problem document.
pub(super) fn add(operation: &mut Operation, has_id: bool) {
    let is_for_everybody =
        operation.security.as_ref().is_some_and(|ways| ways.contains(&SecurityRequirement::default()));
    let route = Route { is_for_everybody, has_id };
    for refusal in REFUSALS.iter().filter(|refusal| (refusal.applies)(&route)) {
        let reference = RefOr::Ref(Ref::from_response_name(refusal.name));
        operation.responses.responses.entry(refusal.status.to_owned()).or_insert(reference);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            response.content.insert(PROBLEM.to_owned(), RefOr::T(problem_content()));
        }
    }
}

fn problem_content() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(problem::Document::name()))).build()
}

impl Refusal {
    fn response(&self) -> Response {
        let problem = Ref::from_schema_name(problem::Document::name());
        let content = ContentBuilder::new().schema(Some(problem)).build();
        let response =
            ResponseBuilder::new().description(self.description).content("application/problem+json", content);
        match self.header {
            Some((name, description)) => response.header(name, text_header(description)),
            None => response,
        }
        .build()
    }
}

fn text_header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String);
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}
