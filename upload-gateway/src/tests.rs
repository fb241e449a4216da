//! The API as its callers see it: a real server on loopback, over the embedded stores and a real status service.

mod access;
mod broken;
mod checked;
mod events;
mod harness;
mod imported;
mod jobs;
mod lists;
mod live_list;
mod uploads;
mod wire;
