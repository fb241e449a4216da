//! A strict reader of the output: every `<` begins a tag of the allow-list, in canonical form.

use super::super::allow_list::{ATTRIBUTES, LINK_REL, SCHEMES, TAGS};

const VOID: &[&str] = &["br", "hr", "img"];

/// Returns what is wrong with the HTML.
pub(super) fn check(html: &str) -> Result<(), String> {
    walk(html).map(|_| ())
}

/// The depth of the deepest element.
pub(super) fn depth(html: &str) -> usize {
    walk(html).expect("checked HTML")
}

fn walk(html: &str) -> Result<usize, String> {
    let (mut open, mut deepest, mut rest) = (Vec::new(), 0, html);
    while let Some(at) = rest.find('<') {
        if rest[..at].contains('>') {
            return Err("a > that is not escaped".to_owned());
        }
        rest = &rest[at + 1..];
        if let Some(end_tag) = rest.strip_prefix('/') {
            let end = end_tag.find('>').ok_or("an end tag without an end")?;
            if open.pop() != Some(&end_tag[..end]) {
                return Err(format!("</{}> closes nothing", &end_tag[..end]));
            }
            rest = &end_tag[end + 1..];
            continue;
        }
        let name_end = rest.find([' ', '>']).ok_or("a tag without an end")?;
        let name = &rest[..name_end];
        if !TAGS.contains(&name) {
            return Err(format!("<{name}> is not allowed"));
        }
        rest = &rest[name_end..];
        let mut relation = None;
        while let Some(attribute) = rest.strip_prefix(' ') {
            let (attribute_name, after) = attribute.split_once("=\"").ok_or("an attribute without a value")?;
            let (value, after) = after.split_once('"').ok_or("a value without an end")?;
            check_attribute(name, attribute_name, value)?;
            if attribute_name == "rel" {
                relation = Some(value);
            }
            rest = after;
        }
        rest = rest.strip_prefix('>').ok_or_else(|| format!("something in <{name}> that is no attribute"))?;
        if name == "a" && relation != Some(LINK_REL) {
            return Err(format!("a link with rel {relation:?}"));
        }
        if !VOID.contains(&name) {
            open.push(name);
            deepest = deepest.max(open.len());
        }
    }
    if rest.contains('>') {
        return Err("a > that is not escaped".to_owned());
    }
    if open.is_empty() { Ok(deepest) } else { Err(format!("{open:?} stay open")) }
}

fn check_attribute(element: &str, name: &str, value: &str) -> Result<(), String> {
    if element == "a" && name == "rel" {
        return Ok(());
    }
    let allowed = ATTRIBUTES.iter().find(|(tag, _)| *tag == element).map_or(&[][..], |(_, names)| names);
    if !allowed.contains(&name) {
        return Err(format!("attribute {name} of <{element}> is not allowed"));
    }
    if name != "href" && name != "src" {
        return Ok(());
    }
    let value = value.replace("&amp;", "&").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    let url = url::Url::parse(&value).map_err(|error| format!("{value:?} is no address: {error}"))?;
    let allowed = if name == "src" { &SCHEMES[..2] } else { SCHEMES };
    if allowed.contains(&url.scheme()) { Ok(()) } else { Err(format!("scheme {} in {name}", url.scheme())) }
}

#[test]
fn the_checker_sees_what_is_wrong() {
    for wrong in [
        "<script>x</script>",
        "<p onclick=\"x\">a</p>",
        "<p>a",
        "a</p>",
        "a > b",
        "<a href=\"javascript:x\" rel=\"nofollow ugc noopener\">a</a>",
        "<a href=\"https://a.example/\">a</a>",
        "<img src=\"data:image/png;base64,x\">",
        "<p/onclick=x>a</p>",
        "<!-- x -->",
        "<b><i></b></i>",
    ] {
        assert!(check(wrong).is_err(), "{wrong}");
    }
    check("<p>a<br><a href=\"https://a.example/\" rel=\"nofollow ugc noopener\">b</a></p>").unwrap();
}
