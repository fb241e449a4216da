//! What every page has in files of other systems, whether or not we know it.

use std::borrow::Cow;

use rethread_model::{ExportedPage, page_key, with_scheme};

/// Its address; without one, the one that its key is of, if it looks like that.
pub(super) fn address(page: &ExportedPage) -> Option<Cow<'_, str>> {
    match &page.url {
        Some(url) => Some(Cow::Borrowed(url)),
        None => with_scheme(&page.url_id).map(Cow::Owned),
    }
}

/// Its address, or else its key: readers pass over pages without.
pub(super) fn link(page: &ExportedPage) -> Cow<'_, str> {
    address(page).unwrap_or(Cow::Borrowed(&page.url_id))
}

/// Its title, or else where it is: importers pass over pages without a title.
pub(super) fn title(page: &ExportedPage) -> Cow<'_, str> {
    page.title.as_deref().map_or_else(|| link(page), Cow::Borrowed)
}

/// Whether its key says more than its address.
pub(super) fn has_own_key(page: &ExportedPage) -> bool {
    address(page).is_some_and(|address| page_key(&address) != page.url_id)
}
