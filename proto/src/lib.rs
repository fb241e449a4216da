#![doc = include_str!("../README.md")]

mod convert;
mod decode;
mod kinds;

pub use decode::InvalidMessage;

/// The package `rethread.v1`, as generated. The comments of the `.proto` files are its
/// documentation. Committed, since compiling the generator would take a newcomer longer than
/// compiling these types; a test compares.
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, reason = "generated")]
pub mod v1 {
    include!("generated/rethread.v1.rs");
}

/// All `.proto` files in compiled form (an encoded `FileDescriptorSet`), for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/rethread.v1.bin");
