//! E-mail.

use rethread_runtime::{SmtpConfig, SmtpTls};
use secrecy::SecretString;

use super::mail_server::MailServer;
use super::*;
use crate::check;

fn smtp(server: &MailServer) -> SmtpConfig {
    SmtpConfig {
        host: server.address.ip().to_string(),
        port: server.address.port(),
        tls: SmtpTls::None,
        login: None,
        from: "Rethread <rethread@example.net>".to_owned(),
        to: vec!["ops@example.net".to_owned(), "On Call <oncall@example.net>".to_owned()],
    }
}

#[tokio::test]
async fn operators_get_one_mail_even_when_the_server_asks_to_try_again() {
    let server = MailServer::start(1).await;
    let running = Running::start(NotifierConfig { smtp: Some(smtp(&server)), ..NotifierConfig::default() }).await;
    running.publish().await;
    running.publish().await;
    running.until_done().await;
    let (event, job) = (running.event.id(), running.job.id);
    running.stop().await;

    let mails = server.mails.lock().clone();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert!(mail.from.contains("<rethread@example.net>"), "{mail:?}");
    assert_eq!(mail.to, ["<ops@example.net>", "<oncall@example.net>"]);
    for expected in [
        "Subject: [Rethread] import of account acme failed\n",
        &format!("Message-ID: <{event}@example.net>\n"),
        "Date: Wed, 04 Mar 2026 05:06:07 +0000\n",
        "Auto-Submitted: auto-generated\n",
        &job.to_string(),
        "the file ends <early> & so on (at byte 7)",
    ] {
        assert!(mail.data.contains(expected), "lacks {expected:?}:\n{}", mail.data);
    }
    assert!(!mail.data.contains("comments.xml"), "no personal data:\n{}", mail.data);
}

#[tokio::test]
async fn an_address_that_is_none_is_noticed_before_anything_starts() {
    let server = MailServer::start(0).await;
    let broken = SmtpConfig { to: vec!["@".to_owned()], ..smtp(&server) };
    let config = NotifierConfig { smtp: Some(broken), ..NotifierConfig::default() };
    assert_eq!(check(&config).unwrap_err().to_string(), "\"notifier.smtp\" \"@\" is not an e-mail address");
}

#[tokio::test]
async fn a_password_does_not_show() {
    let server = MailServer::start(0).await;
    let login = Some(("rethread".to_owned(), SecretString::from("hunter2")));
    let config = NotifierConfig {
        smtp: Some(SmtpConfig { login, tls: SmtpTls::StartTls, ..smtp(&server) }),
        ..NotifierConfig::default()
    };
    let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
    let shown = format!("{config:?} {:?}", channels(&config, clock).unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
}
