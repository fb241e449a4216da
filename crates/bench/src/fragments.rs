//! Texts that are hard to sanitise: one small piece, repeated.

use rethread_model::Vendor;
use serde_json::json;

/// A text made of repetitions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fragment {
    /// Precedes all repetitions.
    pub before: &'static str,
    /// The repeated piece; `{}` in it is replaced by the index of the repetition.
    pub piece: &'static str,
}

/// The markup of a text: each takes another path through the sanitiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    /// HTML, as in Disqus.
    Html,
    /// HTML in which newlines make paragraphs, as in WordPress.
    WordPress,
    /// Markdown, as in Commento.
    Markdown,
}

impl Markup {
    /// All kinds of markup.
    pub(crate) const ALL: [Self; 3] = [Self::Html, Self::WordPress, Self::Markdown];

    /// The name in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::WordPress => "wordpress",
            Self::Markdown => "markdown",
        }
    }

    /// The vendor whose files contain such text.
    pub(crate) const fn vendor(self) -> Vendor {
        match self {
            Self::Html => Vendor::Disqus,
            Self::WordPress => Vendor::WordPress,
            Self::Markdown => Vendor::Commento,
        }
    }

    /// An export with one comment, whose text is `text`.
    pub(crate) fn document(self, text: &str) -> String {
        let section = || text.replace("]]>", "]]]]><![CDATA[>");
        match self {
            Self::Html => format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><disqus xmlns=\"http://disqus.com\" \
                 xmlns:dsq=\"http://disqus.com/disqus-internals\"><thread dsq:id=\"1\"><forum>bench</forum>\
                 <link>https://bench.example/</link></thread><post dsq:id=\"2\"><message><![CDATA[{}]]></message>\
                 <createdAt>2020-01-01T00:00:00Z</createdAt><thread dsq:id=\"1\"/></post></disqus>",
                section()
            ),
            Self::WordPress => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" \
                 xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><wp:base_blog_url>https://bench.example\
                 </wp:base_blog_url><item><link>https://bench.example/a</link><wp:post_id>1</wp:post_id><wp:comment>\
                 <wp:comment_id>2</wp:comment_id><wp:comment_date_gmt>2020-01-01 00:00:00</wp:comment_date_gmt>\
                 <wp:comment_content><![CDATA[{}]]></wp:comment_content><wp:comment_approved>1</wp:comment_approved>\
                 </wp:comment></item></channel></rss>",
                section()
            ),
            Self::Markdown => json!({
                "version": 1,
                "comments": [{
                    "commentHex": "2", "domain": "bench.example", "url": "/", "parentHex": "root",
                    "state": "approved", "creationDate": "2020-01-01T00:00:00Z", "markdown": text,
                }],
                "commenters": [],
            })
            .to_string(),
        }
    }

    /// The fragments to test.
    pub(crate) const fn fragments(self) -> &'static [Fragment] {
        match self {
            Self::Html | Self::WordPress => HTML,
            Self::Markdown => MARKDOWN,
        }
    }
}

impl Fragment {
    /// About `size_bytes` of the text.
    pub(crate) fn text(&self, size_bytes: usize) -> String {
        let mut text = self.before.to_owned();
        for number in 0_u64.. {
            if text.len() >= size_bytes {
                break;
            }
            match self.piece.split_once("{}") {
                None => text.push_str(self.piece),
                Some((before, after)) => text.extend([before, &number.to_string(), after]),
            }
        }
        text
    }
}

const fn piece(piece: &'static str) -> Fragment {
    Fragment { before: "", piece }
}

const fn after(before: &'static str, piece: &'static str) -> Fragment {
    Fragment { before, piece }
}

const HTML: &[Fragment] = &[
    piece("&"),
    piece("&#"),
    piece("&#x"),
    piece("&amp;"),
    piece("&amp"),
    piece("&a"),
    piece("&noti"),
    piece("&#1;"),
    piece("<"),
    piece("< "),
    piece("<a "),
    piece("<a"),
    piece("</"),
    piece("</ "),
    piece("</a>"),
    piece("<!"),
    piece("<!--"),
    piece("<!-->"),
    piece("<!-- x -->"),
    piece("<?"),
    piece("]]>"),
    piece("<![CDATA["),
    piece("\""),
    piece("'"),
    piece("<a href=\""),
    piece("<a href='x' "),
    piece("\n"),
    piece("\n\n"),
    piece("a\nb\n\n"),
    piece("\r"),
    piece("\0"),
    piece("\u{a0}"),
    piece("<br>"),
    piece("<br>\n"),
    piece("<hr>"),
    piece("<p>"),
    piece("<p>a"),
    piece("<p>a</p>"),
    piece("</p>"),
    piece("<b>"),
    piece("<b>a</b>"),
    piece("<b><p>"),
    piece("<p><b>"),
    piece("<a>"),
    piece("<a><p></a>"),
    piece("<b><i></b></i>"),
    piece("<div>"),
    piece("<div>a</div>"),
    piece("</div>"),
    piece("<blockquote>"),
    piece("<ul><li>"),
    piece("<ul><li>a</li></ul>"),
    piece("<li>"),
    piece("<table>"),
    piece("<table><tr><td>a</td></tr></table>"),
    after("<table>", "a"),
    after("<table>", "<b>a</b>"),
    after("<table>", "<p>"),
    after("<table>", "<tr>"),
    after("<table>", "<tr><td>a"),
    after("<table>", "<td>a</td>b"),
    after("<table><tr>", "x<br>"),
    after("<p>", "<table></table>a"),
    piece("<pre>"),
    piece("<pre>\n\n</pre>"),
    piece("<x-y>"),
    piece("<x-y>a</x-y>"),
    piece("<x{}>"),
    piece("<img src=x>"),
    piece("<img src=\"https://a.example/\">"),
    piece("<a href=\"https://a.example/\">a</a>"),
    after("<a ", "b{}=c "),
    after("<a ", "b{} "),
    after("<a ", "="),
    after("<a title=\"", "&"),
    after("<a title=\"", "&amp;"),
    after("<a href=\"https://a.example/", "&\"'"),
    piece("<script>"),
    piece("<style>a</style>"),
    piece("<textarea>"),
    piece("<title>a</title>"),
    piece("<svg>"),
    piece("<math><mi>"),
    piece("<select><option>"),
    piece("<template>"),
    piece("<form>"),
    piece("<button>"),
    piece("<nobr>"),
    piece("<font color=red>"),
    piece("<h1>"),
    piece("<h1>a</h2>"),
    piece("<dl><dt>"),
    piece("<dd>a"),
    piece("<ruby><rt>"),
    piece("<b>a\n\n"),
    piece("word "),
    piece("日"),
];

const MARKDOWN: &[Fragment] = &[
    piece("&"),
    piece("&#"),
    piece("&amp;"),
    piece("<"),
    piece("<a "),
    piece("</"),
    piece("<!--"),
    piece("<!A "),
    piece("<?"),
    piece("<![CDATA["),
    piece("]]>"),
    piece("["),
    piece("]"),
    piece("[a]"),
    piece("[]("),
    piece("[a]("),
    piece("[a](b"),
    piece("[a](<b"),
    piece("[a](\""),
    piece("![a]("),
    piece("![[]()"),
    piece("[a]: b\n"),
    piece("[a]: "),
    piece("[{}]: b\n\n"),
    piece("[{}][]"),
    piece("*"),
    piece("**"),
    piece("*a "),
    piece("*a*"),
    piece("**a *b "),
    piece("a**b_c "),
    piece("a***"),
    piece("_"),
    piece("__a "),
    piece("*a_ "),
    piece("~"),
    piece("~~a "),
    piece("`"),
    piece("`a"),
    piece("``a`"),
    piece("\\`"),
    piece("```\n"),
    piece("> "),
    piece(">\n"),
    piece("> a\n"),
    piece("- "),
    piece("- a\n"),
    piece("* a\n"),
    piece("1. a\n"),
    piece("-\n"),
    piece("    a\n"),
    piece("#"),
    piece("# a\n"),
    piece("a\n---\n"),
    piece("---\n"),
    piece("|a|\n"),
    piece("\\"),
    piece("\n"),
    piece("a\n"),
    piece("a  \n"),
    piece("http://"),
    piece("http://a "),
    piece("http://a("),
    piece("http://)"),
    piece("://"),
    piece("<http://"),
    piece("<b>"),
    piece("<div>\n"),
    piece("<div>\n\n"),
    piece("<pre>\n"),
    piece("\"'"),
    piece("word "),
];
