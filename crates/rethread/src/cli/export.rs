//! Options of an export.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rethread_model::{AccountId, ExportFilter, ExportFormat, Origin, Status, Vendor};

use super::Questions;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The format: csv, jsonl (everything that is stored), wordpress, commento or disqus
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: ExportFormat,
    /// Account whose comments are exported
    #[arg(long, default_value = "default")]
    pub(crate) account: AccountId,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    filter: Filter,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The export file, as downloaded from the vendor (compressed or not); - reads standard input
    pub(crate) file: PathBuf,
    /// The format: csv, jsonl (everything that was read), wordpress, commento or disqus
    #[arg(long, value_name = "FORMAT")]
    pub(crate) to: ExportFormat,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) questions: Questions,
}

/// The destination of an export.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// File to write; it appears under this name only once it is complete [default:
    /// standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Compress the output with gzip
    #[arg(long)]
    pub(crate) gzip: bool,
    /// Print a summary as a single JSON document (needs --out)
    #[arg(long, requires = "out")]
    pub(crate) json: bool,
}

/// Which comments are exported.
#[derive(Debug, Args)]
struct Filter {
    /// Only comments of the page with this key, such as example.com/post
    #[arg(long, value_name = "KEY")]
    page: Option<String>,
    /// Only comments imported from this vendor
    #[arg(long)]
    vendor: Option<Vendor>,
    /// Only comments imported from this site: a forum, a domain or an address, as named in the
    /// import's receipt
    #[arg(long)]
    origin: Option<String>,
    /// Only comments from this time or later: a day such as 2024-01-31, in UTC, or an instant such
    /// as 2024-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Only comments before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Only comments that are approved, pending, spam or deleted
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
    status: Vec<Status>,
}

impl ExportArgs {
    /// Which comments are exported.
    pub(crate) fn filter(&self) -> ExportFilter {
        let Filter { page, vendor, origin, from, until, status } = &self.filter;
        ExportFilter {
            page: page.clone(),
            vendor: *vendor,
            origin: origin.as_deref().map(Origin::new),
            from: *from,
            until: *until,
            status: status.iter().copied().collect(),
        }
    }
}

fn status(word: &str) -> Result<Status, &'static str> {
    Status::from_word(word).ok_or("use approved, pending, spam or deleted")
}

/// Parses an instant, or a day, which means its start in UTC.
fn time(text: &str) -> Result<Timestamp, &'static str> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp());
    let is_day = text.len() == "2024-01-31".len();
    text.parse()
        .ok()
        .or_else(|| day().filter(|_| is_day))
        .ok_or("use a day such as 2024-01-31, or an instant with its offset such as 2024-01-31T12:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_instants_are_understood() {
        let noon: Timestamp = "2024-01-31T12:00:00Z".parse().unwrap();
        assert_eq!(time("2024-01-31T13:00:00+01:00"), Ok(noon));
        assert_eq!(time("2024-01-31").map(|start| start.to_string()), Ok("2024-01-31T00:00:00Z".to_owned()));
        for text in ["2024-01-31T12:00:00", "31.1.2024", "2024-02-30", "1706702400", ""] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
