//! Audit lines: who did what, one line per action, under the target `audit`. They never contain a
//! secret, a name or an e-mail address: people are identified by the id of their credential.

use std::fmt::Display;
use std::net::IpAddr;

use rethread_model::JobKind;

use crate::Caller;

/// What was done or attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// A request carried a token.
    Access,
    /// A session was opened.
    SignIn,
    /// A session was ended by its owner.
    SignOut,
    /// A job of this kind was started.
    Begun(JobKind),
    /// A request carried the token of a WordPress site.
    SiteAccess,
    /// A WordPress site was linked.
    SiteLinked,
    /// A request to link a WordPress site was rejected.
    SiteRefused,
    /// The link of a WordPress site was revoked.
    SiteRevoked,
    /// A sync of a linked site was requested.
    SyncBegun,
    /// A job was cancelled.
    Cancel,
    /// A check was confirmed.
    Confirm,
    /// The findings or the result of a job were downloaded.
    Download,
    /// A token was created.
    TokenCreated,
    /// A token was revoked.
    TokenRevoked,
    /// A sign-in link was created.
    LinkCreated,
}

impl AuditAction {
    /// The name in the audit line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::Begun(kind) => kind.facts().audit_action,
            Self::SiteAccess => "site_access",
            Self::SiteLinked => "site_linked",
            Self::SiteRefused => "site_refused",
            Self::SiteRevoked => "site_revoked",
            Self::SyncBegun => "sync_begun",
            Self::Cancel => "cancel",
            Self::Confirm => "confirm",
            Self::Download => "download",
            Self::TokenCreated => "token_created",
            Self::TokenRevoked => "token_revoked",
            Self::LinkCreated => "link_created",
        }
    }
}

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditContext {
    /// The id of the request.
    pub request_id: Option<String>,
    /// The peer of the connection; a proxy, if there is one.
    pub client: Option<IpAddr>,
}

/// Records that `caller` performed `action` on `object`: a job, or a credential.
pub fn audit(action: AuditAction, caller: &Caller, object: impl Display, trail: &AuditContext) {
    let AuditContext { request_id, client } = trail;
    tracing::info!(
        target: "audit",
        caller = %caller.credential,
        audit.action = action.as_str(),
        audit.outcome = "done",
        audit.object = %object,
        account = %caller.principal.account,
        role = caller.principal.role.as_str(),
        client = client.map(tracing::field::display),
        request.id = request_id.as_deref(),
        "audit: {} {object}", action.as_str()
    );
}

/// Records that `action` was performed on `object` from this machine's command line, which needs
/// no token.
pub fn audit_local(action: AuditAction, object: impl Display) {
    tracing::info!(
        target: "audit",
        caller = "command_line",
        audit.action = action.as_str(),
        audit.outcome = "done",
        audit.object = %object,
        "audit: {} {object}", action.as_str()
    );
}

/// Records that access was denied; `reason` is a single word.
pub fn audit_refused(action: AuditAction, reason: &str, trail: &AuditContext) {
    let AuditContext { request_id, client } = trail;
    tracing::info!(
        target: "audit",
        client = client.map(tracing::field::display),
        audit.action = action.as_str(),
        audit.outcome = "refused",
        audit.reason = reason,
        request.id = request_id.as_deref(),
        "audit: {} refused: {reason}", action.as_str()
    );
}
