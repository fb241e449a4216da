//! Checks that requests without credentials, as anyone could send them, are refused.

use std::time::Duration;

use rethread_stores::{Diagnosis, Verdict};
use url::Url;

use super::bucket::Bucket;

const SUBJECT: &str = "requests without credentials";
const TIMEOUT: Duration = Duration::from_secs(10);

/// Requests the list of the bucket and `object`, which exists, without a signature.
pub(super) async fn diagnose(bucket: &Bucket, object: &str) -> Diagnosis {
    let (verdict, message) = match ask(bucket, object).await {
        Ok([200..300, _]) => (
            Verdict::Wrong,
            "anybody can list the bucket: take its public policy or ACL away, uploads hold personal data".to_owned(),
        ),
        Ok([_, 200..300]) => (
            Verdict::Wrong,
            "anybody can read uploads: take the public policy or ACL of the bucket away, uploads hold personal data"
                .to_owned(),
        ),
        Ok([401 | 403, 401 | 403]) => (Verdict::Fine, "are refused, for the list and for an object".to_owned()),
        Ok([list, object]) => (
            Verdict::Warning,
            format!(
                "are answered with HTTP {list} for the list and {object} for an object, neither served nor plainly \
                 refused: see that a proxy before the store serves nobody"
            ),
        ),
        Err(why) => (Verdict::Warning, format!("could not be tried: {why}")),
    };
    Diagnosis { subject: SUBJECT, verdict, message }
}

/// The HTTP statuses for the list and the object.
async fn ask(bucket: &Bucket, object: &str) -> Result<[u16; 2], String> {
    let url = url_of(bucket).ok_or("the URL of the bucket is not known")?;
    crate::tls::choose_provider();
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| error.to_string())?;
    let mut listed = url.clone();
    listed.set_query(Some("list-type=2&max-keys=1"));
    let mut read = url;
    read.path_segments_mut()
        .map_err(|()| "the URL of the bucket has no path")?
        .pop_if_empty()
        .extend(object.split('/'));
    let status = async |url: Url| match client.get(url).send().await {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(error) => Err(error.without_url().to_string()),
    };
    Ok([status(listed).await?, status(read).await?])
}

/// The URL of the bucket, as the SDK addresses it.
fn url_of(bucket: &Bucket) -> Option<Url> {
    let (name, region) = (&bucket.location.bucket, &bucket.region);
    let endpoint = bucket.location.endpoint.clone().unwrap_or_else(|| {
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://s3.{region}.{domain}")
    });
    let mut url = Url::parse(&endpoint).ok()?;
    if bucket.location.path_style {
        url.path_segments_mut().ok()?.pop_if_empty().push(name).push("");
    } else {
        let host = format!("{name}.{}", url.host_str()?);
        url.set_host(Some(&host)).ok()?;
    }
    Some(url)
}
