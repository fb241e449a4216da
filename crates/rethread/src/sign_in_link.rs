//! Links that sign a browser in.

use jiff::ToSpan as _;
use rethread_model::{AccountId, Role};
use rethread_runtime::{AuditAction, Context, audit_local};
use rethread_stores::{NewToken, create_link};

/// How long a link is valid, in minutes: it is meant to be opened at once.
const USABLE_MINUTES: i64 = 15;

/// A single-use link to the dashboard at `dashboard`. The secret is in the fragment, which browsers
/// do not send, so that no server or proxy logs it.
pub(crate) async fn sign_in_link(
    context: &Context,
    account: AccountId,
    name: &str,
    role: Role,
    dashboard: &str,
) -> anyhow::Result<String> {
    let expires_at = context.clock.now().checked_add(USABLE_MINUTES.minutes())?;
    let new = NewToken { account, name: name.to_owned(), role, expires_at: Some(expires_at) };
    let (link, text) = create_link(&*context.backends.accounts, &*context.clock, new).await?;
    audit_local(AuditAction::LinkCreated, &link.id);
    Ok(format!("{dashboard}#link={}", text.expose()))
}
