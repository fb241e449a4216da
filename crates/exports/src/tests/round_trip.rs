use std::collections::HashMap;

use proptest::prelude::*;
use rethread_model::{ExportFormat, Exported};
use rethread_syntax::testing::cases;

use super::partly::{Context, has_own_key, identity, is_kept};
use super::seen::{Seen, Who};
use super::{export, export_with, generator, read, seen};
use crate::hosts::Hosts;
use crate::{Field, Held, holds};

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn csv_comes_back(items in generator::exports()) {
        comes_back(ExportFormat::Csv, &items)?;
    }

    #[test]
    fn jsonl_comes_back(items in generator::exports()) {
        comes_back(ExportFormat::Jsonl, &items)?;
    }

    #[test]
    fn wordpress_comes_back(items in generator::exports()) {
        comes_back(ExportFormat::WordPress, &items)?;
    }

    #[test]
    fn commento_comes_back(items in generator::exports()) {
        comes_back(ExportFormat::Commento, &items)?;
    }

    #[test]
    fn disqus_comes_back(items in generator::exports()) {
        comes_back(ExportFormat::Disqus, &items)?;
    }

    #[test]
    fn disqus_has_every_key_by_identifier(items in generator::exports()) {
        let (file, _) = export(ExportFormat::Disqus, &items);
        for (was, is) in seen::all(&items).iter().zip(read::by_identifier(&file)) {
            prop_assert_eq!(&was.url_id, &is.url_id);
        }
    }

    #[test]
    fn a_store_may_bring_comments_that_no_pass_needs(items in generator::exports()) {
        for format in ExportFormat::ALL {
            prop_assert_eq!(export(format, &items), export_with(format, &items, |_, _, _| true));
        }
    }
}

fn comes_back(format: ExportFormat, items: &[Exported]) -> Result<(), TestCaseError> {
    let (file, tally) = export(format, items);
    let was = seen::all(items);
    let is = read::read(format, &file);
    prop_assert_eq!(was.len(), is.len());
    prop_assert_eq!(tally.comments, was.len() as u64);
    let context = context(&was);
    let holds_controls = holds(format, Field::ControlCharacters) == Held::Whole;
    for (was, is) in was.iter().zip(&is) {
        let was = if holds_controls { was.clone() } else { was.clone().without_control_characters() };
        for field in Field::ALL.iter().copied() {
            match holds(format, field) {
                Held::Whole => prop_assert_eq!(was.value(field), is.value(field), "{:?} in {}", field, format),
                Held::Partly(_) => prop_assert!(
                    is_kept(format, field, &was, is, &context),
                    "{:?} in {}: {:#?} became {:#?}",
                    field,
                    format,
                    was,
                    is
                ),
                Held::Lost => {}
            }
        }
    }
    people_are_who_they_were(format, &was, &is, &context)
}

/// No person becomes two people, and no two people become one.
fn people_are_who_they_were(
    format: ExportFormat,
    was: &[Seen],
    is: &[Seen],
    context: &Context,
) -> Result<(), TestCaseError> {
    let mut keys: HashMap<String, String> = HashMap::new();
    let mut identities: HashMap<String, String> = HashMap::new();
    for (was, is) in was.iter().zip(is) {
        let (Who::Known(_), Some(identity)) = (&is.author, identity(format, was, context)) else { continue };
        let key = format!("{:?} {:?}", is.origin, is.author);
        prop_assert_eq!(keys.entry(identity.clone()).or_insert_with(|| key.clone()), &key);
        prop_assert_eq!(identities.entry(key).or_insert_with(|| identity.clone()), &identity);
    }
    Ok(())
}

fn context(all: &[Seen]) -> Context {
    let first = &all[0].origin;
    let sole = all.iter().all(|one| one.origin == *first).then(|| first.clone());
    let host = |one: &Seen| {
        let url = one.url.clone().or_else(|| Some(format!("https://{}", one.url_id)).filter(|_| is_address(one)))?;
        let (_, rest) = url.split_once("://")?;
        rest.split('/').next().map(str::to_owned)
    };
    let mut hosts = Hosts::default();
    for one in all {
        hosts.see_page(host(one));
        hosts.see_comment();
    }
    Context { sole, host: hosts.most() }
}

/// A key that looks like an address, as the generator makes for pages without one.
fn is_address(one: &Seen) -> bool {
    !has_own_key(one) && one.url_id.starts_with("example.org/")
}
