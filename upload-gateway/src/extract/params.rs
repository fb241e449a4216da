//! The query of a request, or its equivalent elsewhere, parsed by hand so that every error names
//! its parameter.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::Uri;
use http::request::Parts;

use crate::problem::Problem;

/// The parameters that were not read yet. [`Params::finish`] rejects unknown ones: a misspelt name
/// must not be mistaken for a default.
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, Vec<String>>,
}

impl Params {
    /// The parameters in the query of `uri`.
    pub(crate) fn of(uri: &Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default())
    }

    fn parse(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    /// A parameter as text; an empty one counts as absent.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut given = self.values.remove(name).unwrap_or_default();
        if given.len() > 1 {
            return Err(Problem::parameter(name, format!("{name} is given more than once")));
        }
        Ok(given.pop().filter(|value| !value.is_empty()))
    }

    /// A parameter with a fixed set of values.
    pub(crate) fn choice<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(given) = self.text(name)? else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        found.map(Some).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            Problem::parameter(name, format!("\"{given}\" is not a {name}; use one of {}", known.join(", ")))
        })
    }

    /// `true` or `false`; absent means `false`.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        Ok(self.choice(name, &[("true", true), ("false", false)])?.unwrap_or(false))
    }

    /// Comma-separated values from a fixed set.
    pub(crate) fn words(&mut self, name: &str, known: &[&'static str]) -> Result<Vec<&'static str>, Problem> {
        let given = self.text(name)?.unwrap_or_default();
        let words = given.split(',').map(str::trim).filter(|word| !word.is_empty());
        words
            .map(|word| {
                known.iter().copied().find(|one| *one == word).ok_or_else(|| {
                    let known = known.join(", ");
                    Problem::parameter(name, format!("{name} does not know \"{word}\"; it takes {known}"))
                })
            })
            .collect()
    }

    /// `limit`: the maximum number of entries in a list, 1 to 200.
    pub(crate) fn limit(&mut self, default: u32) -> Result<u32, Problem> {
        let Some(given) = self.text("limit")? else { return Ok(default) };
        let limit = given.parse().ok().filter(|limit| (1..=200).contains(limit));
        limit.ok_or_else(|| Problem::parameter("limit", "limit is a number from 1 to 200"))
    }

    /// Rejects the remaining parameters.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.values.into_keys().next() {
            Some(name) => Err(Problem::parameter(&name, format!("there is no parameter \"{name}\" here"))),
            None => Ok(()),
        }
    }
}

impl FromIterator<(String, String)> for Params {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut values = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in pairs {
            values.entry(name).or_default().push(value);
        }
        Self { values }
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

#[cfg(test)]
impl From<&str> for Params {
    fn from(query: &str) -> Self {
        Self::parse(query)
    }
}
