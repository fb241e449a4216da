//! Whole imports, by vendor and by what is wrong with the file.

mod batch;
mod commento;
pub(crate) mod damage;
mod differential;
mod disqus;
mod hyvor;
mod intensedebate;
mod justcomments;
mod muut;
mod wordpress;
mod xml;
