//! The dashboard, used in a real browser.

mod desk;
mod hostile;
mod importing;
mod jobs;
mod keyboard;
mod language;
mod resuming;
mod session;
