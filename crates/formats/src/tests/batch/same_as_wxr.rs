//! A comment gives the same records whether the site sends it or someone exports the site.

use proptest::prelude::*;

use super::*;

/// A comment's texts as stored in WordPress.
#[derive(Debug, Clone)]
struct Texts<'t> {
    title: &'t str,
    name: &'t str,
    email: &'t str,
    content: &'t str,
}

const USUAL: Texts<'static> = Texts { title: "Post 8", name: "Ann", email: "ann@example.org", content: "c" };

/// As WordPress's exporter writes every text.
fn section(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// Without the facts that batches lack: the commenter's site and the time of the post.
fn exported(texts: &Texts<'_>) -> Output {
    let comment = wp_comment(7, 5, &section(texts.content))
        .replace("https://ann.example.org/", "")
        .replace("<![CDATA[Ann]]>", &section(texts.name))
        .replace(">ann@example.org<", &format!(">{}<", section(texts.email)));
    let item = item(8, &comment).replace("<![CDATA[Post 8]]>", &section(texts.title));
    let mut output = Output::of(wxr(&item).as_bytes(), Value::Null, &ImportOptions::default());
    for record in &mut output.records {
        if let Record::Thread(thread) = record {
            thread.created_at = None;
        }
    }
    output
}

fn sent(texts: &Texts<'_>) -> Output {
    let changes = json!({
        "pageTitle": texts.title, "commenterName": texts.name, "commenterEmail": texts.email, "comment": texts.content,
        "externalParentId": "5"
    });
    Output::of_comments([comment(7, &changes)])
}

#[track_caller]
fn assert_same(texts: &Texts<'_>) {
    let (exported, sent) = (exported(texts), sent(texts));
    assert_eq!(sent.records, exported.records, "{texts:?}");
    assert_eq!(sent.findings, exported.findings, "{texts:?}");
    assert_eq!(sent.ids(), ["8:7"]);
}

#[test]
fn texts() {
    for content in [
        "c",
        "",
        " ",
        "\n",
        "one\ntwo\n\nthree",
        "one\r\ntwo\r\n\r\nthree\rfour",
        "  between spaces\t \n",
        "a &amp; b &lt;b&gt; &#8217; &nbsp; &nothing; & c",
        "<b>bold</b> <script>alert(1)</script>\n<blockquote>q\n\nr</blockquote>",
        "<p>never closed <a href=\"https://h/?a=1&b=2\">x",
        "x ]]> y <![CDATA[ z",
        "😀 🦀 é e\u{301} \u{200d} \u{2028}",
        "N\0UL, \u{1}\u{b}\u{1f}\u{7f}\u{85}\u{fffe}\u{ffff}",
        "\"quotes\" \\ 'and' \\n",
    ] {
        assert_same(&Texts { content, ..USUAL });
    }
}

#[test]
fn names_and_titles() {
    for name in ["", " ", " Ann ", "A&amp;B &#8220;x&#8221;", "A & B", "Ann\0", "😀"] {
        assert_same(&Texts { name, ..USUAL });
        assert_same(&Texts { name, email: "", ..USUAL });
        // In a file, repairs of a title belong to the item; in a batch, to each comment.
        let texts = Texts { title: name, ..USUAL };
        assert_eq!(sent(&texts).records, exported(&texts).records, "{texts:?}");
    }
    for email in ["Ann@Example.org", " ann@example.org ", "none", "a b@c"] {
        assert_same(&Texts { email, ..USUAL });
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(300))]

    /// Except `]]` and `>` with a control character between them, which end a file's section once
    /// it is removed.
    #[test]
    fn any_text(
        pieces in prop::collection::vec(prop::sample::select(
            &["a", " ", "\n", "\r", "\t", "&amp;", "&", "<b>", "</b>", "<", ">", "<!--", "<pre>", "]]>", "\0", "\u{fffe}", "\"", "\\", "🦀", "é"][..]
        ), 0..20),
        text in any::<String>(),
    ) {
        assert_same(&Texts { content: &pieces.concat(), ..USUAL });
        assert_same(&Texts { content: &text, ..USUAL });
    }
}
