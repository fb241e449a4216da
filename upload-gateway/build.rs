//! The dashboard's files are part of the binary; the macro that embeds them does not see when one is added.

fn main() {
    println!("cargo::rerun-if-changed=dashboard");
}
