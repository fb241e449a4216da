//! The options of an import, from an upload's query or metadata.

use jiff::tz::TimeZone;
use rethread_model::{ImportOptions, MappingRule, PageKey, Scheme, Vendor};

use super::params::Params;
use crate::problem::Problem;

/// Longest file name that is stored, in characters.
const FILE_NAME_CHARACTERS: usize = 200;

/// An upload as its query or metadata describes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CreateImportRequest {
    /// Options for the worker.
    pub(crate) options: ImportOptions,
    /// Used for display only.
    pub(crate) file_name: Option<String>,
}

impl CreateImportRequest {
    /// Reads all parameters. Every error names its parameter.
    pub(crate) fn from_params(mut params: Params) -> Result<Self, Problem> {
        let include = params.words("include", &["pingbacks", "ip-addresses"])?;
        let exclude = params.words("exclude", &["spam"])?;
        let options = ImportOptions {
            vendor: vendor(&mut params)?,
            dry_run: params.flag("dry_run")?,
            check: params.flag("check")?,
            page_key: params
                .choice("page_key", &[PageKey::Url, PageKey::Identifier, PageKey::Item].map(|key| (key.as_str(), key)))?
                .unwrap_or_default(),
            scheme: params.choice("scheme", &[("http", Scheme::Http), ("https", Scheme::Https)])?.unwrap_or_default(),
            time_zone: time_zone(&mut params)?,
            site_url: site_url(&mut params)?,
            mapping: mapping(&mut params)?,
            include_pingbacks: include.contains(&"pingbacks"),
            include_ip_addresses: include.contains(&"ip-addresses"),
            exclude_spam: exclude.contains(&"spam"),
            salvage: params.flag("salvage")?,
            overwrite: params.flag("overwrite")?,
        };
        if options.check && options.dry_run {
            let detail = "check reads the file as a dry run first; ask for one of check and dry_run";
            return Err(Problem::parameter("check", detail));
        }
        let file_name = params.text("file_name")?.and_then(|name| presentable(&name));
        params.finish()?;
        Ok(Self { options, file_name })
    }
}

fn vendor(params: &mut Params) -> Result<Option<Vendor>, Problem> {
    let mut words: Vec<(&str, Option<Vendor>)> = vec![("auto", None)];
    words.extend(Vendor::ALL.iter().map(|vendor| (vendor.as_str(), Some(*vendor))));
    Ok(params.choice("vendor", &words)?.flatten())
}

fn time_zone(params: &mut Params) -> Result<Option<String>, Problem> {
    let Some(name) = params.text("time_zone")? else { return Ok(None) };
    let zone = TimeZone::get(&name).map_err(|_| {
        let detail = format!("\"{name}\" is not a time zone; use a name of the IANA database such as Europe/Berlin");
        Problem::parameter("time_zone", detail)
    })?;
    Ok(Some(zone.iana_name().unwrap_or(&name).to_owned()))
}

/// The site of a file that does not name it.
pub(crate) fn site_url(params: &mut Params) -> Result<Option<String>, Problem> {
    let Some(text) = params.text("site_url")? else { return Ok(None) };
    ImportOptions::parse_site_url(&text).map(Some).map_err(|why| Problem::parameter("site_url", why))
}

/// The whole table is in the query; proxies and servers limit its length to about what it
/// may contain.
fn mapping(params: &mut Params) -> Result<Vec<MappingRule>, Problem> {
    let table = params.text("map")?.unwrap_or_default();
    if table.is_empty() {
        return Ok(Vec::new());
    }
    MappingRule::parse_table(&table).map_err(|invalid| Problem::parameter("map", invalid.to_string()))
}

/// The last part of a path, without characters that could confuse a terminal or a log; `None` when
/// nothing is left.
fn presentable(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control()).take(FILE_NAME_CHARACTERS).collect();
    Some(kept.trim().to_owned()).filter(|kept| !kept.is_empty())
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn wanted(query: &str) -> Result<CreateImportRequest, Problem> {
        CreateImportRequest::from_params(Params::from(query))
    }

    #[test]
    fn a_bare_upload_gets_the_defaults() {
        let bare = wanted("").unwrap();
        assert_eq!(bare, CreateImportRequest { options: ImportOptions::default(), file_name: None });
        assert_eq!(wanted("vendor=auto&dry_run=false&page_key=url&scheme=https&include=").unwrap(), bare);
    }

    #[test]
    fn every_option_reaches_the_worker() {
        let query = "vendor=wordpress&dry_run=true&page_key=item&scheme=http&time_zone=europe/berlin\
                     &site_url=https://a.example/&map=from,to%0Aold.example,new.example%0A\
                     &include=pingbacks,ip-addresses&exclude=spam&salvage=true&overwrite=true&file_name=C%3A%5Cexports%5Cblog%0A.xml";
        let options = ImportOptions {
            vendor: Some(Vendor::WordPress),
            dry_run: true,
            check: false,
            page_key: PageKey::Item,
            scheme: Scheme::Http,
            time_zone: Some("Europe/Berlin".to_owned()),
            site_url: Some("https://a.example/".to_owned()),
            mapping: vec![MappingRule { from: "old.example".to_owned(), to: "new.example".to_owned() }],
            include_pingbacks: true,
            include_ip_addresses: true,
            exclude_spam: true,
            salvage: true,
            overwrite: true,
        };
        assert_eq!(wanted(query).unwrap(), CreateImportRequest { options, file_name: Some("blog.xml".to_owned()) });
        let options = ImportOptions { check: true, ..ImportOptions::default() };
        assert_eq!(wanted("check=true").unwrap(), CreateImportRequest { options, file_name: None });
    }

    #[test]
    fn a_refusal_names_the_parameter() {
        for (query, name) in [
            ("vendor=myspace", "vendor"),
            ("dry_run=yes", "dry_run"),
            ("check=first", "check"),
            ("check=true&dry_run=true", "check"),
            ("page_key=title", "page_key"),
            ("scheme=ftp", "scheme"),
            ("site_url=a.example", "site_url"),
            ("map=old.example,new.example", "map"),
            ("map=from,to%0Aa", "map"),
            ("time_zone=Mars/Olympus", "time_zone"),
            ("include=pingbacks,everything", "include"),
            ("exclude=replies", "exclude"),
            ("salvage=perhaps", "salvage"),
            ("overwrite=perhaps", "overwrite"),
            ("dryrun=true", "dryrun"),
            ("vendor=disqus&vendor=commento", "vendor"),
            ("account=other", "account"),
        ] {
            let problem = wanted(query).unwrap_err();
            assert_eq!(problem.status(), StatusCode::BAD_REQUEST, "{query}");
            assert!(format!("{problem:?}").contains(&format!("parameter: Some(\"{name}\")")), "{query}: {problem:?}");
        }
    }
}
