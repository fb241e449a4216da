//! What is generated from the `.proto` files is what they say.
//!
//! After a change of these files:
//! `UPDATE_GENERATED=1 cargo test -p rethread-proto --test generated`.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a failure ends the test")]

use std::fs;
use std::path::Path;

use prost::Message as _;

const FILES: [&str; 1] = ["rethread/v1/status.proto"];

#[test]
fn the_generated_files_are_those_of_the_proto_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = root.join("src/generated");
    let made = tempfile::tempdir().unwrap();
    // protox compiles them, so that no `protoc` is needed.
    let descriptors = protox::compile(FILES, [root.join("proto")]).expect("the .proto files are valid");
    fs::write(made.path().join("rethread.v1.bin"), descriptors.encode_to_vec()).unwrap();
    tonic_prost_build::configure().btree_map(".").out_dir(made.path()).compile_fds(descriptors).expect("types");

    for name in ["rethread.v1.bin", "rethread.v1.rs"] {
        let generated = fs::read(made.path().join(name)).unwrap();
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            fs::write(committed.join(name), &generated).unwrap();
        }
        let is_same = fs::read(committed.join(name)).is_ok_and(|bytes| bytes == generated);
        assert!(is_same, "src/generated/{name} is not what proto/ says; see the head of this test");
    }
    assert_eq!(fs::read_dir(made.path()).unwrap().count(), 2, "a package without its file here");
}
