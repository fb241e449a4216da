//! A safety net under the janitor: lifecycle rules by which the store itself deletes leftovers.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, TransitionDefaultMinimumObjectSize,
};
use rethread_stores::{BlobPrefix, Diagnosis, Result, Verdict};

use super::bucket::Bucket;
use super::failure::{Cause, cause, detail, failed};

const SUBJECT: &str = "lifecycle rules";
/// Days after which unfinished uploads are aborted; the minimum that S3 allows.
const ABORT_AFTER_DAYS: i32 = 1;

/// The rules for a prefix.
struct Net {
    abort_rule: &'static str,
    expire_rule: &'static str,
    /// Days after which objects are deleted.
    expire_after_days: i32,
}

impl Net {
    const fn of(area: BlobPrefix) -> Self {
        match area {
            BlobPrefix::Uploads => Self {
                abort_rule: "rethread-abort-unfinished-uploads",
                expire_rule: "rethread-expire-uploads",
                expire_after_days: 7,
            },
            // Longer than the configuration allows an export to be offered.
            BlobPrefix::Exports => Self {
                abort_rule: "rethread-abort-unfinished-exports",
                expire_rule: "rethread-expire-exports",
                expire_after_days: 31,
            },
        }
    }
}

/// The rules of a bucket, with what must be sent back with them.
struct Rules {
    rules: Vec<LifecycleRule>,
    smallest_transition: Option<TransitionDefaultMinimumObjectSize>,
}

enum Found {
    Rules(Rules),
    /// The server does not support lifecycle rules.
    Unsupported,
    /// Reading them is forbidden; the reason.
    Refused(String),
}

/// Checks that the rules exist; with `apply`, adds the missing ones and keeps all others.
pub(super) async fn diagnose(bucket: &Bucket, apply: bool) -> Result<Diagnosis> {
    let diagnosis = |verdict, message: String| Ok(Diagnosis { subject: SUBJECT, verdict, message });
    let found = match find(bucket).await? {
        Found::Rules(found) => found,
        Found::Unsupported => {
            let message = "this server has none: the janitor of the workers alone deletes what was left lying, so keep at \
                           least one worker running";
            return diagnosis(Verdict::Warning, message.to_owned());
        }
        Found::Refused(why) => {
            let message =
                format!("may not be read ({why}): allow s3:GetLifecycleConfiguration, or see to them yourself");
            return diagnosis(Verdict::Warning, message);
        }
    };
    let missing: Vec<LifecycleRule> =
        BlobPrefix::ALL.into_iter().flat_map(|area| missing(&found.rules, &bucket.area(area), area)).collect();
    if missing.is_empty() {
        let days =
            BlobPrefix::ALL.map(|area| format!("{} after {} days", bucket.area(area), Net::of(area).expire_after_days));
        let message =
            format!("abort unfinished uploads, and delete what is left under {} at most", days.join(" and under "));
        return diagnosis(Verdict::Fine, message);
    }
    let names: Vec<&str> = missing.iter().filter_map(LifecycleRule::id).collect();
    let names = names.join(" and ");
    if !apply {
        let message = format!("{names} not there: run `rethread doctor --apply`, which keeps all other rules");
        return diagnosis(Verdict::Warning, message);
    }
    match write(bucket, found, missing).await {
        Ok(()) => diagnosis(Verdict::Applied, format!("{names} written; all other rules were kept")),
        Err(why) => diagnosis(
            Verdict::Warning,
            format!("{names} could not be written ({why}): allow s3:PutLifecycleConfiguration, or write them yourself"),
        ),
    }
}

async fn find(bucket: &Bucket) -> Result<Found> {
    let asked = bucket.client.get_bucket_lifecycle_configuration().bucket(&bucket.location.bucket).send().await;
    let error = match asked {
        Ok(answer) => {
            return Ok(Found::Rules(Rules {
                rules: answer.rules.unwrap_or_default(),
                smallest_transition: answer.transition_default_minimum_object_size,
            }));
        }
        Err(error) => error,
    };
    let code = error.as_service_error().and_then(|error| error.code());
    match cause(&error) {
        _ if code == Some("NoSuchLifecycleConfiguration") => {
            Ok(Found::Rules(Rules { rules: Vec::new(), smallest_transition: None }))
        }
        Cause::Unsupported => Ok(Found::Unsupported),
        Cause::Refused => Ok(Found::Refused(detail(&error))),
        _ => Err(failed("read the lifecycle rules of the bucket", &error).into()),
    }
}

/// Writes the missing rules; the error is the reason of a failure.
async fn write(bucket: &Bucket, found: Rules, missing: Vec<LifecycleRule>) -> Result<(), String> {
    let mut rules = found.rules;
    rules.retain(|rule| missing.iter().all(|ours| ours.id() != rule.id()));
    rules.extend(missing);
    let rules = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build();
    let rules = rules.map_err(|error| error.to_string())?;
    let request = bucket.client.put_bucket_lifecycle_configuration().bucket(&bucket.location.bucket);
    let request = request.set_transition_default_minimum_object_size(found.smallest_transition);
    request.lifecycle_configuration(rules).send().await.map(drop).map_err(|error| detail(&error))
}

/// The missing rules of a prefix; their names do not matter.
fn missing(rules: &[LifecycleRule], prefix: &str, area: BlobPrefix) -> Vec<LifecycleRule> {
    let net = Net::of(area);
    let is_aborting = |rule: &&LifecycleRule| {
        let after =
            rule.abort_incomplete_multipart_upload().and_then(AbortIncompleteMultipartUpload::days_after_initiation);
        covers(rule, prefix) && after.is_some_and(|days| days <= ABORT_AFTER_DAYS)
    };
    let is_expiring = |rule: &&LifecycleRule| {
        let after = rule.expiration().and_then(LifecycleExpiration::days);
        covers(rule, prefix) && after.is_some_and(|days| days <= net.expire_after_days)
    };
    let mut missing = Vec::new();
    if !rules.iter().any(|rule| is_aborting(&rule)) {
        let abort = AbortIncompleteMultipartUpload::builder().days_after_initiation(ABORT_AFTER_DAYS).build();
        missing.extend(rule(net.abort_rule, prefix).abort_incomplete_multipart_upload(abort).build());
    }
    if !rules.iter().any(|rule| is_expiring(&rule)) {
        let expiration = LifecycleExpiration::builder().days(net.expire_after_days).build();
        missing.extend(rule(net.expire_rule, prefix).expiration(expiration).build());
    }
    missing
}

fn rule(id: &str, prefix: &str) -> aws_sdk_s3::types::builders::LifecycleRuleBuilder {
    let filter = LifecycleRuleFilter::builder().prefix(prefix).build();
    LifecycleRule::builder().id(id).filter(filter).status(ExpirationStatus::Enabled)
}

/// Whether a rule is enabled for everything below a prefix.
fn covers(rule: &LifecycleRule, prefix: &str) -> bool {
    #[expect(deprecated, reason = "rules written long ago have their prefix here")]
    let old_prefix = rule.prefix();
    let ruled = match rule.filter() {
        None => old_prefix,
        Some(filter) => {
            let is_plain = filter.tag().is_none()
                && filter.and().is_none()
                && filter.object_size_greater_than().is_none()
                && filter.object_size_less_than().is_none();
            is_plain.then(|| filter.prefix().unwrap_or_default())
        }
    };
    rule.status() == &ExpirationStatus::Enabled && ruled.is_some_and(|ruled| prefix.starts_with(ruled))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(rules: &[LifecycleRule]) -> Vec<&str> {
        rules.iter().filter_map(LifecycleRule::id).collect()
    }

    #[test]
    fn what_was_written_is_not_missing_any_more() {
        for area in BlobPrefix::ALL {
            let written = missing(&[], "site/here/", area);
            assert_eq!(ids(&written), [Net::of(area).abort_rule, Net::of(area).expire_rule]);
            assert!(missing(&written, "site/here/", area).is_empty());
            assert_eq!(missing(&written, "other/here/", area).len(), 2, "they hold for their prefix alone");
        }
    }

    #[test]
    fn rules_of_the_operator_count_if_they_hold_for_all_uploads() {
        let expiring = |days, filter: LifecycleRuleFilter, status| {
            let expiration = LifecycleExpiration::builder().days(days).build();
            LifecycleRule::builder().id("theirs").filter(filter).status(status).expiration(expiration).build().unwrap()
        };
        let whole_bucket = || LifecycleRuleFilter::builder().prefix("").build();
        let small_ones = LifecycleRuleFilter::builder().object_size_less_than(1000).build();
        let enough = expiring(3, whole_bucket(), ExpirationStatus::Enabled);
        let uploads = |rule| missing(&[rule], "uploads/", BlobPrefix::Uploads);
        assert_eq!(ids(&uploads(enough)), [Net::of(BlobPrefix::Uploads).abort_rule]);
        for not_enough in [
            expiring(30, whole_bucket(), ExpirationStatus::Enabled),
            expiring(3, whole_bucket(), ExpirationStatus::Disabled),
            expiring(3, small_ones, ExpirationStatus::Enabled),
        ] {
            assert_eq!(uploads(not_enough).len(), 2);
        }
    }
}
