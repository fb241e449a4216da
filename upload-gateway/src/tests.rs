//! The API as its callers see it: a real server on loopback, over the embedded stores and a real status service.

mod access;
mod broken;
mod events;
mod harness;
mod imported;
mod jobs;
mod limits;
mod lists;
mod uploads;
mod wire;
