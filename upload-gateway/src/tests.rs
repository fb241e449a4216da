//! The API as its callers see it: a real server on loopback, over the embedded stores and a real
//! status service.

mod access;
mod audit;
mod broken;
mod checked;
mod dashboard;
mod detect;
mod encrypted;
mod events;
mod exports;
mod harness;
mod imported;
mod jobs;
mod jwt;
mod limits;
mod lists;
mod live_list;
mod resumable;
mod session;
mod storage_quota;
mod tokens;
mod tus;
mod uploads;
mod vendors;
mod wire;
