//! The contract of [`rethread_stores::ExportSource::export`] and of its [`Snapshot`].

mod consistency;
mod content;
mod filters;

use rethread_model::{ExportFilter, Exported, ExportedComment, Scope};
use rethread_stores::{CommentStore, ExportDepth, Snapshot};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    content::run(store).await;
    filters::run(store).await;
    consistency::run(store).await;
}

/// A snapshot of an account.
async fn snapshot(store: &dyn CommentStore, scope: &Scope, filter: &ExportFilter) -> Box<dyn Snapshot> {
    store.export(&scope.account, filter).await.expect("a snapshot")
}

/// All comments of an account that match a filter.
pub(super) async fn exported(store: &dyn CommentStore, scope: &Scope, filter: &ExportFilter) -> Vec<Exported> {
    rest(&mut *snapshot(store, scope, filter).await).await
}

/// The remaining items of a snapshot.
async fn rest(snapshot: &mut dyn Snapshot) -> Vec<Exported> {
    let mut all = Vec::new();
    loop {
        let batch = snapshot.next().await.expect("a batch");
        if batch.is_empty() {
            assert_eq!(snapshot.next().await.expect("an answer"), [], "the end stays the end");
            return all;
        }
        assert!(comments(&batch).len() <= 2_000, "memory is bounded");
        all.extend(batch);
    }
}

/// All items again, from the first page.
async fn again(snapshot: &mut dyn Snapshot, depth: ExportDepth) -> Vec<Exported> {
    snapshot.rewind(depth);
    rest(snapshot).await
}

fn comments(items: &[Exported]) -> Vec<&ExportedComment> {
    let comments = items.iter().filter_map(|item| match item {
        Exported::Comment(comment) => Some(&**comment),
        Exported::Page(_) | Exported::Thread(_) => None,
    });
    comments.collect()
}

/// The items without the comments.
fn heads(items: &[Exported]) -> Vec<Exported> {
    items.iter().filter(|item| !matches!(item, Exported::Comment(_))).cloned().collect()
}

/// Short names of the items: the key of a page, `:` and the source id of a thread, the source id of
/// a comment.
fn outline(items: &[Exported]) -> Vec<String> {
    let name = |item: &Exported| match item {
        Exported::Page(page) => page.url_id.clone(),
        Exported::Thread(thread) => format!(":{}", thread.thread.source_id),
        Exported::Comment(comment) => comment.source_id.clone(),
    };
    items.iter().map(name).collect()
}
