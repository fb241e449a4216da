//! Recognises a site's copies of comments from here among the comments it sends.
//!
//! The plugin reports the WordPress number of a copy only once, after it has fetched many. If it is
//! killed before, it never reports it. But each copy carries our id from the start, and includes it
//! when it is sent.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{CommentId, Scope};
use rethread_stores::KeptCopy;
use rethread_vendors::wordpress::{SentBatch, SentComment};

use super::caller::LinkedSite;
use super::comment_ids::is_number;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// Records which comments of a batch are copies of comments that were sent to the site.
pub(super) async fn recognise(gateway: &Gateway, caller: &LinkedSite, sent: &SentBatch) -> Result<(), Problem> {
    let scope = caller.scope();
    let kept: Vec<KeptCopy> = sent.comments.iter().filter_map(|comment| kept(&scope, comment)).collect();
    if kept.is_empty() {
        return Ok(());
    }
    Ok(gateway.backends.sites.adopt(&scope.account, caller.site.id, &scope.origin, &kept).await?)
}

/// The copy described by a comment that carries another id than its own.
fn kept(scope: &Scope, sent: &SentComment) -> Option<KeptCopy> {
    let source_id = sent.source_id.clone()?;
    let comment: CommentId = sent.known_as.as_ref()?.parse().ok()?;
    let (post, own_id) = source_id.split_once(':')?;
    let is_copy = is_number(post) && is_number(own_id) && comment != scope.comment_id(&source_id);
    is_copy.then(|| KeptCopy { comment, own_id: own_id.to_owned(), source_id: Some(source_id.clone()) })
}

/// The ids to return for the site's comments, by the site's own ids.
pub(super) async fn ids(
    gateway: &Gateway,
    caller: &LinkedSite,
    sent: SentBatch,
) -> Result<BTreeMap<String, CommentId>, Problem> {
    let scope = caller.scope();
    let source_ids: BTreeSet<String> = sent.comments.iter().filter_map(|comment| comment.source_id.clone()).collect();
    let copies = gateway.backends.sites.adopted(&scope.account, &scope.origin, &source_ids).await?;
    let known = sent.comments.into_iter().filter_map(|comment| {
        let source_id = comment.source_id?;
        let id = copies.get(&source_id).copied().unwrap_or_else(|| scope.comment_id(&source_id));
        Some((comment.external_id, id))
    });
    Ok(known.collect())
}

#[cfg(test)]
mod tests {
    use rethread_model::{Origin, Vendor};

    use super::*;

    #[test]
    fn a_comment_that_shows_the_id_of_another_one_is_a_copy() {
        let scope =
            Scope { account: "a".parse().unwrap(), vendor: Vendor::WordPress, origin: Origin::new("blog.example") };
        let elsewhere = Scope { vendor: Vendor::Disqus, ..scope.clone() }.comment_id("1");
        let shown = |source_id: Option<&str>, known_as: Option<String>| {
            let external_id = "500".to_owned();
            kept(&scope, &SentComment { external_id, source_id: source_id.map(str::to_owned), known_as })
        };
        let copy = KeptCopy { comment: elsewhere, own_id: "500".to_owned(), source_id: Some("7:500".to_owned()) };
        assert_eq!(shown(Some("7:500"), Some(elsewhere.to_string())), Some(copy));
        assert_eq!(shown(Some("7:500"), None), None);
        assert_eq!(shown(Some("7:500"), Some(scope.comment_id("7:500").to_string())), None, "its own");
        assert_eq!(shown(Some("7:500"), Some("65f0c1d2a3b4c5d6e7f80912".to_owned())), None, "another service's");
        assert_eq!(shown(None, Some(elsewhere.to_string())), None);
        assert_eq!(shown(Some("7:\0"), Some(elsewhere.to_string())), None);
    }
}
