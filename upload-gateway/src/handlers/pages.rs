//! Pages and their comments.

use axum::Json;
use axum::extract::State;
use rethread_model::{CommentId, PageId};
use rethread_stores::{CommentQuery, PageQuery};

use crate::extract::{Admin, Id, Params, cursor};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::views::{CommentView, CommentsView, PageView, PagesView};

/// The account's pages
///
/// Pages with comments, ordered by key.
#[utoipa::path(
    get,
    path = "/api/v1/pages",
    operation_id = "listPages",
    tag = "pages",
    params(
        ("search" = Option<String>, Query, description = "Only pages with this in key, address or title"),
        ("cursor" = Option<String>, Query, description = "`next` of the list before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 50 if absent"),
    ),
    responses((status = 200, description = "Some pages", body = PagesView)),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    admin: Admin,
    mut params: Params,
) -> Result<Json<PagesView>, Problem> {
    let query =
        PageQuery { search: params.text("search")?, after: cursor::inner(&mut params)?, limit: params.limit(50)? };
    params.finish()?;
    let found = gateway.backends.comments.pages(&admin.account, &query).await.map_err(cursor::list_failed)?;
    let next = found.pages.last().filter(|_| found.has_more).map(|last| cursor::outer(&last.url_id));
    Ok(Json(PagesView { pages: found.pages.into_iter().map(PageView::from).collect(), next }))
}

/// A page
#[utoipa::path(
    get,
    path = "/api/v1/pages/{id}",
    operation_id = "getPage",
    tag = "pages",
    params(("id" = PageId, Path, description = "The page")),
    responses((status = 200, description = "The page", body = PageView)),
)]
pub(crate) async fn page(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<PageId>,
    params: Params,
) -> Result<Json<PageView>, Problem> {
    params.finish()?;
    let page = gateway.backends.comments.page(&admin.account, id).await?.ok_or_else(|| Problem::not_found("page"))?;
    Ok(Json(PageView::from(page)))
}

/// The comments of a page
///
/// Oldest first. A comment of more than 64 KiB is truncated, and a list of more than 4 MiB ends
/// before its limit.
#[utoipa::path(
    get,
    path = "/api/v1/pages/{id}/comments",
    operation_id = "listComments",
    tag = "pages",
    params(
        ("id" = PageId, Path, description = "The page"),
        ("cursor" = Option<String>, Query, description = "`next` of the list before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 50 if absent"),
    ),
    responses((status = 200, description = "The page and some of its comments", body = CommentsView)),
)]
pub(crate) async fn comments(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<PageId>,
    mut params: Params,
) -> Result<Json<CommentsView>, Problem> {
    let query = CommentQuery { after: cursor::inner(&mut params)?, limit: params.limit(50)? };
    params.finish()?;
    let page = gateway.backends.comments.page(&admin.account, id).await?.ok_or_else(|| Problem::not_found("page"))?;
    let found = gateway.backends.comments.comments(&admin.account, id, &query).await.map_err(cursor::list_failed)?;
    let next = found.comments.last().filter(|_| found.has_more).map(|last| cursor::outer(&last.cursor));
    let comments = found.comments.into_iter().map(CommentView::from).collect();
    Ok(Json(CommentsView { page: PageView::from(page), comments, next }))
}

/// A comment
///
/// Returned in full, however long it is. The path in a list's entry for a truncated comment finds
/// the comment directly; without its `cursor`, the account's comments are searched.
#[utoipa::path(
    get,
    path = "/api/v1/comments/{id}",
    operation_id = "getComment",
    tag = "pages",
    params(
        ("id" = CommentId, Path, description = "The comment"),
        ("cursor" = Option<String>, Query, description = "As in the path that a list gives"),
    ),
    responses((status = 200, description = "The comment", body = CommentView)),
)]
pub(crate) async fn comment(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<CommentId>,
    mut params: Params,
) -> Result<Json<CommentView>, Problem> {
    let cursor = cursor::inner(&mut params)?;
    params.finish()?;
    let found = gateway.backends.comments.find_comment(&admin.account, id, cursor.as_deref()).await?;
    Ok(Json(CommentView::from(found.ok_or_else(|| Problem::not_found("comment"))?)))
}
