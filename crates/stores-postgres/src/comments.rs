//! Comments in a `postgres:` database.

mod authors;
mod commit;
mod details;
mod export;
mod finalize;
mod findings;
mod forget;
mod import;
mod known;
mod ledger;
mod ledger_threads;
mod ledgers;
mod link;
mod listing;
mod merged;
mod moderation;
mod moves;
mod origins;
mod pages;
mod parent_context;
mod reactions;
mod refresh;
mod rows;
mod shared;
mod site;
mod stored;
mod threads;

use async_trait::async_trait;
use rethread_model::{
    AccountId, CommentId, ExportFilter, ImportSummary, JobId, Moving, Origin, PageId, PageOptions, Scope, Status, Step,
    Tally, Vendor, Written,
};
use rethread_stores::rules::batch::{self, Prepared};
use rethread_stores::{
    Batch, Checkpoint, CommentKey, CommentQuery, CommentReader, Diagnosis, Error, ErrorKind, ExportSource, FindingPage,
    Health, ImportBookkeeping, ImportStore, LookupKeys, MovePreview, MoveStep, MoveStore, PageList, PageQuery, Result,
    SharedPage, SiteComments, SitePage, Snapshot, StoredComment, StoredCommentPage, StoredPage, StoredRecords, Target,
    migrations,
};
use tokio::task::spawn_blocking;

use crate::postgres::{Database, Schema};

pub(crate) static SCHEMA: Schema = Schema {
    name: "rethread",
    migrations: migrations![
        "comments/migrations": "0001_initial",
        "0002_dates",
        "0003_sessions",
        "0004_moves",
        "0005_sites",
        "0006_signatures",
        "0007_kept_copies",
        "0008_ledgers",
        "0009_frames",
        "0010_origins",
    ],
};

/// See [`rethread_stores::CommentStore`].
#[derive(Debug)]
pub(crate) struct PostgresComments {
    database: Database,
}

impl PostgresComments {
    /// Connects to the server of a URL; tokens are in the same database.
    pub(crate) async fn open(url: &str) -> Result<(Self, Database)> {
        let database = Database::open(url, &SCHEMA).await?;
        Ok((Self { database: database.clone() }, database))
    }
}

/// See [`batch::prepare`]; outside of the runtime's threads.
async fn prepared(origin: &Origin, batch: Batch) -> Result<Prepared> {
    let origin = origin.clone();
    spawn_blocking(move || batch::prepare(origin, batch))
        .await
        .map_err(|error| Error::new(ErrorKind::Internal, "a batch could not be prepared").because(error))
}

#[async_trait]
impl ImportStore for PostgresComments {
    async fn checkpoint(&self, account: &AccountId, job: JobId, step: Step) -> Result<Checkpoint> {
        let read = self.database.read("cannot read a checkpoint", move |tx| async move {
            import::checkpoint(&tx, account, job, step).await
        });
        read.await
    }

    async fn commit(&self, target: &Target, batch: Batch) -> Result<Checkpoint> {
        let prepared = stored::make_batch_storable(prepared(&target.scope.origin, batch).await?);
        let prepared = &prepared;
        let written = self
            .database
            .write("cannot write a batch", move |tx| async move { commit::commit(&tx, target, prepared).await });
        written.await
    }

    async fn known(&self, target: &Target, asked: &LookupKeys) -> Result<StoredRecords> {
        let read = self
            .database
            .read("cannot look at what is stored", move |tx| async move { known::known(&tx, target, asked).await });
        read.await
    }

    async fn link(&self, target: &Target, comments: u32) -> Result<Checkpoint> {
        let linked = self
            .database
            .write("cannot link replies", move |tx| async move { link::link(&tx, target, comments).await });
        linked.await
    }

    async fn finalize(&self, target: &Target, is_whole: bool) -> Result<ImportSummary> {
        let pages = if target.dry_run {
            let counted = self.database.read_long("cannot count pages", move |tx| async move {
                finalize::count_pages_of_dry_run(&tx, target).await
            });
            counted.await?
        } else {
            finalize::make_pages(&self.database, target).await?
        };
        let counted = self.database.read_long("cannot count comments and pages", move |tx| async move {
            let (merged_pages, merged) = merged::find(&tx, target).await?;
            let removed = if is_whole { Some(finalize::count_removed(&tx, target).await?) } else { None };
            let dates = import::dates(&tx, &target.scope.account, target.job).await?;
            let (first_comment_at, last_comment_at) = (dates.map(|dates| dates.first), dates.map(|dates| dates.last));
            Ok(ImportSummary { pages, removed, merged_pages, merged, first_comment_at, last_comment_at })
        });
        counted.await
    }

    async fn page_options(&self, scope: &Scope) -> Result<Option<PageOptions>> {
        let read = self
            .database
            .read("cannot read options of an origin", move |tx| async move { origins::page_options(&tx, scope).await });
        read.await
    }

    async fn set_page_options(&self, target: &Target, options: &PageOptions) -> Result<()> {
        let kept = self.database.write("cannot keep options of an origin", move |tx| async move {
            origins::set_page_options(&tx, target, options).await
        });
        kept.await
    }
}

#[async_trait]
impl ImportBookkeeping for PostgresComments {
    async fn written(&self, account: &AccountId, job: JobId) -> Result<Written> {
        let read = self.database.read_long("cannot read what is written", move |tx| async move {
            import::written(&tx, account, job).await
        });
        read.await
    }

    async fn tally(&self, account: &AccountId, job: JobId) -> Result<Tally> {
        let read =
            self.database.read("cannot read counts", move |tx| async move { import::tally(&tx, account, job).await });
        read.await
    }

    async fn findings(&self, account: &AccountId, job: JobId, after: Option<&str>, limit: u32) -> Result<FindingPage> {
        let listed = self.database.read("cannot list findings", move |tx| async move {
            findings::list(&tx, account, job, after, limit).await
        });
        listed.await
    }

    async fn end_import(&self, account: &AccountId, job: JobId) -> Result<()> {
        forget::end(&self.database, account, job).await.map(drop)
    }

    async fn forget_import(&self, account: &AccountId, job: JobId) -> Result<()> {
        forget::forget(&self.database, account, job).await
    }

    async fn imports_to_clean_up(&self) -> Result<Vec<(AccountId, JobId)>> {
        self.database.read("cannot list imports", |tx| async move { forget::imports_to_clean_up(&tx).await }).await
    }
}

#[async_trait]
impl CommentReader for PostgresComments {
    async fn pages(&self, account: &AccountId, query: &PageQuery) -> Result<PageList> {
        let listed =
            self.database.read("cannot list pages", move |tx| async move { listing::pages(&tx, account, query).await });
        listed.await
    }

    async fn page(&self, account: &AccountId, id: PageId) -> Result<Option<StoredPage>> {
        self.database.read("cannot read a page", move |tx| async move { listing::page(&tx, account, id).await }).await
    }

    async fn comments(&self, account: &AccountId, page: PageId, query: &CommentQuery) -> Result<StoredCommentPage> {
        let listed = self
            .database
            .read("cannot list comments", move |tx| async move { listing::comments(&tx, account, page, query).await });
        listed.await
    }

    async fn find_comment(
        &self,
        account: &AccountId,
        id: CommentId,
        cursor: Option<&str>,
    ) -> Result<Option<StoredComment>> {
        let found = self
            .database
            .read("cannot find a comment", move |tx| async move { listing::find(&tx, account, id, cursor).await });
        found.await
    }

    async fn comment(&self, scope: &Scope, source_id: &str) -> Result<Option<StoredComment>> {
        let read = self
            .database
            .read("cannot read a comment", move |tx| async move { listing::comment(&tx, scope, source_id).await });
        read.await
    }

    async fn count_comments(&self, account: &AccountId, vendor: Vendor) -> Result<i64> {
        let counted = self
            .database
            .read_long("cannot count comments", move |tx| async move { origins::count(&tx, account, vendor).await });
        counted.await
    }
}

#[async_trait]
impl SiteComments for PostgresComments {
    async fn shared_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SharedPage>> {
        let listed = self
            .database
            .read("cannot list shared pages", move |tx| async move { shared::pages(&tx, scope, after, limit).await });
        listed.await
    }

    async fn site_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SitePage>> {
        let listed = self
            .database
            .read("cannot list a site's pages", move |tx| async move { site::pages(&tx, scope, after, limit).await });
        listed.await
    }

    async fn site_comments(&self, scope: &Scope, page: PageId, skip: u64, limit: u32) -> Result<Vec<CommentKey>> {
        let listed = self.database.read("cannot list a site's comments", move |tx| async move {
            site::comments(&tx, scope, page, skip, limit).await
        });
        listed.await
    }

    async fn thread_on(&self, scope: &Scope, page: PageId) -> Result<Option<String>> {
        let read = self
            .database
            .read("cannot look at a page", move |tx| async move { shared::thread_on(&tx, scope, page).await });
        read.await
    }

    async fn set_status(&self, scope: &Scope, source_id: &str, status: Status) -> Result<bool> {
        let set = self.database.write("cannot change a status", move |tx| async move {
            moderation::set_status(&tx, scope, source_id, status).await
        });
        set.await
    }
}

#[async_trait]
impl ExportSource for PostgresComments {
    async fn export(&self, account: &AccountId, filter: &ExportFilter) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(export::Export::begin(&self.database, account, filter).await?))
    }
}

#[async_trait]
impl MoveStore for PostgresComments {
    async fn preview_move(&self, account: &AccountId, moving: &Moving) -> Result<MovePreview> {
        let previewed = self
            .database
            .read("cannot look a move over", move |tx| async move { moves::preview(&tx, account, moving).await });
        previewed.await
    }

    async fn move_threads(&self, account: &AccountId, job: JobId, moving: &Moving, threads: u32) -> Result<MoveStep> {
        let moved = self.database.write("cannot move threads", move |tx| async move {
            moves::step(&tx, account, job, moving, threads).await
        });
        moved.await
    }
}

#[async_trait]
impl Health for PostgresComments {
    async fn check(&self) -> Result<()> {
        self.database.check().await
    }

    async fn diagnose(&self, _apply: bool) -> Result<Vec<Diagnosis>> {
        self.database.diagnose().await
    }
}
