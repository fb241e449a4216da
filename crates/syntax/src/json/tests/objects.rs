//! Reading of single elements.

use super::*;

fn read(text: &[u8]) -> Option<(Vec<(&'static str, String)>, String)> {
    let mut notes = Notes::default();
    let object = Object::read(text, &mut notes).ok()?;
    let values = ["id", "text", "n"].into_iter().filter_map(|key| {
        let value = object.text(key).map(str::to_owned).or_else(|| object.integer(key).map(|n| n.to_string()))?;
        Some((key, value))
    });
    Some((values.collect(), format!("{notes:?}")))
}

#[test]
fn objects_are_read_forgivingly() {
    let notes = |reasons: &str| format!("Notes([{reasons}])");
    let cases: &[(&[u8], &str, &str)] = &[
        (b"{\"id\":\"a\",\"text\":\"x\\ny\"}", "x\ny", ""),
        (b"{\"id\":\"a\",\"text\":\"x\ny\tz\"}", "x\ny\tz", "DamagedMarkup"),
        (b"{\"id\":\"a\",\"text\":\"x\0y\x1f\"}", "xy", "ControlCharacters"),
        (b"{\"id\":\"a\",\"text\":\"x\\u0000y\"}", "xy", "ControlCharacters"),
        (b"{\"id\":\"a\",\"text\":\"caf\xe9\"}", "caf\u{fffd}", "InvalidUtf8"),
        (b"{\"id\":\"a\",\"text\":\"\\ud83e\\udd80 \\ud83e!\"}", "\u{1f980} \u{fffd}!", "DamagedMarkup"),
        (b"{\"id\":\"a\",\"text\":\"it\\'s\",}", "it's", "DamagedMarkup"),
        (b"{\"id\":\"a\" \"text\":\"b\" \"x\":[1,],}", "b", "DamagedMarkup"),
    ];
    for (source, text, reasons) in cases {
        let expected = vec![("id", "a".to_owned()), ("text", (*text).to_owned())];
        assert_eq!(read(source), Some((expected, notes(reasons))), "{}", String::from_utf8_lossy(source));
    }
    assert_eq!(
        read(b"{\"n\":\"5\",\"n\":\"-6\"}"),
        Some((vec![("n", "-6".to_owned())], notes(""))).map(|(mut values, notes)| {
            values[0] = ("n", "-6".to_owned());
            (values, notes)
        })
    );
    assert_eq!(read(b"[1]"), None);
    assert_eq!(read(b"{\"id\":\"a"), None);
}

#[test]
fn an_id_is_salvaged_where_it_looks_like_one() {
    assert_eq!(salvage(b"{\"id\" : \"ab-1\",\"text\":\"x", "id"), Some("ab-1"));
    assert_eq!(salvage(b"{\"text\":\"the \\\"id\\\" of it\",\"id\":\"7\"", "id"), Some("7"));
    assert_eq!(salvage(b"{\"id\":\"not an id\"}", "id"), None);
    assert_eq!(salvage(b"{\"id\":\"cut", "id"), None);
    assert_eq!(salvage(b"\"id\"", "id"), None);
}

proptest! {
    #![proptest_config(crate::testing::cases(1500))]

    /// Lenient reading returns exactly what was written if nothing is damaged.
    #[test]
    fn whole_objects_are_read_as_they_are(text in "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{0,40}") {
        let source = serde_json::json!({ "text": text }).to_string();
        prop_assert_eq!(read(source.as_bytes()), Some((vec![("text", text.clone())], "Notes([])".to_owned())));
        let mended = crate::json::mend::mend(&source);
        prop_assert_eq!(serde_json::from_str::<Value>(&mended).unwrap(), serde_json::json!({ "text": text }));
    }
}
