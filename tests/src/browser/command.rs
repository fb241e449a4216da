//! Commands that only chromedriver has.

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::Value;
use url::{ParseError, Url};

/// A command below the session's address.
#[derive(Debug)]
pub(super) struct ChromeCommand {
    path: &'static str,
    method: Method,
    body: Option<Value>,
}

impl ChromeCommand {
    /// With a body.
    pub(super) fn post(path: &'static str, body: Value) -> Self {
        Self { path, method: Method::POST, body: Some(body) }
    }

    /// Without one.
    pub(super) fn delete(path: &'static str) -> Self {
        Self { path, method: Method::DELETE, body: None }
    }
}

impl WebDriverCompatibleCommand for ChromeCommand {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.as_ref().map(Value::to_string))
    }
}
