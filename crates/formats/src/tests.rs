//! Whole imports, by vendor and by what is wrong with the file.

mod batch;
mod commento;
mod damage;
mod differential;
mod disqus;
mod hyvor;
mod intensedebate;
mod justcomments;
mod muut;
pub(crate) mod samples;
mod wordpress;
mod xml;
