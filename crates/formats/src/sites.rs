//! Determines the sites of an upload's comments.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{FileFacts, ImportOptions, JobError, Origin, OriginCount, Vendor, page_key};
use rethread_vendors::{DocumentSites, format_of, host, refusal};

/// The sites of an upload's documents.
#[derive(Debug)]
pub(crate) struct Sites {
    /// The site of each document, in order; `None` if it is unknown.
    pub of_documents: Vec<Option<Origin>>,
    /// All sites with comments, those with most first.
    pub counts: Vec<OriginCount>,
    /// Why comments of an unknown site cannot be imported.
    pub needed: Option<JobError>,
}

/// Placeholder for an unknown site. Only records without comments are ever stored under it.
const UNNAMED: &str = "unknown";

impl Sites {
    /// A document that does not name its site belongs to the site of its pages, or else to that of
    /// the other documents, or to the one that the admin names. The error states that there are too
    /// many sites.
    pub(crate) fn of(documents: &[DocumentSites], vendor: Vendor, options: &ImportOptions) -> Result<Self, JobError> {
        let with_comments: Vec<Option<Origin>> = documents.iter().map(of_comments).collect();
        let named: BTreeSet<&Origin> = with_comments.iter().flatten().collect();
        let sole = named.first().copied().filter(|_| named.len() == 1).cloned();
        let given = options.site_url.as_deref().and_then(|url| format_of(vendor).site_of(url));
        let rest = sole.or(given);
        let is_missing = rest.is_none()
            && documents.iter().zip(&with_comments).any(|(document, site)| document.comments > 0 && site.is_none());
        let mut counts = BTreeMap::<Origin, u64>::new();
        for (document, site) in documents.iter().zip(&with_comments) {
            for (origin, comments) in &document.others {
                *counts.entry(origin.clone()).or_default() += comments;
            }
            if document.comments > 0 {
                let origin = site.clone().or_else(|| rest.clone()).unwrap_or_else(|| Origin::new(UNNAMED));
                *counts.entry(origin).or_default() += document.comments;
            }
        }
        if counts.len() > FileFacts::ORIGINS {
            return Err(too_many());
        }
        let mut counts: Vec<OriginCount> =
            counts.into_iter().map(|(origin, comments)| OriginCount { origin, comments }).collect();
        counts.sort_by_key(|count| std::cmp::Reverse(count.comments));

        let main = counts.first().map(|count| count.origin.clone());
        let of_document = |(document, site): (&DocumentSites, &Option<Origin>)| match (site, by_itself(document), &main)
        {
            (Some(site), ..) => Some(site.clone()),
            (None, _, _) if document.comments > 0 => rest.clone(),
            // A document without comments, only pages and people: it belongs to a site that has
            // comments in another document, if its pages say so.
            (None, Some(site), _) if counts.iter().any(|count| count.origin == site) => Some(site),
            (None, _, Some(main)) => Some(main.clone()),
            (None, Some(site), None) => Some(site),
            (None, None, None) => rest.clone(),
        };
        let of_documents = documents.iter().zip(&with_comments).map(of_document).collect();
        Ok(Self { of_documents, counts, needed: is_missing.then(needed) })
    }

    /// The site with most comments.
    pub(crate) fn main(&self) -> Origin {
        let main =
            self.counts.first().map(|count| &count.origin).or(self.of_documents.first().and_then(Option::as_ref));
        main.cloned().unwrap_or_else(|| Origin::new(UNNAMED))
    }
}

/// The site that a document names, or that most of its pages are on.
fn by_itself(document: &DocumentSites) -> Option<Origin> {
    document.own.clone().or_else(|| document.linked.clone().map(Origin::new))
}

/// Like [`by_itself`], for a document with comments.
fn of_comments(document: &DocumentSites) -> Option<Origin> {
    by_itself(document).filter(|_| document.has_comments())
}

fn needed() -> JobError {
    let message = "The file does not say which site its comments are of, and no page in it has an address. Name the site: with \
                   --site-url https://example.com on the command line, with site_url in the API; the dashboard asks for it.";
    refusal("site_needed", message, None)
}

fn too_many() -> JobError {
    let message = format!(
        "The file holds comments of more than {} sites. Import them in several files with fewer sites each.",
        FileFacts::ORIGINS
    );
    refusal("too_many_sites", message, None)
}

/// The key of a page without an address, unique across sites. `url_id` is the vendor's id of the
/// page.
pub(crate) fn key_of_site(vendor: Vendor, origin: &Origin, url_id: &str) -> String {
    let site = origin.as_str();
    let rest = url_id.strip_prefix(site);
    if rest.is_some_and(|rest| rest.starts_with(['/', '?', '#', ':'])) {
        return url_id.to_owned();
    }
    if let Some(address) = format_of(vendor).address_of_page(origin, url_id) {
        return page_key(&address);
    }
    let is_web = host(&format!("https://{site}")).is_some_and(|host| host.contains(['.', ':']) || host == "localhost");
    if is_web && url_id.starts_with('/') {
        let host = site.split('/').next().unwrap_or_default();
        return page_key(&format!("https://{host}{url_id}"));
    }
    format!("{site}#{url_id}")
}

#[cfg(test)]
mod tests;
