//! The OpenAPI document of a running gateway, and a client that validates every answer against it.

use jsonschema::{Draft, Validator};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Map, Value, json};

use crate::Api;

/// The gateway's description of itself.
#[derive(Debug, Clone)]
pub struct Described {
    api: Api,
    client: Client,
    document: Value,
}

/// An answer that matches the document.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

impl Described {
    /// Fetches the document, which needs no token.
    pub async fn of(api: &Api) -> Self {
        let client =
            rethread_runtime::http_client().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let answer = client.get(api.url("openapi.json")).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let document: Value = answer.json().await.expect("the document is JSON");
        Self { api: api.clone(), client, document }
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Every method and path, such as `/api/v1/jobs/{id}`, with its description.
    #[must_use]
    pub fn operations(&self) -> Vec<(Method, String, &Value)> {
        let paths = self.document["paths"].as_object().expect("paths");
        let operations = paths.iter().flat_map(|(path, item)| {
            item.as_object().expect("a path item").iter().filter_map(move |(key, operation)| {
                let method = match key.as_str() {
                    "parameters" | "summary" | "description" | "servers" => return None,
                    key => key.to_uppercase().parse().expect("a method"),
                };
                Some((method, path.clone(), operation))
            })
        });
        operations.collect()
    }

    /// The example of the body that a route such as `POST /api/v1/moves` takes, if it takes JSON.
    #[must_use]
    pub fn example_of_body(&self, route: &str) -> Option<&Value> {
        let (method, path) = route.split_once(' ')?;
        let operation = &self.document["paths"][path][method.to_lowercase()];
        let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
        self.resolved(schema)["examples"].get(0)
    }

    /// A request to a path such as `/api/v1/jobs?limit=1`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.api.address()))
    }

    /// Sends a request and asserts that the document describes the answer. For live events, which
    /// may never end, only the head is read.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = self.client.execute(request).await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let is_stream = headers.get(CONTENT_TYPE).is_some_and(|media_type| media_type == "text/event-stream");
        let body = if is_stream { Vec::new() } else { answer.bytes().await.expect("a whole answer").to_vec() };
        let answer = Answer { status, headers, body };
        self.hold_against(&method, &path, &answer);
        answer
    }

    /// [`Described::send`] for a GET by the holder of a token.
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    /// Asserts that a value matches one of the document's schemas.
    pub fn hold_against_schema(&self, name: &str, value: &Value) {
        self.hold_value_against(&json!({"$ref": format!("#/components/schemas/{name}")}), value, name);
    }

    fn hold_against(&self, method: &Method, path: &str, answer: &Answer) {
        let what = format!("{method} {path}: {}", answer.status);
        let operation = self.operation(method, path).unwrap_or_else(|| panic!("{what}: not in the document"));
        let described = &operation["responses"][answer.status.as_str()];
        assert!(!described.is_null(), "{what}: no such status in the document: {}", text(&answer.body));
        let described = self.resolved(described);
        for (name, _) in described["headers"].as_object().into_iter().flatten() {
            assert!(answer.headers.contains_key(name), "{what}: no header {name}");
        }
        let Some(contents) = described["content"].as_object() else {
            assert!(answer.body.is_empty(), "{what}: the document has no body: {}", text(&answer.body));
            return;
        };
        let media_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("none");
        let media_type = media_type.split(';').next().unwrap_or_default();
        let content = contents.get(media_type).unwrap_or_else(|| panic!("{what}: {media_type} is not in the document"));
        if media_type.ends_with("json") && *method != Method::HEAD {
            self.hold_value_against(&content["schema"], &answer.json(), &what);
        }
    }

    /// The operation that matches a requested path. `/jobs/events` matches itself before
    /// `/jobs/{id}`.
    fn operation(&self, method: &Method, path: &str) -> Option<&Value> {
        let candidates = self.operations().into_iter().filter(|(candidate, template, _)| {
            let (template, path) = (template.split('/'), path.split('/'));
            candidate == method
                && template.clone().count() == path.clone().count()
                && template.zip(path).all(|(template, given)| template.starts_with('{') || template == given)
        });
        candidates.min_by_key(|(_, template, _)| template.matches('{').count()).map(|(_, _, operation)| operation)
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).expect("what is referred to"),
            None => value,
        }
    }

    fn hold_value_against(&self, schema: &Value, value: &Value, what: &str) {
        let faults: Vec<String> = self.validator(schema).iter_errors(value).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{what} is not as described: {faults:?}\n{value:#}");
    }

    fn validator(&self, schema: &Value) -> Validator {
        let mut root: Map<String, Value> = schema.as_object().expect("a schema").clone();
        root.insert("components".to_owned(), self.document["components"].clone());
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        options.build(&Value::Object(root)).expect("the schema is one")
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}
