//! The API as its callers see it: a real server on loopback, over the embedded stores and a real status service.

mod access;
mod broken;
mod detect;
mod events;
mod harness;
mod imported;
mod jobs;
mod lists;
mod resumable;
mod stored;
mod tus;
mod uploads;
mod wire;
