//! Who may call a route, and how callers authenticate.

use utoipa::openapi::Components;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

use crate::integrations;

/// Names of the security schemes. Handlers that require a session use the last two.
const BEARER: &str = "bearer";
const SESSION: &str = "session";
const CSRF: &str = "csrf";

const COOKIE_DESCRIPTION: &str = "The cookie that `POST /api/v1/session` sets; `__Host-rethread_session` where the server \
    is reached by https. A bearer token wins over it.";
const CSRF_DESCRIPTION: &str = "`csrf` of the session; wanted beside the cookie by all that may change something";

const SITE_DESCRIPTION: &str = "The token that a WordPress site's plugin made, once an admin has linked the site";

/// Adds the schemes to the components that operations refer to.
pub(super) fn declare(components: &mut Components) {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("rt_<id>_<secret>")
        .description(Some("A token, as `rethread token create` prints it, or one of the identity provider"))
        .build();
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description("rethread_session", COOKIE_DESCRIPTION));
    let csrf = ApiKey::Header(ApiKeyValue::with_description("x-csrf-token", CSRF_DESCRIPTION));
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(cookie));
    components.add_security_scheme(CSRF, SecurityScheme::ApiKey(csrf));
    let site = ApiKey::Query(ApiKeyValue::with_description("token", SITE_DESCRIPTION));
    components.add_security_scheme(integrations::SITE, SecurityScheme::ApiKey(site));
}

/// A public route, or one for sessions only, declares that itself; all others require a token or
/// a session.
pub(super) fn add(operation: &mut Operation, changes_something: bool) {
    operation.security.get_or_insert_with(|| {
        let session = SecurityRequirement::new(SESSION, [""; 0]);
        let session = if changes_something { session.add(CSRF, [""; 0]) } else { session };
        vec![SecurityRequirement::new(BEARER, [""; 0]), session]
    });
}
