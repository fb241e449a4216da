//! See [`super`].

use std::sync::Arc;

use async_trait::async_trait;
use rethread_model::{
    AccountId, CommentId, ExportFilter, ImportSummary, JobId, Moving, PageId, PageOptions, Scope, Status, Step, Tally,
    Vendor, Written,
};
use rethread_stores::{
    Batch, Checkpoint, CommentKey, CommentQuery, CommentReader, CommentStore, Diagnosis, ExportSource, FindingPage,
    Health, ImportBookkeeping, ImportStore, LookupKeys, MovePreview, MoveStep, MoveStore, PageList, PageQuery, Result,
    SharedPage, SiteComments, SitePage, Snapshot, StoredComment, StoredCommentPage, StoredPage, StoredRecords, Target,
};

use super::Call;

#[derive(Debug)]
pub(super) struct Traced {
    pub(super) inner: Arc<dyn CommentStore>,
    pub(super) system: &'static str,
}

impl Traced {
    const fn call(&self, name: &'static str, job: JobId) -> Call {
        Call::of(name, self.system, job)
    }

    /// A call that concerns no particular job.
    const fn about_none(&self, name: &'static str) -> Call {
        Call { name, system: self.system, kind: "client", job: None }
    }
}

#[async_trait]
impl ImportStore for Traced {
    async fn checkpoint(&self, account: &AccountId, job: JobId, step: Step) -> Result<Checkpoint> {
        self.call("comments.checkpoint", job).run(self.inner.checkpoint(account, job, step)).await
    }

    async fn commit(&self, target: &Target, batch: Batch) -> Result<Checkpoint> {
        self.call("comments.commit", target.job).run(self.inner.commit(target, batch)).await
    }

    async fn known(&self, target: &Target, asked: &LookupKeys) -> Result<StoredRecords> {
        self.call("comments.known", target.job).run(self.inner.known(target, asked)).await
    }

    async fn link(&self, target: &Target, comments: u32) -> Result<Checkpoint> {
        self.call("comments.link", target.job).run(self.inner.link(target, comments)).await
    }

    async fn finalize(&self, target: &Target, is_whole: bool) -> Result<ImportSummary> {
        self.call("comments.finalize", target.job).run(self.inner.finalize(target, is_whole)).await
    }

    async fn page_options(&self, scope: &Scope) -> Result<Option<PageOptions>> {
        self.about_none("comments.page_options").run(self.inner.page_options(scope)).await
    }

    async fn set_page_options(&self, target: &Target, options: &PageOptions) -> Result<()> {
        self.call("comments.set_page_options", target.job).run(self.inner.set_page_options(target, options)).await
    }
}

#[async_trait]
impl ImportBookkeeping for Traced {
    async fn written(&self, account: &AccountId, job: JobId) -> Result<Written> {
        self.call("comments.written", job).run(self.inner.written(account, job)).await
    }

    async fn tally(&self, account: &AccountId, job: JobId) -> Result<Tally> {
        self.call("comments.tally", job).run(self.inner.tally(account, job)).await
    }

    async fn findings(&self, account: &AccountId, job: JobId, after: Option<&str>, limit: u32) -> Result<FindingPage> {
        self.call("comments.findings", job).run(self.inner.findings(account, job, after, limit)).await
    }

    async fn end_import(&self, account: &AccountId, job: JobId) -> Result<()> {
        self.call("comments.end_import", job).run(self.inner.end_import(account, job)).await
    }

    async fn forget_import(&self, account: &AccountId, job: JobId) -> Result<()> {
        self.call("comments.forget_import", job).run(self.inner.forget_import(account, job)).await
    }

    async fn imports_to_clean_up(&self) -> Result<Vec<(AccountId, JobId)>> {
        self.inner.imports_to_clean_up().await
    }
}

#[async_trait]
impl CommentReader for Traced {
    async fn pages(&self, account: &AccountId, query: &PageQuery) -> Result<PageList> {
        self.about_none("comments.pages").run(self.inner.pages(account, query)).await
    }

    async fn page(&self, account: &AccountId, id: PageId) -> Result<Option<StoredPage>> {
        self.about_none("comments.page").run(self.inner.page(account, id)).await
    }

    async fn comments(&self, account: &AccountId, page: PageId, query: &CommentQuery) -> Result<StoredCommentPage> {
        self.about_none("comments.comments").run(self.inner.comments(account, page, query)).await
    }

    async fn find_comment(
        &self,
        account: &AccountId,
        id: CommentId,
        cursor: Option<&str>,
    ) -> Result<Option<StoredComment>> {
        self.about_none("comments.find_comment").run(self.inner.find_comment(account, id, cursor)).await
    }

    async fn comment(&self, scope: &Scope, source_id: &str) -> Result<Option<StoredComment>> {
        self.about_none("comments.comment").run(self.inner.comment(scope, source_id)).await
    }

    async fn count_comments(&self, account: &AccountId, vendor: Vendor) -> Result<i64> {
        self.about_none("comments.count_comments").run(self.inner.count_comments(account, vendor)).await
    }
}

#[async_trait]
impl SiteComments for Traced {
    async fn shared_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SharedPage>> {
        self.about_none("comments.shared_pages").run(self.inner.shared_pages(scope, after, limit)).await
    }

    async fn site_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SitePage>> {
        self.about_none("comments.site_pages").run(self.inner.site_pages(scope, after, limit)).await
    }

    async fn site_comments(&self, scope: &Scope, page: PageId, skip: u64, limit: u32) -> Result<Vec<CommentKey>> {
        self.about_none("comments.site_comments").run(self.inner.site_comments(scope, page, skip, limit)).await
    }

    async fn thread_on(&self, scope: &Scope, page: PageId) -> Result<Option<String>> {
        self.about_none("comments.thread_on").run(self.inner.thread_on(scope, page)).await
    }

    async fn set_status(&self, scope: &Scope, source_id: &str, status: Status) -> Result<bool> {
        self.about_none("comments.set_status").run(self.inner.set_status(scope, source_id, status)).await
    }
}

#[async_trait]
impl ExportSource for Traced {
    async fn export(&self, account: &AccountId, filter: &ExportFilter) -> Result<Box<dyn Snapshot>> {
        self.about_none("comments.export").run(self.inner.export(account, filter)).await
    }
}

#[async_trait]
impl MoveStore for Traced {
    async fn preview_move(&self, account: &AccountId, moving: &Moving) -> Result<MovePreview> {
        self.about_none("comments.preview_move").run(self.inner.preview_move(account, moving)).await
    }

    async fn move_threads(&self, account: &AccountId, job: JobId, moving: &Moving, threads: u32) -> Result<MoveStep> {
        self.call("comments.move_threads", job).run(self.inner.move_threads(account, job, moving, threads)).await
    }
}

#[async_trait]
impl Health for Traced {
    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        self.inner.diagnose(apply).await
    }
}
