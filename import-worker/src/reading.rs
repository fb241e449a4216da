//! Reading blobs as files, on threads that may block.

mod batches;
mod blob_reader;
mod digest;
mod reader;
mod threads;

pub use threads::{SystemThreads, Threads, Wait, Waiter, Work, WorkThread};

pub(crate) use batches::{Portions, ReadError, Reading};
pub(crate) use blob_reader::{BlobReader, is_shorter};
pub(crate) use reader::Reader;
