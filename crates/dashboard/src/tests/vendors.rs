use std::collections::BTreeSet;

use rethread_vendors::{Question, VendorInfo, vendors};

use crate::site::Files;

/// What the dashboard offers for the file of any vendor.
const FOR_ALL: [&str; 4] = ["site_url", "map", "overwrite", "salvage"];

/// The words in quotes of the list after this key.
fn list<'m>(line: &'m str, key: &str) -> BTreeSet<&'m str> {
    let (_, rest) = line.split_once(&format!("{key}: [")).unwrap();
    let (list, _) = rest.split_once(']').unwrap();
    list.split('"').skip(1).step_by(2).collect()
}

fn words(questions: &'static [Question]) -> BTreeSet<&'static str> {
    questions.iter().map(|question| question.word()).collect()
}

#[test]
fn each_vendor_is_asked_what_its_files_leave_open() {
    let module = String::from_utf8(Files::get("core/vendors.js").unwrap().data.into_owned()).unwrap();
    let assigned = module.replace("VENDORS = [", "VENDORS: [");
    let registered: BTreeSet<&str> = vendors().map(VendorInfo::word).collect();
    assert_eq!(list(&assigned, "VENDORS"), registered);
    for info in vendors() {
        assert!(module.contains(&format!("\n  {}: \"", info.word())), "no name of {}", info.name());
        let line = module.lines().find(|line| line.starts_with(&format!("  {}: {{", info.word()))).unwrap();
        assert_eq!(list(line, "first"), words(info.first_questions), "{}", info.name());
        let more: BTreeSet<&str> = list(line, "more").into_iter().filter(|word| !FOR_ALL.contains(word)).collect();
        assert_eq!(more, words(info.more_questions), "{}", info.name());
    }
}
