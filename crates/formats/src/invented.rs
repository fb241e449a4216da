//! E-mail addresses that are nobody's: what systems and importers write where they know none. Whoever has one of these is
//! not known by an address. The one list, each entry with where it comes from; docs/formats.md has the same.

/// What an address that was invented looks like. Compared in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    /// The whole address.
    Address(&'static str),
    /// What stands before the `@`.
    Local(&'static str),
    /// How what stands before the `@` begins, at this domain.
    Prefix(&'static str, &'static str),
    /// What stands behind the `@`, or what that ends in behind a dot.
    Domain(&'static str),
}

use Pattern::{Address, Domain, Local, Prefix};

/// What no address of a person ends in: the name is reserved for that (RFC 2606). Addresses that our exports have to invent
/// have it.
pub(crate) const INVALID: &str = ".invalid";

/// The list.
const INVENTED: &[Pattern] = &[
    // Disqus's exports, for people without an address on sites that came from WordPress.
    Domain("wordpress.disqus.net"),
    // disqus/disqus-wordpress-plugin, disqus/rest-api/class-disqus-rest-api.php (comment_data_from_post): what it stores in
    // WordPress, for guests the MD5 of their name. WordPress's exports have it.
    Prefix("anonymized-", "disqus.com"),
    Prefix("user-", "disqus.com"),
    // Blogger's Atom feeds and exports, for everybody; blogger-to-WordPress importers keep it.
    Address("noreply@blogger.com"),
    // GitHub, for who keeps their address private (docs.github.com, "Setting your commit email address"): systems with
    // sign-in by GitHub store it. No mail arrives there.
    Domain("noreply.github.com"),
    // github.com itself, for what is done on its pages.
    Address("noreply@github.com"),
    // Facebook's sign-in, where somebody keeps their address private: no mail has been forwarded since 2012.
    Domain("proxymail.facebook.com"),
    // Sign-in by Twitter, which tells no address, in several systems (found in comments of WordPress sites).
    Domain("twitter.example.com"),
    // WordPress's own first comment (wp-admin/includes/upgrade.php, wp_install_defaults).
    Address("wapuu@wordpress.example"),
    // What forms with a compulsory address are given by who has none to give, and importers write for none.
    Local("none"),
    Local("null"),
    Local("undefined"),
    // By their name nobody reads what is sent there.
    Local("noreply"),
    Local("no-reply"),
    Local("donotreply"),
    Local("do-not-reply"),
    // Reserved for what is no host of anybody (RFC 2606, RFC 6761, RFC 6762). `.example` and `example.com` are reserved
    // too, and left out: they are in documents and trials alone, where people are to be told apart.
    Domain("invalid"),
    Domain("test"),
    Domain("localhost"),
    Domain("localdomain"),
    Domain("local"),
];

/// Whether this can be the address of one person: one `@`, something before it, a name with a dot behind it, no white space,
/// and nothing of the list. So `undefined`, `null` and the empty text are none.
pub(crate) fn is_personal(address: &str) -> bool {
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

    /// As docs/formats.md writes it.
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
