//! Where the plugin sends the browser of its admin: to the dashboard's page that asks.

use axum::response::{IntoResponse as _, Redirect, Response};
use http::Uri;

use super::caller::token_in;

/// As the plugin writes them; older versions the second.
pub(crate) const PATHS: [&str; 2] =
    ["/auth/my-account/integrations/v1/confirm", "/auth/my-account/integrations/v1/setup"];

/// `GET` of these: the token goes behind the `#`, where no server sees it again.
pub(crate) async fn lead(uri: Uri) -> Response {
    let token = token_in(&uri).unwrap_or_default();
    let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    Redirect::to(&format!("/#/link/{token}")).into_response()
}
