//! Tells WordPress's exports from other feeds.

use rethread_syntax::xml::{XmlPrefix, declared_namespaces};

use super::DIALECT;

/// Whether the feed has elements of WordPress. Their namespace may be declared below the root.
pub(super) fn is_export(prefix: &XmlPrefix<'_>) -> bool {
    const DECLARATIONS: [&str; 3] =
        ["=\"http://wordpress.org/export/", "=\"https://wordpress.org/export/", "='http://wordpress.org/export/"];
    prefix.local_name() == "rss"
        && (prefix.tag().contains("wordpress.org/export/")
            || declares_wordpress(prefix.tag())
            || prefix.holds("<wp:")
            || DECLARATIONS.into_iter().any(|declaration| prefix.holds(declaration)))
}

/// Whether the start tag declares WordPress's namespace, in any spelling.
fn declares_wordpress(tag: &str) -> bool {
    declared_namespaces(tag).any(|namespace| DIALECT.namespaces.usual_prefix(&namespace) == Some("wp"))
}
