use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{ExportFormat, JobKind, JobState, Loss, Reason, Status, TimelineEvent, Vendor};
use serde_json::Value;

use crate::site::Files;

type Catalogue = BTreeMap<String, Value>;

fn catalogue(language: &str) -> Catalogue {
    let file = Files::get(&format!("languages/{language}.json")).unwrap();
    serde_json::from_slice(&file.data).unwrap()
}

/// The languages in the folder.
fn languages() -> Vec<String> {
    let names =
        Files::iter().filter_map(|path| Some(path.strip_prefix("languages/")?.strip_suffix(".json")?.to_owned()));
    names.collect()
}

/// The `{names}` in all forms of a text.
fn placeholders(text: &Value) -> BTreeSet<String> {
    let forms: Vec<&str> = match text {
        Value::Object(forms) => forms.values().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let named = forms.iter().flat_map(|form| form.split('{').skip(1).filter_map(|rest| rest.split_once('}')));
    named.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn all_languages_say_the_same() {
    let english = catalogue("en");
    assert_eq!(languages().len(), 2);
    for language in languages() {
        let other = catalogue(&language);
        let (keys, others): (Vec<_>, Vec<_>) = (english.keys().collect(), other.keys().collect());
        assert_eq!(others, keys, "{language}");
        for (key, text) in &other {
            assert_eq!(placeholders(text), placeholders(&english[key]), "{language}: {key}");
            assert_eq!(text.is_object(), english[key].is_object(), "{language}: {key}");
            if let Some(forms) = text.as_object() {
                assert!(forms.contains_key("one") && forms.contains_key("other"), "{language}: {key}");
            } else {
                assert!(!text.as_str().unwrap().trim().is_empty(), "{language}: {key}");
            }
        }
    }
}

/// The keys that the modules use: whole keys, and prefixes that are completed at run time.
fn asked_for() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut keys, mut beginnings) = (BTreeSet::new(), BTreeSet::new());
    for path in Files::iter().filter(|path| path.ends_with(".js")) {
        let module = String::from_utf8(Files::get(&path).unwrap().data.into_owned()).unwrap();
        // Keys are also passed as plain values and looked up elsewhere.
        for quoted in module.split('"').skip(1).step_by(2) {
            keys.insert(quoted.to_owned());
        }
        for call in module.split(&['(', ' ', '"'][..]).filter_map(|part| part.strip_prefix('`')) {
            if let Some((beginning, _)) = call.split_once("${") {
                beginnings.insert(beginning.to_owned());
            }
        }
    }
    (keys, beginnings)
}

/// Complete keys in calls.
fn called() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for path in Files::iter().filter(|path| path.ends_with(".js")) {
        let module = String::from_utf8(Files::get(&path).unwrap().data.into_owned()).unwrap();
        for call in module.split("t(\"").skip(1) {
            let key = call.split('"').next().unwrap();
            let looks_like_one = key.contains('.') && !key.contains([' ', '/']);
            keys.extend(looks_like_one.then(|| key.to_owned()));
        }
    }
    keys
}

#[test]
fn every_text_that_is_asked_for_is_there_and_none_is_idle() {
    let english = catalogue("en");
    let called = called();
    assert!(called.len() > 100, "{called:?}");
    for key in &called {
        assert!(english.contains_key(key), "no text for {key}");
    }
    let (keys, beginnings) = asked_for();
    for beginning in beginnings.iter().filter(|beginning| beginning.ends_with('.') && beginning.len() > 2) {
        assert!(english.keys().any(|key| key.starts_with(beginning)), "no text begins with {beginning}");
    }
    for key in english.keys() {
        let is_asked_for = keys.contains(key)
            || beginnings.iter().any(|beginning| beginning.contains('.') && key.starts_with(beginning))
            // The receipt looks its words up by a variable, and the navigation its pages.
            || ["outcome.", "would.", "receipt."].iter().any(|words| key.starts_with(words))
            || key.rsplit('.').next() == Some("nav");
        assert!(is_asked_for, "nothing asks for {key}");
    }
}

#[test]
fn every_word_of_the_api_has_a_text() {
    let english = catalogue("en");
    let mut wanted: Vec<String> = JobState::ALL.iter().map(|state| format!("state.{}", state.as_str())).collect();
    for reason in Reason::ALL {
        wanted.push(format!("reason_short.{}", reason.as_str()));
        assert_eq!(english[&format!("reason.{}", reason.as_str())], reason.sentence());
    }
    for vendor in Vendor::ALL {
        wanted.extend(["get", "not"].map(|part| format!("help.{}.{part}", vendor.as_str())));
    }
    for loss in Loss::ALL {
        assert_eq!(english[&format!("loss.{}", loss.as_str())], loss.sentence());
    }
    wanted.extend(ExportFormat::ALL.map(|format| format!("format.{}", format.as_str())));
    wanted.extend(Status::ALL.map(|status| format!("status.{}", status.as_str())));
    for kind in JobKind::ALL {
        wanted.extend(["kind", "cancel"].map(|word| format!("{word}.{}", kind.as_str())));
    }
    let of_files = [TimelineEvent::UploadDeleted, TimelineEvent::Exported, TimelineEvent::FileDeleted];
    for event in [TimelineEvent::Created, TimelineEvent::Moved, TimelineEvent::Failed].iter().chain(&of_files) {
        wanted.push(format!("timeline.{}", event.as_str()));
    }
    for code in codes_of_failed_jobs() {
        // Kinds other than imports have their own advice.
        let others = JobKind::ALL.into_iter().filter(|kind| *kind != JobKind::Import).map(JobKind::as_str);
        let kind = others.into_iter().find(|kind| code.starts_with(&format!("{kind}_")));
        wanted.push(format!("{}advice.{code}", kind.map_or(String::new(), |kind| format!("{kind}_"))));
    }
    for key in wanted {
        assert!(english.contains_key(&key), "no text for {key}");
    }
}

#[test]
fn all_formats_are_offered_in_the_order_of_the_model() {
    let module = String::from_utf8(Files::get("core/formats.js").unwrap().data.into_owned()).unwrap();
    let words = ExportFormat::ALL.map(|format| format!("\"{}\"", format.as_str())).join(", ");
    assert!(module.contains(&format!("FORMATS = [{words}]")), "{module}");
}

/// The codes listed in docs/formats.md.
fn codes_of_failed_jobs() -> Vec<String> {
    let formats = include_str!("../../../../docs/formats.md");
    let (_, table) = formats.split_once("## Codes of failed jobs").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let codes: Vec<String> = rows.map(|row| row.split('`').next().unwrap().to_owned()).collect();
    assert!(codes.len() > 10, "{codes:?}");
    codes
}
