//! Audit lines: who did what, one line each, under the target `audit`. Never a secret, a name, or an e-mail address:
//! people are known by the id of what they showed.

use std::fmt::Display;
use std::net::IpAddr;

use crate::Caller;

/// What was done, or tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// A request came with a token.
    Access,
    /// A session was opened.
    SignIn,
    /// A session was ended by its holder.
    SignOut,
    /// An upload was begun.
    UploadBegun,
    /// An export was begun.
    ExportBegun,
    /// A move was begun.
    MoveBegun,
    /// A request came with the token of a WordPress site.
    SiteAccess,
    /// A WordPress site was linked.
    SiteLinked,
    /// A WordPress site that asked to be linked was refused.
    SiteRefused,
    /// The link of a WordPress site was ended.
    SiteRevoked,
    /// A linked site was asked for its comments.
    SyncBegun,
    /// A job was cancelled.
    Cancel,
    /// A check was confirmed.
    Confirm,
    /// What a job found or made was fetched as a file.
    Download,
    /// A token was made.
    TokenCreated,
    /// A token was revoked.
    TokenRevoked,
    /// A link that opens a session was made.
    LinkCreated,
}

impl AuditAction {
    /// The word in the line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::UploadBegun => "upload_begun",
            Self::ExportBegun => "export_begun",
            Self::MoveBegun => "move_begun",
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
    /// Its id.
    pub request_id: Option<String>,
    /// Who was at the other end of the connection; a proxy, where there is one.
    pub client: Option<IpAddr>,
}

/// Writes that `caller` did something with `object`: a job, or a credential.
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

/// Writes that somebody at the command line of this machine, who needs no token, did something with `object`.
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

/// Writes that somebody was not let in; `reason` is a word.
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
