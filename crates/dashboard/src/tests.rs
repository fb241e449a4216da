//! What browsers receive, and whether modules and catalogues match.

mod catalogues;
mod serving;
