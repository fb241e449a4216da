//! `token`.

use std::process::ExitCode;

use rethread_model::{AccountId, Timestamp};
use rethread_runtime::{AuditAction, Config, Context, audit_local};
use rethread_stores::{AccountStore, NewToken, Token, TokenId, TokenKind, create_token};
use serde_json::json;

use crate::cli::TokenCommand;
use crate::embedded;
use crate::failure::Failure;
use crate::sign_in_link::sign_in_link;

/// Creates, lists or revokes tokens.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn run(config: &Config, command: TokenCommand) -> anyhow::Result<ExitCode> {
    let context = embedded::open(config).await?;
    let accounts = &*context.backends.accounts;
    match command {
        TokenCommand::Create { account, name, role, expires } => {
            let expires_at = expires.map(|expiry| expiry.from(context.clock.now())).transpose()?;
            let new = NewToken { account, name, role, expires_at };
            let (token, text) = create_token(accounts, &*context.clock, new).await?;
            audit_local(AuditAction::TokenCreated, &token.id);
            println!("{}", text.expose());
        }
        TokenCommand::Link { account, name, role } => {
            let dashboard = config.dashboard_url(config.http);
            println!("{}", sign_in_link(&context, account, &name, role, &dashboard).await?);
        }
        TokenCommand::List { account, sessions, json } => list(&context, &account, sessions, json).await?,
        TokenCommand::Revoke { id, account } => {
            let account = owner(accounts, &id, account).await?;
            if !accounts.revoke(&account, &id, context.clock.now()).await? {
                let message = format!("account {account} has no token {id}");
                return Err(Failure::usage("no_such_token", message).into());
            }
            audit_local(AuditAction::TokenRevoked, &id);
            println!("revoked {id}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The account of a token. Fails if it differs from `expected`.
async fn owner(accounts: &dyn AccountStore, id: &TokenId, expected: Option<AccountId>) -> anyhow::Result<AccountId> {
    if let Some(account) = expected {
        return Ok(account);
    }
    let found = accounts.find(id).await?.map(|(token, _)| token.account);
    Ok(found.ok_or_else(|| Failure::usage("no_such_token", format!("there is no token {id}")))?)
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
async fn list(context: &Context, account: &AccountId, with_sessions: bool, is_json: bool) -> anyhow::Result<()> {
    let now = context.clock.now();
    let tokens = context.backends.accounts.tokens(account).await?;
    let shown = tokens.iter().filter(|token| with_sessions || token.kind == TokenKind::Token);
    if is_json {
        let shown: Vec<_> = shown.map(|token| as_json(token, now)).collect();
        println!("{}", serde_json::to_string_pretty(&json!({"tokens": shown}))?);
        return Ok(());
    }
    for token in shown {
        let at = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M");
        let expiry = token.expires_at.map_or_else(|| "never expires".to_owned(), |end| format!("until {}", at(end)));
        let last_use = token.last_used_at.map_or_else(|| "never used".to_owned(), |last| format!("used {}", at(last)));
        println!(
            "{}  {:<7}  {:<8}  {:<7}  {expiry:<22}  {last_use:<21}  {}",
            token.id,
            token.kind.as_str(),
            token.role.as_str(),
            state(token, now),
            token.name
        );
    }
    Ok(())
}

fn as_json(token: &Token, now: Timestamp) -> serde_json::Value {
    json!({
        "id": token.id.as_str(),
        "kind": token.kind.as_str(),
        "name": token.name,
        "role": token.role.as_str(),
        "state": state(token, now),
        "parent": token.parent.as_ref().map(TokenId::as_str),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "last_used_at": token.last_used_at,
    })
}

fn state(token: &Token, now: Timestamp) -> &'static str {
    match token {
        _ if token.is_valid(now) => "valid",
        Token { kind: TokenKind::Link, last_used_at: Some(_), .. } => "used",
        Token { revoked_at: Some(_), .. } => "revoked",
        _ => "expired",
    }
}
