//! Authentication of callers, shared by the HTTP API and gRPC.

mod authenticator;
mod bearer;
mod caller;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(not(feature = "jwt"))]
#[path = "auth/no_jwt.rs"]
mod jwt;

pub use authenticator::{AuthError, Authenticator, OpenedSession, SignIn};
pub use bearer::bearer_token;
pub use caller::{Caller, Credential};
