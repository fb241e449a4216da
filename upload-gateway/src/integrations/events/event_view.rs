//! An event in the protocol's format.

use rethread_model::{Origin, Scope, Timestamp};
use rethread_stores::{CopyEvent, ToldCopy};
use serde_json::json;

use super::EventView;
use crate::gateway::Gateway;
use crate::integrations::caller::LinkedSite;
use crate::integrations::comment::PluginComment;
use crate::problem::Problem;

/// The event for a reported change, with the comment's current state.
pub(super) async fn event(gateway: &Gateway, caller: &LinkedSite, told: &ToldCopy) -> Result<EventView, Problem> {
    let copy = &told.copy;
    let scope =
        Scope { account: caller.account.clone(), vendor: copy.vendor, origin: Origin::new(copy.origin.clone()) };
    let stored = gateway.backends.comments.comment(&scope, &copy.source_id).await?;
    let comment = match stored {
        Some(stored) if copy.telling != CopyEvent::Deleted => {
            json!(PluginComment::new(caller, stored, &copy.post, told.own_id.as_deref()))
        }
        // For a deleted comment, only its identity.
        _ => json!({ "_id": copy.comment, "urlId": copy.post }),
    };
    let word = match copy.telling {
        CopyEvent::New => "new-comment",
        CopyEvent::Updated => "updated-comment",
        CopyEvent::Deleted => "deleted-comment",
    };
    let data = json!({ "type": word, "comment": comment });
    let at = Timestamp::from_millisecond(told.at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(EventView {
        id: format!("{}-{}", copy.comment, told.at_ms),
        created_at: format!("{at:.3}"),
        data: data.to_string(),
    })
}
