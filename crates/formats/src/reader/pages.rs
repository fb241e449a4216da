//! Assigns the threads of a slice to pages.

use rethread_model::{ImportOptions, MappingRules, Origin, PageKey, Thread, Vendor};
use rethread_vendors::host;

use crate::sites::key_of_site;

/// What determines a thread's page besides the vendor's data.
pub(super) struct Pages {
    vendor: Vendor,
    key: PageKey,
    rules: MappingRules,
}

impl Pages {
    pub(super) fn new(vendor: Vendor, options: &ImportOptions) -> Self {
        Self { vendor, key: options.page_key, rules: MappingRules::new(&options.mapping) }
    }

    /// Applies the admin's rules to a thread. A page without an address is also known by its site,
    /// unless the admin chose the vendor's identifiers: rules may use either form.
    pub(super) fn place(&self, thread: &mut Thread, origin: Option<&Origin>) {
        if let Some(there) = self.rules.place(&thread.url_id, thread.url.as_deref()) {
            (thread.url_id, thread.url) = (there.url_id, there.url);
            return;
        }
        let has_address = thread.url.as_deref().is_some_and(|url| host(url).is_some());
        if let Some(origin) = origin.filter(|_| !has_address && self.key == PageKey::Url) {
            thread.url_id = key_of_site(self.vendor, origin, &thread.url_id);
            self.rules.apply(thread);
        }
    }
}
