#![doc = include_str!("../README.md")]

mod baseline;
mod cli;
mod commento;
mod compare;
mod conversation;
mod counted;
mod disqus;
mod facts;
mod files;
mod fragments;
mod markup;
mod measure;
mod people;
mod prose;
mod random;
mod recipe;
mod size;
mod table;
mod talk;
mod truth;
mod wordpress;
mod words;

use std::io;

use rethread_model::Vendor;

pub use cli::run;
pub use recipe::{Amount, Damage, Recipe};
pub use truth::Truth;

/// Writes the export file that `recipe` describes, and returns its truth. The same recipe gives the
/// same bytes.
///
/// Memory is bounded whatever the number of comments. Fails if `out` does, and for a vendor without
/// a generator.
pub fn generate(recipe: &Recipe, out: &mut dyn io::Write) -> io::Result<Truth> {
    let comments = size::comments_of(recipe)?;
    write_document(recipe, comments, out)
}

fn write_document(recipe: &Recipe, comments: u64, out: &mut dyn io::Write) -> io::Result<Truth> {
    match recipe.vendor {
        Vendor::Disqus => disqus::write(recipe, comments, out),
        Vendor::WordPress => wordpress::write(recipe, comments, out),
        Vendor::Commento => commento::write(recipe, comments, out),
        other => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("there is no generator for {other}; use disqus, wordpress or commento"),
        )),
    }
}
