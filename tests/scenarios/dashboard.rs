//! The dashboard, used in a real browser.

mod checking;
mod desk;
mod exporting;
mod hostile;
mod importing;
mod jobs;
mod keyboard;
mod language;
mod moving;
mod names;
mod resuming;
mod session;
mod sites;
