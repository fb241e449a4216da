//! The layers around all handlers.

mod protective_headers;
mod rate_limit;
mod rates;
mod request_log;

pub(crate) use protective_headers::{ProtectiveHeaders, protect};
pub(crate) use rate_limit::{Guard, guard};
pub(crate) use request_log::{OwnHeaders, envelope};
