//! What handlers take from a request: who calls, with which parameters, and the body.

pub(crate) mod auth;
mod body;
mod client;
pub(crate) mod csrf;
pub(crate) mod cursor;
mod min_rate_body;
mod options;
mod params;
mod path;
pub(crate) mod request_body;
mod request_note;

pub(crate) use auth::{Admin, Session, ShownToken, Watcher};
pub(crate) use body::{JsonBody, Shape};
pub(crate) use client::{client_address, is_by_unknown_proxy};
pub(crate) use min_rate_body::{MinRate, MinRateBody};
pub(crate) use options::{CreateImportRequest, site_url};
pub(crate) use params::Params;
pub(crate) use path::Id;
pub(crate) use request_note::{RequestId, RequestNote};
