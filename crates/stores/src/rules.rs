//! What every store decides in the same way, whatever it writes to, and the text of queries that
//! must be the same for every database. Nothing here does I/O.

pub mod batch;
mod circle;
pub mod comment_cursor;
pub mod comment_details;
pub mod comment_rows;
pub mod description;
pub mod export_cursor;
pub mod exported_comment;
pub mod finding_cursor;
pub mod link_cursor;
pub mod listed_comment;
pub mod listing;
pub mod merged_pages;
pub mod moves;
pub mod needed_tasks;
pub mod redelivery;
pub mod reply_graph;
pub mod resolve_batch;
pub mod signature;
pub mod sites;
pub mod tokens;
