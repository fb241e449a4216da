//! Ids in paths.

use std::collections::HashMap;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use rethread_model::{CommentId, JobId, PageId, SiteId};
use rethread_stores::TokenId;

use crate::problem::Problem;

/// A resource with an id in a path.
pub(crate) trait Named: FromStr {
    /// Its name, for people.
    const WHAT: &'static str;
}

impl Named for JobId {
    const WHAT: &'static str = "job";
}

impl Named for CommentId {
    const WHAT: &'static str = "comment";
}

impl Named for PageId {
    const WHAT: &'static str = "page";
}

impl Named for SiteId {
    const WHAT: &'static str = "site";
}

impl Named for TokenId {
    const WHAT: &'static str = "token";
}

/// The `{id}` of a path. A text that cannot be an id names nothing and is answered with
/// "not found".
#[derive(Debug)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: Named, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let missing = || Problem::not_found(T::WHAT);
        let Path(segments) =
            Path::<HashMap<String, String>>::from_request_parts(parts, state).await.map_err(|_| missing())?;
        segments.get("id").and_then(|id| id.parse().ok()).map(Self).ok_or_else(missing)
    }
}
