//! The samples that anyone can import, for tests of all vendors.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use rethread_model::{ImportOptions, Reason, Status, Vendor};
use rethread_vendors::{Question, info, vendors};

use crate::Limits;
use crate::recognise;
use crate::testing::{Imported, import_with};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

/// The names of the samples. One that is there plain and packed counts once.
pub(crate) fn samples() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = entries.filter(|name| name != "README.md").collect();
    let is_packed_twin = |name: &&String| name.strip_suffix(".gz").is_some_and(|plain| files.contains(plain));
    files.iter().filter(|name| !is_packed_twin(name)).cloned().collect()
}

/// A sample, unpacked.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    let file = fs::read(folder().join(name)).unwrap();
    if !file.starts_with(&[0x1f, 0x8b]) {
        return file;
    }
    let mut bytes = Vec::new();
    GzDecoder::new(file.as_slice()).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn every_vendor_has_a_sample_that_bears_its_word() {
    for info in vendors() {
        let of_vendor: Vec<String> = samples().into_iter().filter(|name| name.starts_with(info.word())).collect();
        assert!(!of_vendor.is_empty(), "samples/ has no file of {}", info.name());
        for name in of_vendor {
            let recognised = recognise(&sample(&name)).unwrap();
            assert_eq!((recognised.vendor, recognised.evidence), (info.vendor, info.evidence), "{name}");
        }
    }
}

fn vendor_of(name: &str) -> Vendor {
    recognise(&sample(name)).unwrap().vendor
}

#[test]
fn every_sample_is_recognised_behind_junk() {
    for name in samples() {
        let junked = [b"Notice: Undefined index: x in /var/www/a.php on line 3\n\n", &*sample(&name)].concat();
        let recognised = recognise(&junked).unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
        assert_eq!(recognised.vendor, vendor_of(&name), "{name}");
    }
}

#[test]
fn spam_stays_behind_where_the_admin_asks_for_it() {
    let mut seen = 0;
    for name in samples() {
        let read = |options: ImportOptions| import_with(&sample(&name), &options, &Limits::default()).unwrap();
        let spam_of = |imported: &Imported| {
            imported.comments().into_iter().filter(|comment| comment.status == Status::Spam).count()
        };
        let all = read(ImportOptions::default());
        let without = read(ImportOptions { exclude_spam: true, ..ImportOptions::default() });
        let left_out = without.refused().into_iter().filter(|record| record.reason == Reason::SpamExcluded).count();
        assert_eq!((spam_of(&without), left_out), (0, spam_of(&all)), "{name}");
        assert!(spam_of(&all) == 0 || info(vendor_of(&name)).asks(Question::ExcludeSpam), "{name}");
        seen += spam_of(&all);
    }
    assert!(seen > 0, "no sample has spam");
}
