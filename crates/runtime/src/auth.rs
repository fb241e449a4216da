//! Who calls: one way to tell for the HTTP API and for gRPC.

mod authenticator;
mod bearer;
mod caller;
mod jwt;

pub use authenticator::{AuthError, Authenticator, OpenedSession, SignIn};
pub use bearer::bearer_token;
pub use caller::{Caller, Credential};
