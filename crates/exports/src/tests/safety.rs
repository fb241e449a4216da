//! A person's text is never read as the file's own syntax.

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use rethread_model::{ExportFormat, Exported};
use rethread_syntax::testing::cases;

use super::{export, generator};

proptest! {
    #![proptest_config(cases(48))]

    /// A strict parser reads the whole file, and finds the right number of comments.
    #[test]
    fn xml_is_well_formed(items in generator::exports()) {
        for (format, tag) in [(ExportFormat::WordPress, "wp:comment"), (ExportFormat::Disqus, "post")] {
            let (file, _) = export(format, &items);
            let text = String::from_utf8(file).unwrap();
            prop_assert!(!text.contains(rethread_syntax::text::is_forbidden));
            prop_assert!(!text.contains("<wp:comment_content></"), "importers stop at a comment without a text");
            let mut reader = Reader::from_str(&text);
            let mut comments = 0;
            loop {
                match reader.read_event() {
                    Ok(Event::Start(start)) if start.name().as_ref() == tag => comments += 1,
                    Ok(Event::Text(text)) => {
                        prop_assert!(quick_xml::escape::unescape(&text).is_ok());
                    }
                    Ok(Event::Eof) => break,
                    Ok(_) => {}
                    Err(error) => return Err(TestCaseError::fail(format!("{format}: {error}"))),
                }
            }
            prop_assert_eq!(comments, generator::ids(&items).len());
        }
    }

    /// Nothing that the policy removes is in a file for another system, which may have no policy.
    #[test]
    fn no_script_leaves(items in generator::exports()) {
        for format in [ExportFormat::WordPress, ExportFormat::Disqus] {
            let (file, _) = export(format, &items);
            prop_assert!(!String::from_utf8(file).unwrap().contains("<script"));
        }
    }

    #[test]
    fn no_cell_begins_a_formula(items in generator::exports()) {
        let (file, _) = export(ExportFormat::Csv, &items);
        for row in csv::Reader::from_reader(file.as_slice()).records() {
            for (column, cell) in row.unwrap().iter().enumerate() {
                let is_number = cell.parse::<i64>().is_ok();
                prop_assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{column}: {cell:?}");
            }
        }
    }

    /// Commento's importer stops at the first comment whose commenter is not in the file, requires
    /// names and addresses, and merges people with the same address.
    #[test]
    fn commento_knows_everybody_once(items in generator::exports()) {
        let (file, _) = export(ExportFormat::Commento, &items);
        let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
        let commenters = file["commenters"].as_array().unwrap();
        let mut ids: Vec<&str> = commenters.iter().map(|one| one["commenterHex"].as_str().unwrap()).collect();
        for comment in file["comments"].as_array().unwrap() {
            let id = comment["commenterHex"].as_str().unwrap();
            prop_assert!(id == "anonymous" || ids.contains(&id));
        }
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), commenters.len());
        for key in ["email", "name", "link", "photo", "provider"] {
            prop_assert!(commenters.iter().all(|one| one[key].as_str().is_some_and(|value| !value.is_empty())));
        }
    }
}

#[test]
fn an_export_of_nothing_is_a_file_all_the_same() {
    let nothing: [Exported; 0] = [];
    for format in ExportFormat::ALL {
        let (file, tally) = export(format, &nothing);
        assert!(!file.is_empty() && tally.comments == 0 && tally.losses.is_empty(), "{format}");
    }
    let (commento, _) = export(ExportFormat::Commento, &nothing);
    assert_eq!(commento, b"{\"version\":1,\"comments\":[],\"commenters\":[]}\n");
}
