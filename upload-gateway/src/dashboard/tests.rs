//! What browsers get, and what the modules and catalogues promise each other.

mod catalogues;
mod serving;
