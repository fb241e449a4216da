//! The page of a comment, which each comment names.

use std::borrow::Cow;

use rethread_model::{ImportOptions, PageKey, Thread, clean_address, page_key};
use rethread_syntax::Notes;
use rethread_syntax::json::Object;

use crate::origin::host;
use crate::title;

/// The comment's conversation: by the address of its page, or by its item, as the admin chose.
/// `None` if the comment names neither.
///
/// The address is kept without the part from `#` on, which belongs to the comment and not to the
/// page.
pub(super) fn thread(object: &Object<'_>, options: &ImportOptions, notes: &mut Notes) -> Option<Thread> {
    let url = address(object, notes);
    let item = known(object, "itemId", notes).map(Cow::into_owned);
    let by_url = url.as_deref().map(page_key);
    let key = match options.page_key {
        PageKey::Url => by_url.or(item),
        PageKey::Identifier | PageKey::Item => item.or(by_url),
    };
    let key = key.filter(|key| !key.is_empty())?;
    let title = known(object, "pageTitle", notes).map(|title| title::typed_in_json(&title).into_owned());
    Some(Thread {
        source_id: key.clone(),
        url_id: key,
        url,
        title,
        created_at: None,
        closed: false,
        reactions: Vec::new(),
    })
}

/// `pageUrl`, or the address built from the item's parts: `https:`, `example.com/a`, `8080`.
pub(super) fn address(object: &Object<'_>, notes: &mut Notes) -> Option<String> {
    if let Some(url) = known(object, "pageUrl", notes) {
        let url = clean_address(&url);
        return Some(url.split('#').next().unwrap_or_default().to_owned()).filter(|url| !url.is_empty());
    }
    let item = known(object, "originalItemId", notes).or_else(|| known(object, "itemId", notes))?;
    if host(&item).is_some() {
        return Some(item.into_owned());
    }
    let (name, path) = item.split_at(item.find('/').unwrap_or(item.len()));
    if !name.contains('.') && name != "localhost" {
        return None;
    }
    let scheme = known(object, "itemProtocol", notes);
    let scheme = scheme.as_deref().map_or("https", |scheme| scheme.trim_end_matches(['/', ':']));
    let port = known(object, "itemPort", notes).filter(|_| !name.contains(':'));
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    let url = format!("{scheme}://{name}{port}{path}");
    host(&url).map(|_| url)
}

/// A value, unless it is one of the words that JavaScript writes for none.
pub(super) fn known<'o>(object: &'o Object<'_>, key: &str, notes: &mut Notes) -> Option<Cow<'o, str>> {
    object.value(key, notes).filter(|value| !matches!(value.as_ref(), "undefined" | "null"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_built_where_there_is_none() {
        let address = |json: &str| {
            let mut notes = Notes::default();
            address(&Object::read(json.as_bytes(), &mut notes).unwrap(), &mut notes)
        };
        let cases = [
            (r#"{"pageUrl":"https://e.example/a?x=1#jc7","itemId":"other"}"#, Some("https://e.example/a?x=1")),
            (r#"{"pageUrl":"https://e.example/?x=1&#038;y=2#jc7"}"#, Some("https://e.example/?x=1&y=2")),
            (
                r#"{"originalItemId":"e.example/a","itemId":"x","itemProtocol":"http:","itemPort":"8080"}"#,
                Some("http://e.example:8080/a"),
            ),
            (r#"{"originalItemId":"e.example","itemPort":""}"#, Some("https://e.example")),
            (r#"{"itemId":"e.example/a","pageUrl":"undefined","itemPort":8080}"#, Some("https://e.example:8080/a")),
            (r#"{"itemId":"https://e.example/a"}"#, Some("https://e.example/a")),
            (r#"{"itemId":"post-17"}"#, None),
            (r#"{"itemId":"e.example/a","itemProtocol":"javascript:"}"#, None),
            (r##"{"pageUrl":"#jc7"}"##, None),
            ("{}", None),
        ];
        for (json, expected) in cases {
            assert_eq!(address(json).as_deref(), expected, "{json}");
        }
    }
}
