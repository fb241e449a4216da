//! `doctor`.

mod verify;

use std::error::Error as _;
use std::process::ExitCode;
use std::sync::Arc;

use rethread_model::SystemClock;
use rethread_runtime::Config;
use rethread_runtime::{SeamReport, Urls, examine};
use rethread_stores::{Diagnosis, Error, Verdict};
use serde_json::json;

use crate::cli::DoctorArgs;
use crate::failure::EXIT_FAILED;

/// Checks the four backends, and reports what is wrong and how to fix it. Creates nothing in
/// backends that run on servers.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn run(config: &Config, args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    if let Some(job) = args.verify {
        return verify::run(config, args, job).await;
    }
    let urls = config.urls();
    let examined = examine(&urls, Arc::new(SystemClock), args.apply).await?;
    let is_well = examined.iter().all(is_well);
    if args.json {
        let checks: Vec<_> = examined.iter().map(|seam| as_json(seam, &urls)).collect();
        println!("{}", serde_json::to_string_pretty(&json!({"ok": is_well, "checks": checks}))?);
    } else {
        for seam in &examined {
            print!("{}", as_text(seam, &urls));
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

/// Whether the backend works and needs no fix.
fn is_well(seam: &SeamReport) -> bool {
    seam.found.as_ref().is_ok_and(|found| found.iter().all(|diagnosis| diagnosis.verdict != Verdict::Wrong))
}

fn as_json(seam: &SeamReport, urls: &Urls) -> serde_json::Value {
    let diagnoses = seam.found.as_deref().unwrap_or_default().iter().map(|diagnosis| {
        json!({
            "subject": diagnosis.subject,
            "verdict": word(diagnosis.verdict),
            "message": diagnosis.message,
        })
    });
    json!({
        "seam": seam.seam,
        "url": redacted(url_of(seam, urls)),
        "ok": is_well(seam),
        "error": seam.found.as_ref().err().map(ToString::to_string),
        "because": seam.found.as_ref().err().map(causes),
        "diagnoses": diagnoses.collect::<Vec<_>>(),
    })
}

fn as_text(seam: &SeamReport, urls: &Urls) -> String {
    let (word_of_seam, url) = (if is_well(seam) { "ok" } else { "wrong" }, redacted(url_of(seam, urls)));
    let mut lines = vec![format!("{word_of_seam:<8} {:<9} {url}", seam.seam)];
    match &seam.found {
        Ok(found) => {
            for Diagnosis { subject, verdict, message } in found {
                lines.push(format!("  {:<8} {subject}: {message}", word(*verdict)));
            }
        }
        Err(error) => {
            lines.push(format!("  {error}"));
            lines.extend(causes(error).into_iter().map(|cause| format!("  because: {cause}")));
        }
    }
    lines.join("\n") + "\n"
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fine => "ok",
        Verdict::Applied => "applied",
        Verdict::Warning => "warning",
        Verdict::Wrong => "wrong",
    }
}

fn causes(error: &Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes
}

fn url_of<'a>(seam: &SeamReport, urls: &'a Urls) -> &'a str {
    match seam.seam {
        "blobs" => &urls.blobs,
        "jobs" => &urls.jobs,
        "queue" => &urls.queue,
        _ => &urls.comments,
    }
}

/// A URL without passwords.
fn redacted(url: &str) -> String {
    const HIDDEN: &str = "***";
    let Ok(mut parsed) = url::Url::parse(url) else { return url.to_owned() };
    let is_secret = |name: &str| name.contains("password") || name.contains("secret");
    if parsed.password().is_some() {
        let _ = parsed.set_password(Some(HIDDEN));
    }
    if parsed.query_pairs().any(|(name, _)| is_secret(&name)) {
        let query: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
        let shown = query.iter().map(|(name, value)| (name, if is_secret(name) { HIDDEN } else { value.as_str() }));
        parsed.query_pairs_mut().clear().extend_pairs(shown);
    }
    // Show a URL without secrets exactly as it was written.
    if parsed.as_str().contains(HIDDEN) { parsed.to_string() } else { url.to_owned() }
}

#[cfg(test)]
mod tests {
    use rethread_stores::ErrorKind;

    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(redacted("amqp://ann:geheim@host/%2f"), "amqp://ann:***@host/%2f");
        let query = redacted("postgres://host/db?user=ann&password=geheim");
        assert_eq!(query, "postgres://host/db?user=ann&password=***");
        for plain in ["sqlite:data/jobs.db", "s3://exports/site?endpoint=http://127.0.0.1:3900&region=garage"] {
            assert_eq!(redacted(plain), plain);
        }
    }

    #[test]
    fn what_must_be_mended_is_not_well_and_a_warning_is() {
        let seam = |verdict| SeamReport {
            seam: "blobs",
            found: Ok(vec![Diagnosis { subject: "versions", verdict, message: "none are kept".to_owned() }]),
        };
        for (verdict, well) in
            [(Verdict::Fine, true), (Verdict::Applied, true), (Verdict::Warning, true), (Verdict::Wrong, false)]
        {
            assert_eq!(is_well(&seam(verdict)), well);
        }
        let down = Error::new(ErrorKind::Unavailable, "cannot be reached").because("connection refused");
        let down = SeamReport { seam: "jobs", found: Err(down) };
        assert!(!is_well(&down));
        let urls = Urls {
            blobs: "s3://exports".to_owned(),
            jobs: "redis://ann:geheim@host".to_owned(),
            queue: "memory:".to_owned(),
            comments: "sqlite:comments.db".to_owned(),
        };
        let text = as_text(&down, &urls);
        assert_eq!(
            text,
            "wrong    jobs      redis://ann:***@host\n  cannot be reached\n  because: connection refused\n"
        );
        let fine = as_text(&seam(Verdict::Fine), &urls);
        assert_eq!(fine, "ok       blobs     s3://exports\n  ok       versions: none are kept\n");
        assert_eq!(as_json(&down, &urls)["because"], json!(["connection refused"]));
    }
}
