//! The message to operators about an event.

use rethread_model::{Event, EventId, JobEnded, Timestamp};
use url::Url;

/// An event as text. Contains no personal data.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The event.
    pub event: Event,
    /// A single line.
    pub subject: String,
    /// A few lines of plain text.
    pub text: String,
    /// The address of the job in the dashboard.
    pub link: Option<Url>,
}

impl Notice {
    pub(crate) fn of(event: Event, dashboard: Option<&Url>) -> Self {
        let Event::JobFailed(ended) = &event;
        let link = dashboard.and_then(|dashboard| job_link(dashboard, ended));
        let kind = ended.kind.as_str();
        let subject = format!("{kind} of account {} failed", ended.account);
        let mut lines = vec![format!("The {kind} {} of account {} failed.", ended.job, ended.account)];
        if let Some(error) = &ended.error {
            let place = error.offset.map(|offset| format!(" (at byte {offset})")).unwrap_or_default();
            lines.push(format!("Reason: {}{place}", error.message));
        }
        if let Some(vendor) = ended.vendor {
            lines.push(format!("Vendor: {}", vendor.name()));
        }
        lines.push(format!("When: {}", ended.at));
        lines.extend(link.as_ref().map(Url::to_string));
        Self { subject, text: lines.join("\n"), link, event }
    }

    pub(crate) const fn id(&self) -> EventId {
        self.event.id()
    }

    pub(crate) const fn ended(&self) -> &JobEnded {
        let Event::JobFailed(ended) = &self.event;
        ended
    }

    pub(crate) const fn at(&self) -> Timestamp {
        self.ended().at
    }
}

/// `jobs/<id>` under the dashboard's address, with or without a trailing slash.
fn job_link(dashboard: &Url, ended: &JobEnded) -> Option<Url> {
    let mut link = dashboard.clone();
    link.path_segments_mut().ok()?.pop_if_empty().push("jobs").push(&ended.job.to_string());
    Some(link)
}
