//! Exports as stores yield them: several pages, threads of several systems, and comments with
//! everything that readers have ever let through.

mod build;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use rethread_model::{CommentDetails, CommentId, Exported, Status, TextKind, Timestamp};

use self::build::{Build, ORIGINS};

/// Pieces of texts that formats, readers and spreadsheets may misread.
const PIECES: &[&str] = &[
    "Hello",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "=1+1",
    "-",
    "@",
    "+",
    "'",
    "\"",
    ",",
    ";",
    "]]>",
    "<![CDATA[",
    "</message>",
    "</wp:comment_content><",
    "<b>bold</b>",
    "<i>",
    "</p>",
    "<p>para</p>",
    "a & b",
    "&amp;",
    "&lt;b&gt;",
    "&#8217;",
    "&nbsp;",
    "\u{a0}",
    "\u{1}",
    "\u{0}",
    "\u{ffff}",
    "\u{feff}",
    "🦀",
    "Ünïcödé",
    "日本語",
    "<script>alert(1)</script>",
    "*em*",
    "`code`",
    "    indented",
    "[deleted]",
    "undefined",
    "<pre>a\n\n  b</pre>",
    "<br>\n",
    "<ul><li>x</ul>",
    "https://example.org/?a=1&b=2",
    "\t",
    "> quote",
    "# title",
    "<a href=\"https://x.example/?a&b\" title=\"</message></wp:comment_content>]]><post dsq:id='1'>\n\nx\">link</a>",
];

/// Names and titles: one trimmed line each, as readers yield them.
const LINES: &[&str] = &[
    "Ann",
    "Jürgen & Söhne",
    "AT&amp;T",
    "a &lt; b",
    "Q&#38;A",
    "<b>Bob</b>",
    "=cmd|' /C calc'!A0",
    "@ann",
    "]]>",
    "R&D; \"q\"",
    "李雷",
    "Bob\u{2}by",
];

/// Everything about a comment except its position.
#[derive(Debug, Clone)]
struct Raw {
    parent: Option<Index>,
    is_orphan: bool,
    author: Index,
    created_at: Option<Timestamp>,
    edited_at: Option<Timestamp>,
    status: Status,
    text: String,
    text_kind: TextKind,
    details: CommentDetails,
    has_odd_id: bool,
    /// The signature, if it differs from the author's usual name.
    #[expect(clippy::option_option, reason = "signed without a name is not the same as not signed")]
    signed: Option<Option<String>>,
}

#[derive(Debug, Clone)]
struct RawThread {
    origin: Index,
    title: Option<String>,
    created_at: Option<Timestamp>,
    closed: bool,
    is_moved: bool,
    reactions: Vec<u64>,
    comments: Vec<Raw>,
}

#[derive(Debug, Clone)]
struct RawPage {
    /// Selects a combination of address and key.
    kind: usize,
    title: Option<String>,
    threads: Vec<RawThread>,
}

/// Everything that readers know about people, guests and missing authors.
#[derive(Debug, Clone)]
struct RawAuthor {
    kind: usize,
    name: Option<String>,
    link: Option<String>,
    has_email: bool,
    avatar: usize,
    moderator: Option<bool>,
}

/// What a store yields for an account.
pub(super) fn exports() -> impl Strategy<Value = Vec<Exported>> {
    let authors = vec(author(), 4);
    (option::of(0..ORIGINS.len()), authors, vec(page(), 1..4)).prop_map(|(sole, authors, pages)| {
        let mut build = Build { sole, authors, items: Vec::new(), next: 0 };
        for (number, page) in pages.iter().enumerate() {
            build.page(number, page);
        }
        build.items
    })
}

fn page() -> impl Strategy<Value = RawPage> {
    (0..6_usize, option::of(line()), vec(thread(), 1..4)).prop_map(|(kind, title, threads)| RawPage {
        kind,
        title,
        threads,
    })
}

fn thread() -> impl Strategy<Value = RawThread> {
    let flags = (any::<bool>(), any::<bool>());
    (any::<Index>(), option::of(line()), time(), flags, vec(1..9_u64, 0..3), vec(comment(), 1..7)).prop_map(
        |(origin, title, created_at, (closed, is_moved), reactions, comments)| RawThread {
            origin,
            title,
            created_at,
            closed,
            is_moved,
            reactions,
            comments,
        },
    )
}

fn comment() -> impl Strategy<Value = Raw> {
    let place = (option::of(any::<Index>()), prop::bool::weighted(0.2), any::<Index>(), prop::bool::weighted(0.1));
    let times = (time(), time());
    let words =
        (text(), select(vec![TextKind::Html, TextKind::Markdown, TextKind::Plain]), select(Status::ALL.to_vec()));
    let signed = option::weighted(0.3, option::of(line()));
    (place, times, words, details(), signed).prop_map(|(place, times, words, details, signed)| Raw {
        parent: place.0,
        is_orphan: place.1,
        author: place.2,
        has_odd_id: place.3,
        created_at: times.0,
        edited_at: times.1,
        text: words.0,
        text_kind: words.1,
        status: words.2,
        details,
        signed,
    })
}

/// Some of the example's details, with other votes.
fn details() -> impl Strategy<Value = CommentDetails> {
    let votes = (option::of(0..9_i64), option::of(0..9_i64), option::of(-9..9_i64));
    (subset(CommentDetails::example()), votes).prop_map(|(details, (votes_up, votes_down, score))| CommentDetails {
        votes_up,
        votes_down,
        score,
        ..details
    })
}

fn subset(details: CommentDetails) -> impl Strategy<Value = CommentDetails> {
    let serde_json::Value::Object(fields) = serde_json::to_value(details).unwrap() else { unreachable!() };
    let fields: Vec<(String, serde_json::Value)> = fields.into_iter().collect();
    let count = fields.len();
    subsequence(fields, 0..=count).prop_map(|fields| serde_json::from_value(fields.into_iter().collect()).unwrap())
}

fn author() -> impl Strategy<Value = RawAuthor> {
    let link = option::of(select(vec!["https://ann.example/?a=1&b=2".to_owned(), "http://bob.example".to_owned()]));
    (0..4_usize, option::of(line()), link, any::<bool>(), 0..3_usize, option::of(any::<bool>())).prop_map(
        |(kind, name, link, has_email, avatar, moderator)| RawAuthor { kind, name, link, has_email, avatar, moderator },
    )
}

fn line() -> impl Strategy<Value = String> {
    let free = "[a-zA-ZäöüÀ-ſ一-龥]{1,8}( [a-z.!&;<>]{1,5}x)?";
    prop_oneof![select(LINES.to_vec()).prop_map(str::to_owned), free]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => vec(select(PIECES.to_vec()), 0..8).prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

/// None, often equal ones, with fractions, before 1970, and beyond any system's range.
fn time() -> impl Strategy<Value = Option<Timestamp>> {
    let at = |(second, nanosecond): (i64, i32)| Timestamp::new(second, nanosecond).ok();
    prop_oneof![
        1 => Just(None),
        4 => (1_577_836_800..1_577_836_900_i64, Just(0)).prop_map(at),
        2 => (1_577_836_800..1_677_836_900_i64, 0..1_000_000_000_i32).prop_map(at),
        1 => (-2_000_000_000..-1_i64, -999_999_999..1_i32).prop_map(at),
        1 => (-90_000_000_000..250_000_000_000_i64, Just(0)).prop_map(at),
    ]
}

/// The ids of the comments among the items.
pub(super) fn ids(items: &[Exported]) -> Vec<CommentId> {
    let id = |item: &Exported| match item {
        Exported::Comment(comment) => Some(comment.id),
        Exported::Page(_) | Exported::Thread(_) => None,
    };
    items.iter().filter_map(id).collect()
}
