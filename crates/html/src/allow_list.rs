//! What a comment may contain.

/// The elements that a comment may contain.
pub(super) const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "cite",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "u",
    "ul",
];

/// Elements whose content is never text for people: browsers with scripts show none of them. Also
/// drawings and formulas, of whose content ammonia leaves fragments.
pub(super) const DROPPED_WITH_CONTENT: &[&str] =
    &["iframe", "math", "noembed", "noframes", "noscript", "script", "style", "svg", "title"];

/// Attributes by element. No `class`, `style` or `id`: they would affect the page around the
/// comment.
pub(super) const ATTRIBUTES: &[(&str, &[&str])] = &[("a", &["href", "title"]), ("img", &["src", "alt", "title"])];

/// Schemes of links. Pictures: without `mailto`. Relative addresses are dropped: they were relative
/// to the vendor's page.
pub(super) const SCHEMES: &[&str] = &["http", "https", "mailto"];

/// The `rel` of every link.
pub(super) const LINK_REL: &str = "nofollow ugc noopener";
