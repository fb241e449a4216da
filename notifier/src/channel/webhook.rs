//! A webhook signed by the Standard Webhooks scheme
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Client;
use rethread_model::{Clock, Event, Timestamp};
use rethread_runtime::WebhookConfig;
use secrecy::ExposeSecret as _;
use secrecy::zeroize::Zeroizing;
use serde::Serialize;
use sha2::Sha256;
use url::Url;

use super::{Channel, SendError, http};
use crate::notice::Notice;

const SECRET_PREFIX: &str = "whsec_";

pub(super) struct Webhook {
    url: Url,
    key: Zeroizing<Vec<u8>>,
    client: Client,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Omits the key, and the path, in which some services embed a secret.
        f.debug_struct("Webhook").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

/// The request body. The shape is that of the specification; `data` is ours.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    job_id: rethread_model::JobId,
    account: &'a str,
    kind: &'static str,
    state: &'static str,
    vendor: Option<&'static str>,
    error: Option<&'a rethread_model::JobError>,
    url: Option<&'a Url>,
}

impl Webhook {
    pub(super) fn new(config: &WebhookConfig, client: Client, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let form = || "must be whsec_ and 24 to 64 bytes in base64".to_owned();
        let encoded = config.secret.expose_secret().strip_prefix(SECRET_PREFIX).ok_or_else(form)?;
        let key = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| form())?);
        if !(24..=64).contains(&key.len()) {
            return Err(form());
        }
        Ok(Self { url: config.url.clone(), key, client, clock })
    }

    /// `v1,` and the base64 of an HMAC-SHA256 over `id.timestamp.body`.
    fn signature(&self, id: &str, timestamp: &str, body: &[u8]) -> Result<String, SendError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key)
            .map_err(|_| SendError::lasting("the message cannot be signed with this secret"))?;
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

fn body(notice: &Notice) -> serde_json::Result<Vec<u8>> {
    let Event::JobFailed(ended) = &notice.event;
    serde_json::to_vec(&Body {
        r#type: "job.failed",
        timestamp: ended.at,
        data: Data {
            job_id: ended.job,
            account: ended.account.as_str(),
            kind: ended.kind.as_str(),
            state: ended.state.as_str(),
            vendor: ended.vendor.map(rethread_model::Vendor::as_str),
            error: ended.error.as_ref(),
            url: notice.link.as_ref(),
        },
    })
}

#[async_trait]
impl Channel for Webhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn send(&self, notice: &Notice) -> Result<(), SendError> {
        let body = body(notice).map_err(|error| SendError::lasting(error.to_string()))?;
        let id = notice.id().to_string();
        // The time of this attempt: receivers reject messages with an old timestamp.
        let timestamp = self.clock.now().as_second().to_string();
        let signature = self.signature(&id, &timestamp, &body)?;
        let request = self
            .client
            .post(self.url.clone())
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature);
        http::post(request, body).await
    }
}

#[cfg(test)]
mod tests {
    use rethread_model::SystemClock;
    use secrecy::SecretString;

    use super::*;

    fn webhook(secret: &str) -> Result<Webhook, String> {
        let config =
            WebhookConfig { url: "https://example.net/hunter2".parse().unwrap(), secret: SecretString::from(secret) };
        Webhook::new(&config, http::client(config.url.as_str()).unwrap(), Arc::new(SystemClock))
    }

    #[test]
    fn signs_as_the_specification_does() {
        // A test vector of the reference implementations.
        let webhook = webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = webhook.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(signature.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_of_another_form_is_refused_and_not_quoted() {
        for secret in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_hunter2", "whsec_aHVudGVyMg=="] {
            let problem = webhook(secret).unwrap_err();
            assert!(!problem.contains("hunter2") && problem.contains("whsec_ and 24"), "{problem}");
        }
    }

    #[test]
    fn is_shown_without_its_secrets() {
        let shown = format!("{:?}", webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        assert_eq!(shown, "Webhook { host: Some(\"example.net\"), .. }");
    }
}
