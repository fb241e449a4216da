//! Packed uploads, intact and altered.

use super::*;

#[test]
fn bombs_are_refused() {
    let bomb = gzip(disqus(&" ".repeat(80 << 20)));
    assert_eq!(refused(&bomb).code, "bomb");
    assert_eq!(refused(zip(&[("a.xml", disqus(&" ".repeat(80 << 20)).as_bytes())])).code, "bomb");
    let limits = Limits { unpacked_bytes: 100, ..Limits::default() };
    assert_eq!(limited(&gzip(small()), &limits).unwrap_err().code, "bomb");
    assert!(limited(small().as_bytes(), &limits).is_ok(), "a plain file unpacks to nothing");
}

#[test]
fn a_gzip_cut_anywhere_keeps_what_is_whole() {
    let packed = gzip(small());
    for cut in 20..packed.len() {
        match limited(&packed[..cut], &Limits::default()) {
            Ok(imported) => assert_eq!(imported.defect(), Some("truncated"), "cut at {cut}"),
            Err(refusal) => {
                assert!(matches!(refusal.code.as_str(), "truncated" | "not_an_export"), "cut at {cut}: {refusal:?}");
            }
        }
    }
}

fn salvage() -> ImportOptions {
    ImportOptions { salvage: true, ..ImportOptions::default() }
}

/// Packed uploads of the small file with one bit flipped: in the checksum, in the data, in the
/// second of two members.
fn altered() -> Vec<Vec<u8>> {
    let changed = |mut file: Vec<u8>, at: usize| {
        file[at] ^= 1;
        file
    };
    let gz = gzip(small());
    let file = small();
    let (first, second) = file.split_at(file.len() / 2);
    let members = [gzip(first), gzip(second)].concat();
    let stored = zip_stored(&[("a.xml", small().as_bytes())]);
    let name_at = memchr::memmem::find(&stored, b"Guest").unwrap();
    let deflated = zip(&[("a.xml", small().as_bytes()), ("b.xml", small().as_bytes())]);
    let last_sum = memchr::memmem::rfind(&deflated, b"PK\x01\x02").unwrap() + 16;
    [(gz.clone(), gz.len() - 8), (gz.clone(), gz.len() - 1), (gz.clone(), gz.len() / 2)]
        .into_iter()
        .chain([(members.clone(), members.len() - 8), (members, gz.len() / 3), (stored, name_at), (deflated, last_sum)])
        .map(|(file, at)| changed(file, at))
        .collect()
}

#[test]
fn an_altered_archive_is_refused_or_each_of_its_comments_says_so() {
    for (number, upload) in altered().into_iter().enumerate() {
        let refusal = limited(&upload, &slices_of(300)).unwrap_err();
        assert_eq!(refusal.code, "damaged_archive", "{number}");
        assert!(refusal.message.contains("--salvage"), "{}", refusal.message);
        let salvaged = import_with(&upload, &salvage(), &slices_of(300)).unwrap();
        let told: Vec<_> =
            salvaged.findings.iter().filter(|finding| finding.reason == Reason::UnverifiedBytes).collect();
        let ids: Vec<_> = told.iter().map(|finding| finding.source_id.as_deref().unwrap()).collect();
        let of_altered = salvaged.comments().len() - if number == 6 { 3 } else { 0 };
        assert_eq!(ids, salvaged.ids()[salvaged.ids().len() - of_altered..], "{number}");
    }
    let whole = import_with(&gzip(small()), &salvage(), &Limits::default()).unwrap();
    assert_eq!(whole.reasons(), [], "to ask for it changes nothing for a whole file");
}

#[test]
fn an_altered_archive_is_noticed_however_early_its_content_ends_to_make_sense() {
    let broken = small().replacen("<post dsq:id=\"2\"", "</disqus>", 1);
    let mut packed = gzip(&broken);
    let sum_at = packed.len() - 8;
    packed[sum_at] ^= 4;
    assert_eq!(refused(&packed).code, "damaged_archive");
    let mut page = gzip("<!DOCTYPE html><html><body>Sign in</body></html>");
    let sum_at = page.len() - 8;
    page[sum_at] ^= 4;
    assert_eq!(refused(&page).code, "damaged_archive");
    let mut list = zip_stored(&[("a.xml", small().as_bytes()), ("users.csv", b"@ann,ann@post.example\n")]);
    let name_at = memchr::memmem::find(&list, b"@post.example").unwrap();
    list[name_at + 2] ^= 1;
    assert_eq!(refused(&list).code, "damaged_archive");
}

#[test]
fn zips_that_cannot_be_unpacked_say_why() {
    let whole = zip(&[("a.xml", small().as_bytes())]);
    let patched = |offset: usize, value: [u8; 2]| {
        let mut zip = whole.clone();
        let directory = memchr::memmem::rfind(&zip, b"PK\x01\x02").unwrap();
        zip[directory + offset..directory + offset + 2].copy_from_slice(&value);
        // The local file header repeats the value.
        let local = offset - 2;
        zip[local..local + 2].copy_from_slice(&value);
        zip
    };
    for method in [1_u16, 9, 12, 14, 93, 95, 98, 4242] {
        let refusal = refused(patched(10, method.to_le_bytes()));
        assert_eq!(refusal.code, "unsupported_zip", "method {method}");
        assert!(refusal.message.contains("Unpack it"), "{}", refusal.message);
    }
    assert_eq!(refused(patched(8, [1, 0])).code, "encrypted");
    let mut directory = whole.clone();
    let at = memchr::memmem::rfind(&directory, b"PK\x01\x02").unwrap();
    directory[at] ^= 1;
    assert_eq!(refused(directory).code, "damaged_archive");
}
