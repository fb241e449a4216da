//! Identifies people, and signs their comments.

use std::borrow::Cow;

use rethread_model::{Author, AuthorRef, Comment, Located, Position, Record, Signature, Timestamp};

use crate::invented::is_personal;
use crate::portion::Portion;

/// What a record says about its author. Empty values are `None`.
#[derive(Debug, Default)]
pub struct Person<'a> {
    /// The vendor's key of a registered person.
    pub key: Option<Cow<'a, str>>,
    pub name: Option<Cow<'a, str>>,
    pub email: Option<Cow<'a, str>>,
    pub link: Option<Cow<'a, str>>,
    pub avatar: Option<String>,
    /// Whether the vendor marks them as a moderator; `None` if the record does not say.
    pub moderator: Option<bool>,
    /// When the record was written.
    pub as_of: Option<Timestamp>,
}

/// A person as records represent them.
#[derive(Debug, PartialEq, Eq)]
pub struct Identified {
    pub author: AuthorRef,
    /// The signature of a comment that shows the person this way; `None` without an author.
    pub signature: Option<Signature>,
    /// The description of a known person.
    pub description: Option<Author>,
}

impl Person<'_> {
    /// Known people are identified by their key or else by their e-mail address. Guests are not
    /// identified, so they are never merged.
    pub fn identify(self) -> Identified {
        let signature = Signature {
            name: self.name.map(Cow::into_owned),
            link: self.link.map(Cow::into_owned),
            avatar: self.avatar,
        };
        let email = self.email.filter(|email| is_personal(email)).map(Cow::into_owned);
        let key = match (&self.key, &email) {
            (Some(key), _) => format!("user:{key}"),
            (None, Some(email)) => format!("email:{}", email.to_lowercase()),
            (None, None) if signature.is_empty() => {
                return Identified { author: AuthorRef::Nobody, signature: None, description: None };
            }
            (None, None) => {
                return Identified { author: AuthorRef::Guest, signature: Some(signature), description: None };
            }
        };
        let Signature { name, link, avatar } = signature.clone();
        let description =
            Author { key: key.clone(), name, email, link, avatar, moderator: self.moderator, as_of: self.as_of };
        Identified { author: AuthorRef::Known(key), signature: Some(signature), description: Some(description) }
    }
}

impl Portion {
    /// Sets the author of a comment and its signature, and describes the author as of then. Not for
    /// a comment that was deleted, whose author would be described all the same.
    pub fn sign(&mut self, comment: &mut Comment, person: Person<'_>, at: Position) {
        let Identified { author, signature, description } = person.identify();
        comment.author = author;
        comment.signature = signature;
        self.records.extend(description.map(|author| Located { value: Record::Author(author), at }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person<'a>(key: Option<&'a str>, email: Option<&'a str>) -> Person<'a> {
        Person {
            key: key.map(Cow::Borrowed),
            email: email.map(Cow::Borrowed),
            name: Some("Ann".into()),
            ..Person::default()
        }
    }

    fn ann() -> Signature {
        Signature { name: Some("Ann".to_owned()), ..Signature::default() }
    }

    #[test]
    fn guests_are_never_merged() {
        let guest = Identified { author: AuthorRef::Guest, signature: Some(ann()), description: None };
        for email in [None, Some("undefined"), Some("@"), Some("a b@c"), Some("none@wordpress.disqus.net")] {
            assert_eq!(person(None, email).identify(), guest, "{email:?}");
        }
        let nobody = Identified { author: AuthorRef::Nobody, signature: None, description: None };
        assert_eq!(Person::default().identify(), nobody);
    }

    #[test]
    fn a_key_goes_before_an_address() {
        let by_key = person(Some("7"), Some("Ann@Example.org")).identify();
        assert_eq!((by_key.author, by_key.signature), (AuthorRef::Known("user:7".to_owned()), Some(ann())));
        assert_eq!(by_key.description.unwrap().email.as_deref(), Some("Ann@Example.org"));
        let by_address = person(None, Some("Ann@Example.org")).identify();
        assert_eq!(by_address.author, AuthorRef::Known("email:ann@example.org".to_owned()));
    }

    /// A comment by a known person that shows no name must not reveal one.
    #[test]
    fn an_empty_signature_is_one() {
        let person = Person { name: None, ..person(None, Some("ann@example.org")) };
        assert_eq!(person.identify().signature, Some(Signature::default()));
    }
}
