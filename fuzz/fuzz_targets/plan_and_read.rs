//! Any bytes are refused or read, whatever vendor they resemble; a complete file gives the same
//! comments with any slices.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rethread_fuzz::import;
use rethread_model::ImportOptions;

fuzz_target!(|upload: &[u8]| {
    let options = ImportOptions::default();
    let Some(whole) = import(upload, &options, usize::MAX) else { return };
    let cut = import(upload, &options, 64).expect("slices do not matter to what a file is");
    assert_eq!(whole.plan.facts, cut.plan.facts);
    let is_damaged = whole.plan.defect.is_some() || !whole.findings.is_empty() || !whole.refused.is_empty();
    if !is_damaged {
        assert_eq!(whole.comments, cut.comments);
    }
});
