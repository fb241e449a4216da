//! An event in the protocol's form.

use rethread_backends::{StoredComment, Telling, ToldCopy};
use rethread_model::{Origin, Scope, Status, Timestamp, Vendor};
use serde_json::{Value, json};

use super::EventView;
use crate::gateway::Gateway;
use crate::integrations::caller::LinkedSite;
use crate::problem::Problem;

/// The event that says what a site was told, with the comment as it is now.
pub(super) async fn event(gateway: &Gateway, caller: &LinkedSite, told: &ToldCopy) -> Result<EventView, Problem> {
    let copy = &told.copy;
    let scope =
        Scope { account: caller.account.clone(), vendor: copy.vendor, origin: Origin::new(copy.origin.clone()) };
    let stored = gateway.backends.comments.comment(&scope, &copy.source_id).await?;
    let comment = match stored {
        Some(stored) if copy.telling != Telling::Deleted => comment(caller, &stored, &copy.post),
        // Of what is gone, only which one it was.
        _ => json!({ "_id": copy.comment, "urlId": copy.post }),
    };
    let word = match copy.telling {
        Telling::New => "new-comment",
        Telling::Updated => "updated-comment",
        Telling::Deleted => "deleted-comment",
    };
    let data = json!({ "type": word, "comment": comment });
    let at = Timestamp::from_millisecond(told.at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(EventView {
        id: format!("{}-{}", copy.comment, told.at_ms),
        created_at: format!("{at:.3}"),
        data: data.to_string(),
    })
}

/// The fields that the plugin reads.
fn comment(caller: &LinkedSite, stored: &StoredComment, post: &str) -> Value {
    let is_own = stored.vendor == Vendor::WordPress && stored.origin == caller.site.origin().as_str();
    // Of its own comments a source id is the post's and the comment's.
    let own_id = stored.source_id.split_once(':').map(|(_, id)| id).filter(|_| is_own);
    let author = stored.author.as_ref();
    json!({
        "_id": stored.id,
        "urlId": post,
        "url": null,
        "parentId": stored.parent,
        "date": stored.created_at,
        "commenterName": author.and_then(|author| author.name.clone()),
        "commenterEmail": author.and_then(|author| author.email.clone()),
        "commentHTML": stored.html,
        "votes": stored.score.unwrap_or(0),
        "approved": stored.status == Status::Approved,
        "isSpam": stored.status == Status::Spam,
        "externalId": own_id,
        "meta": { "wpPostId": post, "wpUserId": null, "wpId": own_id },
    })
}
