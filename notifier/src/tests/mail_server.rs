//! A mail server that implements enough SMTP (RFC 5321) for one client.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A message received from a client.
#[derive(Debug, Clone, Default)]
pub(super) struct Mail {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    /// Headers and text, with LF line endings.
    pub(super) data: String,
}

pub(super) struct MailServer {
    pub(super) address: SocketAddr,
    pub(super) mails: Arc<Mutex<Vec<Mail>>>,
}

impl MailServer {
    /// Rejects the first `refusals` messages with 451, which asks the client to retry.
    pub(super) async fn start(refusals: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&mails);
        let refusals = Arc::new(Mutex::new(refusals));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&kept), Arc::clone(&refusals)));
            }
        });
        Self { address, mails }
    }
}

async fn converse(stream: TcpStream, mails: Arc<Mutex<Vec<Mail>>>, refusals: Arc<Mutex<usize>>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut mail = Mail::default();
    writer.write_all(b"220 test\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = if let Some(from) = line.strip_prefix("MAIL FROM:") {
            from.clone_into(&mut mail.from);
            "250 ok"
        } else if let Some(to) = line.strip_prefix("RCPT TO:") {
            mail.to.push(to.to_owned());
            "250 ok"
        } else if line == "DATA" {
            writer.write_all(b"354 go on\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                if line == "." {
                    break;
                }
                mail.data += &line;
                mail.data += "\n";
            }
            let mail = std::mem::take(&mut mail);
            let mut refusals = refusals.lock();
            if *refusals > 0 {
                *refusals -= 1;
                "451 try again"
            } else {
                mails.lock().push(mail);
                "250 taken"
            }
        } else if line == "QUIT" {
            let _ = writer.write_all(b"221 bye\r\n").await;
            return;
        } else {
            "250 ok"
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
    }
}
