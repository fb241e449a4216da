//! `token`.

use std::process::ExitCode;

use anyhow::bail;
use jiff::ToSpan;
use rethread_backends::{NewToken, create_token};
use rethread_runtime::Config;

use crate::cli::TokenCommand;
use crate::embedded;

/// Makes, lists or revokes tokens.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn run(config: &Config, command: TokenCommand) -> anyhow::Result<ExitCode> {
    let context = embedded::open(config).await?;
    let accounts = &*context.backends.accounts;
    match command {
        TokenCommand::Create { account, name, role, expires_in_days } => {
            let now = context.clock.now();
            let expires_at = expires_in_days.map(|days| now.checked_add((i64::from(days) * 24).hours())).transpose()?;
            let new = NewToken { account, name, role, expires_at };
            let (_, text) = create_token(accounts, &*context.clock, new).await?;
            println!("{}", text.expose());
        }
        TokenCommand::List { account } => {
            for token in accounts.tokens(&account).await? {
                let state = if token.revoked_at.is_some() { "revoked" } else { "valid" };
                let expiry = token.expires_at.map_or("never expires".to_owned(), |at| format!("expires {at}"));
                println!("{}  {:<8}  {state:<7}  {expiry}  {}", token.id, token.role.as_str(), token.name);
            }
        }
        TokenCommand::Revoke { account, id } => {
            if !accounts.revoke(&account, &id.parse()?, context.clock.now()).await? {
                bail!("account {account} has no token {id}");
            }
            println!("revoked {id}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
