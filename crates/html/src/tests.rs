//! Checks the guarantees of the policy on the structure of its output, with a checker that is
//! independent of the implementation.

mod checker;
mod vectors;
mod words;

use proptest::prelude::*;

use super::*;

fn html(source: &str) -> String {
    from_html(source).html.as_str().to_owned()
}

#[test]
fn usual_markup_is_kept() {
    for source in [
        "<p>Hi <b>all</b>, <em>nice</em> <code>x &lt; y</code></p>",
        "one<br>two",
        "<ul><li>a</li><li>b</li></ul>",
        "<blockquote><p>quoted</p></blockquote>",
        r#"<img src="https://example.com/a.png" alt="A">"#,
        "5 &gt; 3 &amp; 2",
    ] {
        assert_eq!(html(source), source);
    }
}

#[test]
fn links_say_that_they_are_not_vouched_for() {
    assert_eq!(
        html(r#"<a href="https://example.com/?a=1&amp;b" rel="follow" target="_blank" class="x" title="T">t</a>"#),
        r#"<a href="https://example.com/?a=1&amp;b" title="T" rel="nofollow ugc noopener">t</a>"#
    );
    assert_eq!(
        html(r#"<a href="mailto:a@b.example">t</a>"#),
        r#"<a href="mailto:a@b.example" rel="nofollow ugc noopener">t</a>"#
    );
    assert_eq!(html(r#"<a href="/relative">t</a>"#), r#"<a rel="nofollow ugc noopener">t</a>"#);
    assert_eq!(html(r#"<img src="mailto:a@b.example" alt="x">"#), r#"<img alt="x">"#);
}

#[test]
fn what_is_not_allowed_goes_and_its_text_stays() {
    assert_eq!(html(r#"<div class="x"><p style="color:red" id="y" onclick="z()">a</p></div>"#), "<p>a</p>");
    assert_eq!(html("a<script>alert(1)</script>b<style>p{}</style>c"), "abc");
    assert_eq!(html("<table><tr><td>cell</td></tr></table>"), "cell");
    assert_eq!(html("a<!-- hidden -->b"), "ab");
    assert_eq!(html("a<noscript><p>b</p></noscript>c"), "ac");
}

#[test]
fn what_looks_like_a_drawing_takes_no_text_with_it() {
    assert_eq!(html("cd <path> && <b>ls</b> <file>"), "cd  &amp;&amp; <b>ls</b> ");
    assert_eq!(html("<text>a</text><max>b</max><image src=x>c<video>d</video>"), "ab<img>cd");
    assert_eq!(html("a<svg><text>b</text></svg>c<math><mi>d</mi></math>e"), "ace");
}

#[test]
fn what_blocks_kept_apart_stays_apart() {
    assert_eq!(html("<div>one</div><div>two</div>"), "one two");
    assert_eq!(html("<table><tr><td>one<td>two<tr><td><p>three</table>four"), "one two<p>three</p>four");
    assert_eq!(html("a<form>b</form><dl><dt>c<dd>d</dl><details><summary>e</summary>f</details>"), "a b c d e f");
    assert_eq!(html("<b>a<div>b</div></b>c<x-y>d</x-y>"), "<b>a b </b>cd");
}

#[test]
fn attacks_leave_nothing_behind() {
    for vector in vectors::ATTACKS {
        for sanitised in [from_html(vector), from_wordpress(vector), from_markdown(vector), from_plain(vector)] {
            if let Err(reason) = checker::check(sanitised.html.as_str()) {
                panic!("{reason}\nsource: {vector}\noutput: {}", sanitised.html.as_str());
            }
        }
    }
}

/// `before`, a number, `after`; for each number below `end`.
fn numbered(end: usize, before: &str, after: &str) -> String {
    (0..end).flat_map(|number| [before.to_owned(), number.to_string(), after.to_owned()]).collect()
}

#[test]
fn deep_nesting_is_shown_as_text() {
    for source in [
        "<b>".repeat(10_000),
        "<blockquote>".repeat(10_000) + "x",
        format!("{}x{}", "<ul><li>".repeat(10_000), "</li></ul>".repeat(10_000)),
        // Each paragraph reopens what the ones before left open.
        numbered(5_000, "<p><b title=", ">x</p>"),
        // One tag with a huge number of attributes.
        format!("<a {}>x</a>", numbered(50_000, "a", " ")),
        // Hidden from a simple scanner: in an apparent value, or in the apparent text of another
        // element.
        format!("<title><a x=\"</title>{}", "<b><i>".repeat(10_000)),
        format!("<!-->{}-->", "<b><i>".repeat(10_000)),
        format!("<x-{}></x-y>", "</x-y><x-very-long-custom-name>".repeat(10_000)),
    ] {
        let sanitised = from_html(&source);
        assert!(sanitised.flattened, "{}", &source[..60]);
        checker::check(sanitised.html.as_str()).unwrap();
        assert_eq!(html(sanitised.html.as_str()), sanitised.html.as_str());
    }
    assert!(from_markdown(&"> ".repeat(10_000)).flattened);
    let sanitised = from_html(&format!("{}x{}", "<b>".repeat(90), "</b>".repeat(90)));
    assert!(!sanitised.flattened);
}

#[test]
fn long_texts_are_not_flattened_for_being_long() {
    for source in [
        "<p>A paragraph with <b>bold</b> and <a href=\"https://example.com/\">a link</a>.</p>\n".repeat(12_000),
        "<p>unclosed paragraphs ".repeat(40_000),
        "<ul><li>items <li>of a list</ul>".repeat(30_000),
        "line<br>".repeat(100_000),
        "a & b < c > d ".repeat(70_000),
        "<!-- wp:paragraph --><p>text</p><!-- /wp:paragraph -->".repeat(16_000),
        "<table><tr><td>a</td><td>b</td></tr></table>".repeat(20_000),
    ] {
        assert!(source.len() >= 800_000);
        let sanitised = from_html(&source);
        assert!(!sanitised.flattened, "{}", &source[..30]);
        checker::check(sanitised.html.as_str()).unwrap();
    }
}

#[test]
fn wordpress_makes_paragraphs() {
    let autop = |source: &str| from_wordpress(source).html.as_str().to_owned();
    assert_eq!(autop("one"), "<p>one</p>\n");
    assert_eq!(autop("one\ntwo"), "<p>one<br>\ntwo</p>\n");
    assert_eq!(autop("one\r\n\r\n two <b>x</b>\n"), "<p>one</p>\n<p> two <b>x</b></p>\n");
    assert_eq!(autop("a <em>b</em>\n<strong>c</strong>"), "<p>a <em>b</em><br>\n<strong>c</strong></p>\n");
    assert_eq!(autop("one<br />\ntwo"), "<p>one<br>\ntwo</p>\n");
    assert_eq!(
        autop("<blockquote>one\n\ntwo</blockquote>\nthree"),
        "<blockquote><p>one</p>\n<p>two</p>\n</blockquote><p>three</p>\n"
    );
    assert_eq!(autop("<p>as is</p>\n\n<p>too</p>"), "<p>as is</p><p>too</p>");
    assert_eq!(autop("x\n<pre>a\n\nb</pre>\ny"), "<p>x</p>\n<pre>a\n\nb</pre><p>y</p>\n");
    assert_eq!(autop("<ul>\n<li>a</li>\n<li>b</li>\n</ul>"), "<ul><li>a</li><li>b</li></ul>");
    assert_eq!(
        autop("3 < 4\n<a\nhref=\"https://e.example/\">l</a>"),
        "<p>3 &lt; 4<br>\n<a href=\"https://e.example/\" rel=\"nofollow ugc noopener\">l</a></p>\n"
    );
    assert_eq!(autop(""), "");
    assert_eq!(autop("<!-- a\n\nb -->c"), "<p>c</p>\n");
    assert_eq!(autop("<p>a\n\nb</p>"), "<p>a</p>\n<p>b</p>");
    assert_eq!(autop("a<textarea>b\n\nc</textarea>"), "<p>ab\n\nc</p>\n");
}

#[test]
fn white_space_between_inline_elements_stays_and_one_break_is_one() {
    let autop = |source: &str| from_wordpress(source).html.as_str().to_owned();
    for source in [
        "<p>I like <b>cats</b> <i>and</i> dogs</p>",
        "<li><b>a</b> <i>b</i></li>",
        "<h2><b>a</b> <i>b</i></h2>",
        "<blockquote><p><b>a</b> <i>b</i></p></blockquote>",
    ] {
        assert_eq!(autop(source), source);
    }
    assert_eq!(autop("<td><b>a</b> <i>b</i></td>"), "<b>a</b> <i>b</i>");
    for source in
        ["<p>one<br />\ntwo</p>", "<p>one<br>two</p>", "<p>one\ntwo</p>", "<p>one<br/> \n two</p>", "one<br>\ntwo"]
    {
        let html = autop(source);
        assert_eq!(html.matches("<br>").count(), 1, "{html}");
    }
    assert_eq!(autop("<p>\none\n</p>\n<ul>\n<li>\ntwo</li></ul>"), "<p>\none\n</p><ul><li>\ntwo</li></ul>");
    let markdown = |source: &str| from_markdown(source).html.as_str().to_owned();
    assert_eq!(markdown("one<br>\ntwo"), "<p>one<br>\ntwo</p>");
    assert_eq!(markdown("one<br />  \ntwo\nthree"), "<p>one<br>\ntwo<br>\nthree</p>");
}

#[test]
fn markdown_is_read_as_commenting_systems_do() {
    let markdown = |source: &str| from_markdown(source).html.as_str().to_owned();
    assert_eq!(markdown("Hi **all**\nsecond ~~line~~"), "<p>Hi <strong>all</strong><br>\nsecond <del>line</del></p>");
    assert_eq!(
        markdown("> quote\n\n`code <b>`"),
        "<blockquote>\n<p>quote</p>\n</blockquote>\n<p><code>code &lt;b&gt;</code></p>"
    );
    assert_eq!(
        markdown("see (https://e.example/a_b_c)."),
        "<p>see (<a href=\"https://e.example/a_b_c\" rel=\"nofollow ugc noopener\">https://e.example/a_b_c</a>).</p>"
    );
    assert_eq!(
        markdown("[x](javascript:alert(1)) <script>a</script>b"),
        "<p><a rel=\"nofollow ugc noopener\">x</a> b</p>"
    );
    assert_eq!(
        markdown("[t](https://e.example/) `https://e.example/`"),
        "<p><a href=\"https://e.example/\" rel=\"nofollow ugc noopener\">t</a> <code>https://e.example/</code></p>"
    );
}

#[test]
fn hostile_markdown_takes_no_longer_than_other() {
    for piece in
        ["[", "*a_ ", "`", "> ", "![", "<a ", "[a](", "**x ", "- ", "~~", "\\", "http://a(", "&#x", "[a]: x\n", "|a"]
    {
        let source = piece.repeat((250 << 10) / piece.len());
        checker::check(from_markdown(&source).html.as_str()).unwrap();
    }
}

#[test]
fn plain_text_shows_every_character() {
    let sanitised = from_plain("<b>1 & 2</b>\nx\u{a0}y\n\n\n\"z\"");
    assert_eq!(sanitised.html.as_str(), "<p>&lt;b&gt;1 &amp; 2&lt;/b&gt;<br>\nx&nbsp;y</p>\n<p>\"z\"</p>");
    assert!(!sanitised.flattened);
}

/// Pieces that, combined, stress a parser more than arbitrary characters.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vectors::PIECES).prop_map(str::to_owned),
        1 => ".{0,6}",
        1 => "<[a-z/!?]{1,8} ?([a-z]{1,8}=[\"']?[a-z:;&#0-9]{0,12}[\"']?)?/?>",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(rethread_syntax::testing::cases(2000))]

    #[test]
    fn any_output_is_harmless_and_settled(source in soup()) {
        for sanitised in [from_html(&source), from_wordpress(&source), from_markdown(&source), from_plain(&source)] {
            let output = sanitised.html.as_str();
            prop_assert_eq!(checker::check(output), Ok(()), "{}", output);
            let again = from_html(output);
            prop_assert_eq!(again.html.as_str(), output);
            prop_assert!(!again.flattened);
        }
    }

    /// The estimated depth is never below the depth that a parser builds.
    #[test]
    fn nesting_is_never_underestimated(source in soup(), times in 1_usize..60) {
        let sanitised = from_html(&source.repeat(times));
        let depth = checker::depth(sanitised.html.as_str());
        prop_assert!(depth <= 102, "{}", depth);
    }
}
