//! Who somebody is.

use std::borrow::Cow;

use rethread_model::{Author, AuthorRef, Guest, Timestamp};

/// What a record says about the person who wrote it. Empty values are `None`.
#[derive(Debug, Default)]
pub(crate) struct Person<'a> {
    /// The vendor's key of a registered person.
    pub key: Option<Cow<'a, str>>,
    pub name: Option<Cow<'a, str>>,
    pub email: Option<&'a str>,
    pub link: Option<&'a str>,
    pub avatar: Option<String>,
    /// When the record was written.
    pub as_of: Option<Timestamp>,
}

impl Person<'_> {
    /// Known people by their key, else by their e-mail address; guests by nothing, so that they are never merged.
    pub(crate) fn identify(self) -> (AuthorRef, Option<Author>) {
        let email = self.email.filter(|email| is_email(email));
        let key = match (&self.key, email) {
            (Some(key), _) => format!("user:{key}"),
            (None, Some(email)) => format!("email:{}", email.to_lowercase()),
            (None, None) => {
                let guest = Guest { name: self.name.map(Cow::into_owned), link: self.link.map(str::to_owned) };
                let is_nobody = guest.name.is_none() && guest.link.is_none();
                return (if is_nobody { AuthorRef::Nobody } else { AuthorRef::Guest(guest) }, None);
            }
        };
        let author = Author {
            key: key.clone(),
            name: self.name.map(Cow::into_owned),
            email: email.map(str::to_owned),
            link: self.link.map(str::to_owned),
            avatar: self.avatar,
            moderator: None,
            as_of: self.as_of,
        };
        (AuthorRef::Known(key), Some(author))
    }
}

/// What no address of a person ends in: the name is reserved for that (RFC 2606). Addresses that had to be invented have it.
pub(crate) const INVENTED: &str = ".invalid";

/// Whether this can be somebody's address: one `@` with something on both sides, no white space, not invented.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && !domain.is_empty()
        && !domain.to_ascii_lowercase().ends_with(INVENTED)
        && !domain.contains('@')
        && !text.contains(|character: char| character.is_whitespace() || character.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person<'a>(key: Option<&'a str>, email: Option<&'a str>) -> Person<'a> {
        Person { key: key.map(Cow::Borrowed), email, name: Some("Ann".into()), ..Person::default() }
    }

    #[test]
    fn guests_are_never_merged() {
        let guest = AuthorRef::Guest(Guest { name: Some("Ann".to_owned()), link: None });
        for email in [None, Some("undefined"), Some("@"), Some("a b@c"), Some("a@b.Invalid")] {
            assert_eq!(person(None, email).identify(), (guest.clone(), None), "{email:?}");
        }
    }

    #[test]
    fn a_key_goes_before_an_address() {
        let (author, description) = person(Some("7"), Some("Ann@Example.org")).identify();
        assert_eq!(author, AuthorRef::Known("user:7".to_owned()));
        assert_eq!(description.unwrap().email.as_deref(), Some("Ann@Example.org"));
        let (author, _) = person(None, Some("Ann@Example.org")).identify();
        assert_eq!(author, AuthorRef::Known("email:ann@example.org".to_owned()));
    }
}
