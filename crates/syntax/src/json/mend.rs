//! Turns almost-valid JSON into valid JSON.

/// Repairs in `text` what JSON forbids and whose meaning is clear. Call it only after a parser
/// refused the text.
///
/// - raw TAB, LF and CR in a string become escapes;
/// - a backslash before a character that needs none is removed; half a surrogate pair becomes
///   U+FFFD;
/// - commas before a closing bracket are removed; missing ones between a value and the next key are
///   added.
pub(super) fn mend(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(place) = rest.find('"') {
        between(&mut out, &rest[..place]);
        let (string, after) = string(&rest[place + 1..]);
        if ends_with_value(&out) {
            out.push(',');
        }
        out.push('"');
        out.push_str(&string);
        out.push('"');
        rest = after;
    }
    between(&mut out, rest);
    out
}

/// Copies what stands between strings.
fn between(out: &mut String, text: &str) {
    for c in text.chars().filter(|c| !c.is_ascii_whitespace()) {
        if matches!(c, '}' | ']') && out.ends_with(',') {
            out.pop();
        }
        out.push(c);
    }
}

/// Whether a string that followed now would lack a comma before it.
fn ends_with_value(out: &str) -> bool {
    out.ends_with(|c: char| matches!(c, '"' | '}' | ']') || c.is_ascii_alphanumeric())
}

/// The repaired string whose content `text` begins with, and what follows its closing quote.
fn string(text: &str) -> (String, &str) {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let Some(place) = rest.find(['"', '\\', '\t', '\n', '\r']) else {
            out.push_str(rest);
            return (out, "");
        };
        out.push_str(&rest[..place]);
        let after = &rest[place + 1..];
        rest = match rest.as_bytes()[place] {
            b'"' => return (out, after),
            b'\t' => plain(&mut out, "\\t", after),
            b'\n' => plain(&mut out, "\\n", after),
            b'\r' => plain(&mut out, "\\r", after),
            _ => escape(&mut out, after),
        };
    }
}

fn plain<'t>(out: &mut String, mended: &str, after: &'t str) -> &'t str {
    out.push_str(mended);
    after
}

/// Copies what follows a backslash.
fn escape<'t>(out: &mut String, after: &'t str) -> &'t str {
    match after.bytes().next() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
            out.push('\\');
            plain(out, &after[..1], &after[1..])
        }
        Some(b'u') => unicode(out, &after[1..]),
        Some(_) | None => after,
    }
}

fn unicode<'t>(out: &mut String, digits: &'t str) -> &'t str {
    let Some(unit) = code_unit(digits) else { return plain(out, "u", digits) };
    let after = &digits[4..];
    let is_low = |unit: u32| (0xdc00..0xe000).contains(&unit);
    let low = after.strip_prefix("\\u").and_then(code_unit).filter(|low| is_low(*low));
    match (unit, low) {
        (0xd800..0xdc00, Some(_)) => {
            out.push_str("\\u");
            out.push_str(&digits[..10]);
            &after[6..]
        }
        (0xd800..0xe000, _) => plain(out, "\u{fffd}", after),
        _ => {
            out.push_str("\\u");
            plain(out, &digits[..4], after)
        }
    }
}

fn code_unit(text: &str) -> Option<u32> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}
