//! JSON, with `serde_json` as the independent parser.

use std::fmt::Write as _;

use proptest::prelude::*;
use rethread_model::ImportOptions;

use super::dice::Dice;
use super::vendors::{Document, VENDORS};
use super::{CASES, essence, ids};
use crate::testing::{cases, gzip, import, import_with, slices_of};

/// A value, with keys in this order, perhaps several times.
#[derive(Debug, Clone)]
pub(super) enum Json {
    /// Written verbatim.
    Raw(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn number(number: usize) -> Self {
        Self::Raw(number.to_string())
    }

    /// Adds members unknown to any vendor, and decoys: keys that repeat with another value, of
    /// which the last one counts.
    pub(super) fn hostile_object(members: Vec<(&str, Self)>, dice: &mut Dice<'_>) -> Self {
        let mut all: Vec<(String, Self)> = Vec::new();
        for (key, value) in members {
            if dice.once_in(8) {
                all.push((foreign_key(dice), anything(dice, 0)));
            }
            if dice.once_in(12) && matches!(value, Self::Text(_) | Self::Raw(_)) {
                all.insert(0, (key.to_owned(), scalar(dice)));
            }
            all.push((key.to_owned(), value));
        }
        Self::Object(all)
    }

    /// Writes the value with white space, escapes and everything else that JSON allows.
    pub(super) fn write(&self, dice: &mut Dice<'_>, out: &mut String) {
        enum Step<'j> {
            Value(&'j Json),
            Key(&'j str),
            Mark(&'static str),
        }
        let mut steps = vec![Step::Value(self)];
        while let Some(step) = steps.pop() {
            out.push_str(dice.pick(&["", "", "", " ", "\n", "\t", "\r\n  "]));
            match step {
                Step::Mark(mark) => out.push_str(mark),
                Step::Key(key) => string(key, dice, out),
                Step::Value(Self::Raw(raw)) => out.push_str(raw),
                Step::Value(Self::Text(text)) => string(text, dice, out),
                Step::Value(Self::Array(elements)) => {
                    out.push('[');
                    steps.push(Step::Mark("]"));
                    for (number, element) in elements.iter().enumerate().rev() {
                        steps.push(Step::Value(element));
                        if number > 0 {
                            steps.push(Step::Mark(","));
                        }
                    }
                }
                Step::Value(Self::Object(members)) => {
                    out.push('{');
                    steps.push(Step::Mark("}"));
                    for (number, (key, value)) in members.iter().enumerate().rev() {
                        steps.extend([Step::Value(value), Step::Mark(":"), Step::Key(key)]);
                        if number > 0 {
                            steps.push(Step::Mark(","));
                        }
                    }
                }
            }
        }
        out.push_str(dice.pick(&["", "\n", " \t\r\n"]));
    }
}

/// Writes a text, each of its characters in one of JSON's representations.
fn string(text: &str, dice: &mut Dice<'_>, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        let short = match c {
            '"' => Some("\\\""),
            '\\' => Some("\\\\"),
            '/' => Some("\\/"),
            '\n' => Some("\\n"),
            '\r' => Some("\\r"),
            '\t' => Some("\\t"),
            _ => None,
        };
        let must = matches!(c, '"' | '\\') || c < ' ';
        match (dice.roll(16), short) {
            (15, _) => code_units(c, dice, out),
            (12..15, Some(short)) => out.push_str(short),
            (_, Some(short)) if must => out.push_str(short),
            _ if must => code_units(c, dice, out),
            _ => out.push(c),
        }
    }
    out.push('"');
}

fn code_units(c: char, dice: &mut Dice<'_>, out: &mut String) {
    let upper = dice.once_in(2);
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing into a string cannot fail.
        let _ = if upper { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
    }
}

/// A key unknown to any vendor at this place.
fn foreign_key(dice: &mut Dice<'_>) -> String {
    let name = dice.pick(&["x", "", "a\"b", "é", "{", "key:", "\\", "commentsX", "x\u{1}"]);
    format!("{name}_")
}

fn scalar(dice: &mut Dice<'_>) -> Json {
    match dice.roll(3) {
        0 => Json::Text(dice.text()),
        1 => Json::Raw("null".to_owned()),
        _ => Json::Raw(dice.pick(&["0", "-0", "true", "false", "1.5e3", "-1E+2", "1e300", "3.0"]).to_owned()),
    }
}

/// Any value, which no reader inspects.
pub(super) fn anything(dice: &mut Dice<'_>, depth: usize) -> Json {
    match dice.roll(if depth < 3 { 6 } else { 3 }) {
        0..3 => scalar(dice),
        3 => Json::Array((0..dice.roll(4)).map(|_| anything(dice, depth + 1)).collect()),
        4 => Json::Object((0..dice.roll(4)).map(|_| (dice.text(), anything(dice, depth + 1))).collect()),
        _ => (0..dice.roll(20)).fold(scalar(dice), |inner, _| Json::Array(vec![inner])),
    }
}

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn hostile_json_is_read_as_serde_json_reads_it(
        vendor in 0..VENDORS.len(),
        decisions in prop::collection::vec(any::<u8>(), 0..1500),
        slice_bytes in 1_usize..3000,
        is_packed in any::<bool>(),
    ) {
        let mut dice = Dice(&decisions);
        let Document { json, ids: expected } = VENDORS[vendor](&mut dice);
        let mut hostile = String::new();
        json.write(&mut dice, &mut hostile);
        let value: serde_json::Value = serde_json::from_str(&hostile).unwrap();

        let plain = import(value.to_string());
        let upload = if is_packed { gzip(&hostile) } else { hostile.clone().into_bytes() };
        let imported = import_with(&upload, &ImportOptions::default(), &slices_of(slice_bytes)).unwrap();
        prop_assert_eq!(imported.defect(), None, "{}", hostile);
        prop_assert_eq!(ids(&imported), expected, "{}", hostile);
        prop_assert_eq!(essence(&imported), essence(&plain), "{}", hostile);
    }
}
