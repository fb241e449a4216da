//! Invented e-mail addresses: those that systems and importers write for people without one. Such
//! an address does not identify a person. This is the only list, with a source for each entry;
//! docs/formats.md repeats it.

/// The pattern of an invented address. Compared in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    /// The whole address.
    Address(&'static str),
    /// The part before the `@`.
    Local(&'static str),
    /// A prefix of the part before the `@`, at this domain.
    Prefix(&'static str, &'static str),
    /// The domain, or a parent domain of it.
    Domain(&'static str),
}

use Pattern::{Address, Domain, Local, Prefix};

/// The ending that no person's address has: the name is reserved (RFC 2606). Addresses invented by
/// our exports use it.
pub const INVALID: &str = ".invalid";

/// The list.
const INVENTED: &[Pattern] = &[
    // Disqus's exports, for people without an address on sites that came from WordPress.
    Domain("wordpress.disqus.net"),
    // disqus/disqus-wordpress-plugin, disqus/rest-api/class-disqus-rest-api.php
    // (comment_data_from_post): the address that it stores in WordPress, with the MD5 of the name
    // for guests. WordPress's exports contain it.
    Prefix("anonymized-", "disqus.com"),
    Prefix("user-", "disqus.com"),
    // Blogger's Atom feeds and exports, for all authors; blogger-to-WordPress importers keep it.
    Address("noreply@blogger.com"),
    // GitHub, for people who keep their address private (docs.github.com, "Setting your commit
    // email address"): systems with GitHub sign-in store it. Mail to it is not delivered.
    Domain("noreply.github.com"),
    // github.com itself, for actions on its pages.
    Address("noreply@github.com"),
    // Facebook's sign-in, for people who keep their address private: mail has not been forwarded
    // since 2012.
    Domain("proxymail.facebook.com"),
    // Twitter sign-in, which provides no address, in several systems (found in comments of
    // WordPress sites).
    Domain("twitter.example.com"),
    // WordPress's own first comment (wp-admin/includes/upgrade.php, wp_install_defaults).
    Address("wapuu@wordpress.example"),
    // Entered by people in forms that require an address, and written by importers for a missing
    // one.
    Local("none"),
    Local("null"),
    Local("undefined"),
    // By their name, mailboxes that are not read.
    Local("noreply"),
    Local("no-reply"),
    Local("donotreply"),
    Local("do-not-reply"),
    // Reserved names that are no real host (RFC 2606, RFC 6761, RFC 6762). `.example` and
    // `example.com` are reserved too, but left out: they occur only in documentation and tests,
    // where people must stay distinct.
    Domain("invalid"),
    Domain("test"),
    Domain("localhost"),
    Domain("localdomain"),
    Domain("local"),
];

/// Whether this can be the address of one person: exactly one `@` with something before it, a
/// dotted name after it, no white space, and no match in the list. So `undefined`, `null` and the
/// empty text are not personal.
#[must_use]
pub fn is_personal(address: &str) -> bool {
    let address = address.to_lowercase();
    let Some((local, domain)) = address.split_once('@') else { return false };
    let is_well_formed = !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains('@')
        && !address.contains(|character: char| character.is_whitespace() || character.is_control());
    is_well_formed && !INVENTED.iter().any(|pattern| pattern.fits(&address, local, domain))
}

impl Pattern {
    fn fits(self, address: &str, local: &str, domain: &str) -> bool {
        match self {
            Address(invented) => address == invented,
            Local(invented) => local == invented,
            Prefix(beginning, invented) => domain == invented && local.starts_with(beginning),
            Domain(invented) => {
                domain.strip_suffix(invented).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    }

    /// The form used in docs/formats.md.
    #[cfg(test)]
    fn shown(self) -> String {
        match self {
            Address(address) => format!("`{address}`"),
            Local(local) => format!("`{local}@*`"),
            Prefix(beginning, domain) => format!("`{beginning}*@{domain}`"),
            Domain(domain) => format!("`*@{domain}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_people_are_told_from_invented_ones() {
        for personal in
            ["Ann@Post.example", "a+b@mail.example.org", "nonesuch@post.example", "ann@disqus.com", "ü@ü.de"]
        {
            assert!(is_personal(personal), "{personal}");
        }
        for other in [
            "",
            "@",
            "undefined",
            "null",
            "ann",
            "ann@",
            "@post.example",
            "ann@localhost",
            "ann@post",
            "ann@.post",
            "ann@post.",
            "ann@@post.example",
            "ann lee@post.example",
            "a@b.Invalid",
            "none@wordpress.disqus.net",
            "Somebody@WordPress.disqus.net",
            "anonymized-0cc175b9c0f1b6a831c399e269772661@disqus.com",
            "user-123@disqus.com",
            "noreply@blogger.com",
            "No-Reply@blog.example",
            "none@none.com",
            "123+ann@users.noreply.github.com",
            "apps+1.2.3@proxymail.facebook.com",
            "ann@twitter.example.com",
            "wapuu@wordpress.example",
            "ann@laptop.local",
        ] {
            assert!(!is_personal(other), "{other}");
        }
    }

    #[test]
    fn the_documents_have_the_list() {
        let document = include_str!("../../../docs/formats.md");
        for pattern in INVENTED {
            assert!(document.contains(&pattern.shown()), "{}", pattern.shown());
        }
    }
}
