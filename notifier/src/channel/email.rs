//! E-mail.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use rethread_model::Clock;
use rethread_runtime::{SmtpConfig, SmtpTls};
use secrecy::ExposeSecret as _;

use super::{Channel, SendError};
use crate::notice::Notice;

const TIMEOUT: Duration = Duration::from_secs(20);

pub(super) struct Email {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Email").field("recipients", &self.to.len()).finish_non_exhaustive()
    }
}

impl Email {
    pub(super) fn new(config: &SmtpConfig, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let builder = match config.tls {
            SmtpTls::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)),
            SmtpTls::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&config.host),
            SmtpTls::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&config.host),
        };
        let mut builder =
            builder.map_err(|error| format!("cannot be used: {error}"))?.port(config.port).timeout(Some(TIMEOUT));
        if let Some((username, password)) = &config.login {
            builder = builder.credentials(Credentials::new(username.clone(), password.expose_secret().to_owned()));
        }
        let mailbox =
            |text: &String| text.parse::<Mailbox>().map_err(|_| format!("\"{text}\" is not an e-mail address"));
        let to = config.to.iter().map(mailbox).collect::<Result<_, _>>()?;
        Ok(Self { transport: builder.build(), from: mailbox(&config.from)?, to, clock })
    }

    fn message(&self, notice: &Notice) -> Result<Message, lettre::error::Error> {
        let domain = self.from.email.domain();
        // The same for every copy, so that mail clients show only one.
        let message_id = format!("<{}@{domain}>", notice.id());
        let date = SystemTime::from(self.clock.now());
        // RFC 3834: suppresses out-of-office replies.
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(format!("[Rethread] {}", notice.subject))
            .message_id(Some(message_id))
            .date(date)
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN);
        for recipient in &self.to {
            message = message.to(recipient.clone());
        }
        message.body(format!("{}\n", notice.text))
    }
}

#[async_trait]
impl Channel for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    async fn send(&self, notice: &Notice) -> Result<(), SendError> {
        let message = self.message(notice).map_err(|error| SendError::lasting(error.to_string()))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(SendError::lasting(error.to_string())),
            Err(error) => Err(SendError::passing(error.to_string())),
        }
    }
}
