#![doc = include_str!("../README.md")]

mod allow_list;
mod autop;
mod blocks;
mod complexity;
mod markdown;
mod plain;
mod policy;
mod runs;
mod tables;
mod tags;
#[cfg(test)]
mod tests;
mod unknown;

use rethread_model::SafeHtml;

/// Text that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sanitised {
    /// The text as HTML.
    pub html: SafeHtml,
    /// The source was too complex (nested too deeply, for example) to be parsed safely: `html`
    /// shows it as plain text, including tags.
    pub flattened: bool,
}

/// Sanitises HTML as the vendor stored it.
#[must_use]
pub fn from_html(source: &str) -> Sanitised {
    sanitised(source, policy::apply(source))
}

/// Sanitises HTML in which WordPress makes paragraphs on display: an empty line ends one, a newline
/// breaks a line.
#[must_use]
pub fn from_wordpress(source: &str) -> Sanitised {
    sanitised(source, policy::apply(&autop::paragraphs(source)))
}

/// Sanitises Markdown with strikethrough and bare links, in which a newline breaks a line. HTML in
/// it goes through the policy.
#[must_use]
pub fn from_markdown(source: &str) -> Sanitised {
    sanitised(source, markdown::to_html(source).and_then(|html| policy::apply(&html)))
}

/// Escapes plain text: an empty line ends a paragraph, a newline breaks a line.
#[must_use]
pub fn from_plain(source: &str) -> Sanitised {
    Sanitised { html: declare_safe(plain::to_html(source)), flattened: false }
}

fn sanitised(source: &str, html: Option<String>) -> Sanitised {
    let flattened = html.is_none();
    Sanitised { html: declare_safe(html.unwrap_or_else(|| plain::to_html(source))), flattened }
}

/// The argument is output of the policy or escaped text.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that makes safe HTML; only the policy's output comes here"
)]
fn declare_safe(html: String) -> SafeHtml {
    SafeHtml::assume_sanitised(html)
}
