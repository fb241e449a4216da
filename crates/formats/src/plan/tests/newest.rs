//! The newest comment of a slice.

use super::*;
use crate::tests::samples::{sample, samples};

/// The planner finds dates without parsing comments; readers parse them.
#[test]
fn the_newest_comment_is_known_before_any_is_read() {
    for name in samples() {
        let upload = sample(&name);
        let site_url = Some("https://a.example".to_owned());
        let options = ImportOptions { site_url, include_pingbacks: true, ..ImportOptions::default() };
        let imported = import_with(&upload, &options, &slices_of(2_000)).unwrap();
        let read = imported.comments().iter().filter_map(|comment| comment.created_at).max();
        // Comments that cannot be imported may be newer.
        let has_newer = imported.records.iter().any(|record| matches!(record, rethread_model::Record::Refused(_)));
        for slice in &imported.plan.slices {
            let found = slice.newest_comment_at;
            assert!(read.is_some() && (found == read || has_newer && found > read), "{name}: {found:?}, {read:?}");
        }
    }
}

#[test]
fn each_site_of_an_upload_has_a_newest_comment_of_its_own() {
    let of = |site: &str, at: &str| {
        let document = wxr(&item(1, &wp_comment(1, 0, "c"))).replace("Blog.example.org/", site);
        document.replace("blog.example.org", site).replace("2020-01-02 00:00:00", at)
    };
    let (a, old, new) = (of("a.example", "2019-01-01 00:00:00"), "2020-05-05 00:00:00", "2021-06-06 00:00:00");
    let (b, c) = (of("b.example", old), of("b.example", new));
    let upload = zip(&[("1.xml", a.as_bytes()), ("2.xml", b.as_bytes()), ("3.xml", c.as_bytes())]);
    let newest = |limits: &Limits| -> Vec<String> {
        let slices = limited(&upload, limits).unwrap().plan.slices;
        slices.iter().map(|slice| slice.newest_comment_at.unwrap().to_string()).collect()
    };
    let expected = ["2019-01-01T00:00:00Z", "2021-06-06T00:00:00Z", "2021-06-06T00:00:00Z"];
    assert_eq!(newest(&Limits::default()), expected);
    let received = Limits { received_at: "2020-12-31T00:00:00Z".parse().ok(), ..Limits::default() };
    let expected = ["2019-01-01T00:00:00Z", "2020-05-05T00:00:00Z", "2020-05-05T00:00:00Z"];
    assert_eq!(newest(&received), expected);
}
