//! Normalises addresses from files for comparison, storage and display.

use std::borrow::Cow;

use url::Url;

/// An address that may be stored and shown. Over-escaped ampersands (`&#038;`, `&amp;`, `&#x26;`)
/// become ampersands, because the `#` of one would begin a fragment; the user and password before
/// the host are removed.
#[must_use]
pub fn clean_address(text: &str) -> Cow<'_, str> {
    match plain_ampersands(text) {
        Cow::Borrowed(text) => without_credentials(text),
        Cow::Owned(text) => Cow::Owned(without_credentials(&text).into_owned()),
    }
}

/// Replaces every escaped ampersand, however often it was escaped: `&amp;#038;` counts, too.
pub(crate) fn plain_ampersands(text: &str) -> Cow<'_, str> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(place) = rest.find('&') {
        let (before, after) = rest.split_at(place + 1);
        plain.push_str(before);
        rest = after;
        while let Some((_, after)) = rest.split_once(';').filter(|(name, _)| is_ampersand(name)) {
            rest = after;
        }
    }
    if plain.len() + rest.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(plain + rest) }
}

/// `amp`, `#38`, `#x26`, with any number of zeros and in any case.
fn is_ampersand(name: &str) -> bool {
    let is_number = |digits: &str, number: &str| digits.trim_start_matches('0') == number;
    match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => is_number(digits, "26"),
            None => is_number(digits, "38"),
        },
        None => name.eq_ignore_ascii_case("amp"),
    }
}

/// Removes the user and password before an address's host. Other text stays unchanged.
#[must_use]
pub fn without_credentials(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    if let Ok(mut url) = Url::parse(text.trim()) {
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        // Fails only for addresses without a host, which have no user either.
        if has_credentials && url.set_username("").is_ok() && url.set_password(None).is_ok() {
            return Cow::Owned(url.into());
        }
        return Cow::Borrowed(text);
    }
    // `//user@host/path`, and addresses that are broken after the host.
    let Some(start) = text.find("//").map(|place| place + 2) else { return Cow::Borrowed(text) };
    let end = text[start..].find(['/', '?', '#', '\\']).map_or(text.len(), |length| start + length);
    match text[start..end].rfind('@') {
        Some(place) => {
            // Without them, what follows may read as a host with credentials of its own.
            let rest = format!("{}{}", &text[..start], &text[start + place + 1..]);
            Cow::Owned(without_credentials(&rest).into_owned())
        }
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escaped_ampersands_are_ampersands() {
        for (written, plain) in [
            ("https://e.example/?p=1&#038;page=2", "https://e.example/?p=1&page=2"),
            ("https://e.example/?a=1&amp;b=2&amp;c=3", "https://e.example/?a=1&b=2&c=3"),
            ("https://e.example/?a&#38;b&#x26;c&#X0026;d&AMP;e", "https://e.example/?a&b&c&d&e"),
            ("https://e.example/?a&amp;#038;b&amp;amp;c", "https://e.example/?a&b&c"),
            ("https://e.example/?a&amp;&amp;b", "https://e.example/?a&&b"),
            ("https://e.example/?a&amp", "https://e.example/?a&amp"),
            ("https://e.example/?a=1&amps;b&#039;c", "https://e.example/?a=1&amps;b&#039;c"),
            ("https://e.example/#&#038;", "https://e.example/#&"),
        ] {
            assert_eq!(clean_address(written), plain, "{written}");
        }
    }

    #[test]
    fn users_and_passwords_are_dropped() {
        for (written, shown) in [
            ("https://ann:secret@e.example/a?x=1#y", "https://e.example/a?x=1#y"),
            ("http://ann@e.example:8080/a@b", "http://e.example:8080/a@b"),
            ("ftp://ann:secret@e.example/a", "ftp://e.example/a"),
            ("//ann:secret@e.example/a", "//e.example/a"),
            ("http://ann:secret@e exa mple/a", "http://e exa mple/a"),
            ("https://a:b:c@d@e.example/", "https://e.example/"),
            ("http://@/ann@e.example/", "http://e.example/"),
            ("https://e.example/@ann", "https://e.example/@ann"),
            ("https://e.example/?mail=ann@e.example", "https://e.example/?mail=ann@e.example"),
            ("mailto:ann@e.example", "mailto:ann@e.example"),
            ("post@17", "post@17"),
        ] {
            assert_eq!(clean_address(written), shown, "{written}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "(https?:)?(//)?[a-z@:./?&;#amp038xX26 ]{0,40}") {
            let once = clean_address(&text).into_owned();
            prop_assert_eq!(clean_address(&once), once.as_str());
        }
    }
}
