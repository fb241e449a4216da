//! Rebuilds the crate when a dashboard file is added: the macro that embeds the files does not
//! detect new ones.

fn main() {
    println!("cargo::rerun-if-changed=static");
}
