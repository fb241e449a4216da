//! How pages are identified, from one import to the next. An import whose options differ from those
//! of its site's last import moves threads to other pages, and reports that.

use rethread_formats::Plan;
use rethread_model::{Finding, Job, Position, Reason, Scope};
use rethread_stores::Target;

use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

impl Worker {
    /// Compares the options of a planned import with those of the last imports of its sites.
    pub(crate) async fn compare_pages(&self, job: &Job, plan: &mut Plan) -> Result<(), TaskError> {
        let comments = self.context.backends.comments.as_ref();
        let asked = job.import().map(rethread_model::ImportOptions::pages).unwrap_or_default();
        let facts = &mut plan.facts;
        let others = facts.origins.iter().map(|count| &count.origin).filter(|origin| **origin != facts.origin);
        let mut is_other = false;
        for origin in std::iter::once(&facts.origin).chain(others) {
            let scope = Scope { account: job.account.clone(), vendor: facts.vendor, origin: origin.clone() };
            let earlier = retry(|| comments.page_options(&scope)).await?.filter(|earlier| *earlier != asked);
            is_other |= earlier.is_some();
            if *origin == facts.origin {
                facts.earlier_pages = earlier;
            }
        }
        if is_other {
            let finding = Finding { at: Position::default(), reason: Reason::OtherPageOptions, source_id: None };
            plan.findings.push(finding);
            plan.findings.sort();
        }
        Ok(())
    }

    /// Stores the options of an import for the next one. May be repeated.
    pub(super) async fn keep_pages(&self, job: &Job, target: &Target) -> Result<(), TaskError> {
        let Some(options) = job.import() else { return Ok(()) };
        let (comments, pages) = (self.context.backends.comments.as_ref(), options.pages());
        Ok(retry(|| comments.set_page_options(target, &pages)).await?)
    }
}
