//! Any text of a comment becomes HTML that may be shown, by every vendor's rules.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rethread_fuzz::import;
use rethread_model::ImportOptions;

/// Content that no text may bring onto a page, whatever precedes it.
const FORBIDDEN: [&str; 8] =
    ["<script", "<style", "<iframe", "<object", "<embed", "<form", "<svg", "href=\"javascript:"];

fuzz_target!(|text: &str| {
    let cdata = text.replace("]]>", "]]]]><![CDATA[>");
    let disqus = format!(
        "<disqus xmlns=\"http://disqus.com\" xmlns:dsq=\"http://disqus.com/disqus-internals\"><post dsq:id=\"1\">\
         <message><![CDATA[{cdata}]]></message><thread dsq:id=\"1\" /></post></disqus>"
    );
    let wordpress = format!(
        "<rss xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><item><wp:post_id>1</wp:post_id><wp:comment>\
         <wp:comment_id>1</wp:comment_id><wp:comment_content><![CDATA[{cdata}]]></wp:comment_content></wp:comment>\
         </item></channel></rss>"
    );
    let commento = serde_json::json!({
        "version": 1,
        "comments": [{"commentHex": "1", "domain": "a.example", "url": "/", "commenterHex": "anonymous", "markdown": text}],
        "commenters": [],
    });
    for upload in [disqus, wordpress, commento.to_string()] {
        let Some(imported) = import(upload.as_bytes(), &ImportOptions::default(), usize::MAX) else { continue };
        for comment in imported.comments {
            let html = comment.html.as_str().to_ascii_lowercase();
            assert!(!FORBIDDEN.iter().any(|forbidden| html.contains(forbidden)), "{html}");
        }
    }
});
