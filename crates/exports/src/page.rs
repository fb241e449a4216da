//! What every page has in files of other systems, even if we do not know it.

use std::borrow::Cow;

use rethread_model::{ExportedPage, page_key, with_scheme};

/// Its address; without one, the address in its key, if the key looks like one.
pub(super) fn address(page: &ExportedPage) -> Option<Cow<'_, str>> {
    match &page.url {
        Some(url) => Some(Cow::Borrowed(url)),
        None => with_scheme(&page.url_id).map(Cow::Owned),
    }
}

/// Its address, or else its key: readers skip pages without a link.
pub(super) fn link(page: &ExportedPage) -> Cow<'_, str> {
    address(page).unwrap_or(Cow::Borrowed(&page.url_id))
}

/// Its title, or else its location: importers skip pages without a title.
pub(super) fn title(page: &ExportedPage) -> Cow<'_, str> {
    page.title.as_deref().map_or_else(|| link(page), Cow::Borrowed)
}

/// Whether its key says more than its address.
pub(super) fn has_own_key(page: &ExportedPage) -> bool {
    address(page).is_some_and(|address| page_key(&address) != page.url_id)
}
