//! Comments in a `sqlite:` file.

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
mod ledgers;
mod link;
mod listing;
mod lookup;
mod merged;
mod moderation;
mod moves;
mod origins;
mod pages;
mod reactions;
mod rows;
mod shared;
mod site;
mod threads;

use std::path::Path;

use async_trait::async_trait;
use rethread_model::{
    AccountId, CommentId, ExportFilter, ImportSummary, JobId, Moving, PageId, PageOptions, Scope, Status, Step, Tally,
    Vendor, Written,
};
use rethread_stores::rules::batch;
use rethread_stores::{
    Batch, Checkpoint, CommentKey, CommentQuery, CommentReader, ExportSource, FindingPage, Health, ImportBookkeeping,
    ImportStore, LookupKeys, MovePreview, MoveStep, MoveStore, PageList, PageQuery, Result, SharedPage, SiteComments,
    SitePage, Snapshot, StoredComment, StoredCommentPage, StoredPage, StoredRecords, Target, migrations,
};
use rusqlite::Transaction;

use crate::sqlite::{Database, Schema};

pub(crate) static SCHEMA: Schema = Schema {
    name: "comments",
    application_id: 0x7274_636d,
    migrations: migrations![
        "comments/migrations": "0001_initial",
        "0002_reactions",
        "0003_dates",
        "0004_sessions",
        "0005_moves",
        "0006_sites",
        "0007_signatures",
        "0008_kept_copies",
        "0009_ledgers",
        "0010_frames",
        "0011_origins",
    ],
    writer_cache_kib: 16_384,
    reader_cache_kib: 2_048,
};

/// See [`rethread_stores::CommentStore`].
#[derive(Debug)]
pub(crate) struct SqliteComments {
    database: Database,
}

impl SqliteComments {
    /// Opens or creates the file; tokens are in the same database.
    pub(crate) async fn open(path: &Path) -> Result<(Self, Database)> {
        let database = Database::open(path, &SCHEMA).await?;
        Ok((Self { database: database.clone() }, database))
    }

    /// The comments in this database.
    #[cfg(feature = "simulation")]
    pub(crate) const fn over(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl ImportStore for SqliteComments {
    async fn checkpoint(&self, account: &AccountId, job: JobId, step: Step) -> Result<Checkpoint> {
        let account = account.clone();
        self.database.read("cannot read a checkpoint", move |tx| import::checkpoint(tx, &account, job, step)).await
    }

    async fn commit(&self, target: &Target, batch: Batch) -> Result<Checkpoint> {
        let target = target.clone();
        let origin = target.scope.origin.clone();
        let prepared = self.database.compute("cannot prepare a batch", move || batch::prepare(origin, batch)).await?;
        self.database.write("cannot write a batch", move |tx| commit::commit(tx, &target, &prepared)).await
    }

    async fn known(&self, target: &Target, asked: &LookupKeys) -> Result<StoredRecords> {
        let (target, asked) = (target.clone(), asked.clone());
        self.database.read("cannot look at what is stored", move |tx| known::known(tx, &target, &asked)).await
    }

    async fn link(&self, target: &Target, comments: u32) -> Result<Checkpoint> {
        let target = target.clone();
        self.database.write("cannot link replies", move |tx| link::link(tx, &target, comments)).await
    }

    async fn finalize(&self, target: &Target, is_whole: bool) -> Result<ImportSummary> {
        let pages = if target.dry_run {
            let target = target.clone();
            self.database.read("cannot count pages", move |tx| finalize::count_pages_of_dry_run(tx, &target)).await?
        } else {
            let target = target.clone();
            self.database.write("cannot make pages", move |tx| finalize::make_pages(tx, &target)).await?
        };
        let target = target.clone();
        let counted = self.database.read("cannot count comments and pages", move |tx| {
            let (merged_pages, merged) = merged::find(tx, &target)?;
            let removed = if is_whole { Some(finalize::count_removed(tx, &target)?) } else { None };
            let dates = import::dates(tx, &target.scope.account, target.job)?;
            let (first_comment_at, last_comment_at) = (dates.map(|dates| dates.first), dates.map(|dates| dates.last));
            Ok(ImportSummary { pages, removed, merged_pages, merged, first_comment_at, last_comment_at })
        });
        counted.await
    }

    async fn page_options(&self, scope: &Scope) -> Result<Option<PageOptions>> {
        let scope = scope.clone();
        self.database.read("cannot read options of an origin", move |tx| origins::page_options(tx, &scope)).await
    }

    async fn set_page_options(&self, target: &Target, options: &PageOptions) -> Result<()> {
        let (target, options) = (target.clone(), options.clone());
        let keep = move |tx: &Transaction<'_>| origins::set_page_options(tx, &target, &options);
        self.database.write("cannot keep options of an origin", keep).await
    }
}

#[async_trait]
impl ImportBookkeeping for SqliteComments {
    async fn written(&self, account: &AccountId, job: JobId) -> Result<Written> {
        let account = account.clone();
        self.database.read("cannot read what is written", move |tx| import::written(tx, &account, job)).await
    }

    async fn tally(&self, account: &AccountId, job: JobId) -> Result<Tally> {
        let account = account.clone();
        self.database.read("cannot read counts", move |tx| import::tally(tx, &account, job)).await
    }

    async fn findings(&self, account: &AccountId, job: JobId, after: Option<&str>, limit: u32) -> Result<FindingPage> {
        let (account, after) = (account.clone(), after.map(str::to_owned));
        let listed = self
            .database
            .read("cannot list findings", move |tx| findings::list(tx, &account, job, after.as_deref(), limit));
        listed.await
    }

    async fn end_import(&self, account: &AccountId, job: JobId) -> Result<()> {
        forget::end(&self.database, account, job).await.map(drop)
    }

    async fn forget_import(&self, account: &AccountId, job: JobId) -> Result<()> {
        forget::forget(&self.database, account, job).await
    }

    async fn imports_to_clean_up(&self) -> Result<Vec<(AccountId, JobId)>> {
        self.database.read("cannot list imports", forget::imports_to_clean_up).await
    }
}

#[async_trait]
impl CommentReader for SqliteComments {
    async fn pages(&self, account: &AccountId, query: &PageQuery) -> Result<PageList> {
        let (account, query) = (account.clone(), query.clone());
        self.database.read("cannot list pages", move |tx| listing::pages(tx, &account, &query)).await
    }

    async fn page(&self, account: &AccountId, id: PageId) -> Result<Option<StoredPage>> {
        let account = account.clone();
        self.database.read("cannot read a page", move |tx| listing::page(tx, &account, id)).await
    }

    async fn comments(&self, account: &AccountId, page: PageId, query: &CommentQuery) -> Result<StoredCommentPage> {
        let (account, query) = (account.clone(), query.clone());
        self.database.read("cannot list comments", move |tx| listing::comments(tx, &account, page, &query)).await
    }

    async fn find_comment(
        &self,
        account: &AccountId,
        id: CommentId,
        cursor: Option<&str>,
    ) -> Result<Option<StoredComment>> {
        let (account, cursor) = (account.clone(), cursor.map(str::to_owned));
        let found =
            self.database.read("cannot find a comment", move |tx| listing::find(tx, &account, id, cursor.as_deref()));
        found.await
    }

    async fn comment(&self, scope: &Scope, source_id: &str) -> Result<Option<StoredComment>> {
        let (scope, source_id) = (scope.clone(), source_id.to_owned());
        self.database.read("cannot read a comment", move |tx| listing::comment(tx, &scope, &source_id)).await
    }

    async fn count_comments(&self, account: &AccountId, vendor: Vendor) -> Result<i64> {
        let account = account.clone();
        self.database.read("cannot count comments", move |tx| origins::count(tx, &account, vendor)).await
    }
}

#[async_trait]
impl SiteComments for SqliteComments {
    async fn shared_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SharedPage>> {
        let (scope, after) = (scope.clone(), after.map(str::to_owned));
        let listed = self
            .database
            .read("cannot list shared pages", move |tx| shared::pages(tx, &scope, after.as_deref(), limit));
        listed.await
    }

    async fn site_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SitePage>> {
        let (scope, after) = (scope.clone(), after.map(str::to_owned));
        let listed = self
            .database
            .read("cannot list a site's pages", move |tx| site::pages(tx, &scope, after.as_deref(), limit));
        listed.await
    }

    async fn site_comments(&self, scope: &Scope, page: PageId, skip: u64, limit: u32) -> Result<Vec<CommentKey>> {
        let scope = scope.clone();
        let listed = self
            .database
            .read("cannot list a site's comments", move |tx| site::comments(tx, &scope, page, skip, limit));
        listed.await
    }

    async fn thread_on(&self, scope: &Scope, page: PageId) -> Result<Option<String>> {
        let scope = scope.clone();
        self.database.read("cannot look at a page", move |tx| shared::thread_on(tx, &scope, page)).await
    }

    async fn set_status(&self, scope: &Scope, source_id: &str, status: Status) -> Result<bool> {
        let (scope, source_id) = (scope.clone(), source_id.to_owned());
        let set = self
            .database
            .write("cannot change a status", move |tx| moderation::set_status(tx, &scope, &source_id, status));
        set.await
    }
}

#[async_trait]
impl ExportSource for SqliteComments {
    async fn export(&self, account: &AccountId, filter: &ExportFilter) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(export::Export::begin(&self.database, account, filter).await?))
    }
}

#[async_trait]
impl MoveStore for SqliteComments {
    async fn preview_move(&self, account: &AccountId, moving: &Moving) -> Result<MovePreview> {
        let (account, moving) = (account.clone(), moving.clone());
        self.database.read("cannot look a move over", move |tx| moves::preview(tx, &account, &moving)).await
    }

    async fn move_threads(&self, account: &AccountId, job: JobId, moving: &Moving, threads: u32) -> Result<MoveStep> {
        let (account, moving) = (account.clone(), moving.clone());
        let moved =
            self.database.write("cannot move threads", move |tx| moves::step(tx, &account, job, &moving, threads));
        moved.await
    }
}

#[async_trait]
impl Health for SqliteComments {
    async fn check(&self) -> Result<()> {
        self.database.check().await
    }
}

#[cfg(test)]
mod tests;
