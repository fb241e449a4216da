//! Where the plugin sends its admin's browser: redirects to the dashboard page that asks
//! for confirmation.

use axum::response::{IntoResponse as _, Redirect, Response};
use http::Uri;

use super::caller::token_in;

/// The paths as the plugin writes them; older versions use the second.
pub(crate) const PATHS: [&str; 2] =
    ["/auth/my-account/integrations/v1/confirm", "/auth/my-account/integrations/v1/setup"];

/// `GET` of these paths: moves the token behind the `#`, where no server sees it again.
pub(crate) async fn lead(uri: Uri) -> Response {
    let token = token_in(&uri).unwrap_or_default();
    let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    Redirect::to(&format!("/#/link/{token}")).into_response()
}
