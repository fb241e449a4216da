//! What every store decides in the same way, whatever it writes to. Nothing here does I/O.

pub mod batch;
mod circle;
pub mod export_cursor;
pub mod link_cursor;
pub mod moves;
pub mod needed_tasks;
pub mod redelivery;
pub mod reply_graph;
pub mod resolve_batch;
pub mod signature;
pub mod sites;
