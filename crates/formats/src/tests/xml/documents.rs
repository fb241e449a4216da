//! Exports of each vendor, with the writer's oddities.

use super::writer::{Dice, Oddity, Spaces, Writer};

const DISQUS: &Spaces = &[
    ("", &["http://disqus.com", "https://disqus.com/", ""]),
    ("dsq", &["http://disqus.com/disqus-internals", "https://www.disqus.com/disqus-internals"]),
];

const WXR: &Spaces = &[
    ("", &[""]),
    (
        "wp",
        &[
            "http://wordpress.org/export/1.2/",
            "http://wordpress.org/export/1.0/",
            "https://wordpress.org/export/1.1/",
            "http://wordpress.org/export/1.3/",
            "http://wordpress.org/export/",
        ],
    ),
    ("content", &["http://purl.org/rss/1.0/modules/content/"]),
    ("excerpt", &["http://wordpress.org/export/1.2/excerpt/"]),
    ("dsq", &["http://www.disqus.com/"]),
];

const DEBATE: &Spaces = &[("", &[""])];

pub(super) fn disqus(choices: &[u16], oddity: Oddity) -> String {
    let mut dice = Dice::new(choices);
    let mut writer = Writer::new(&mut dice, oddity, DISQUS);
    writer.root("disqus", |w| {
        w.filler();
        w.element("", "category", &[("dsq", "id", "9")], |w| w.field("", "forum", "demo"));
        for id in 1..=2 {
            w.filler();
            w.element("", "thread", &[("dsq", "id", &id.to_string())], |w| {
                w.field("", "id", "");
                w.field("", "forum", "demo");
                w.field("", "link", &format!("https://example.org/{id}/"));
                w.field("", "title", "A page");
                w.field("", "createdAt", "2020-01-01T00:00:00Z");
            });
        }
        for id in 0..w.dice.roll(5) {
            w.filler();
            if oddity == Oddity::Any && w.dice.roll(6) == 1 {
                w.decoy("post");
            }
            w.element("", "post", &[("dsq", "id", &(10 + id).to_string())], |w| {
                w.filler();
                w.message("", "message");
                w.field("", "createdAt", "2020-01-02T00:00:00Z");
                let (deleted, spam) = (w.dice.pick(&["false", "true"]), w.dice.pick(&["false", "true"]));
                w.field("", "isDeleted", deleted);
                w.field("", "isSpam", spam);
                let name = w.prose();
                w.element("", "author", &[], |w| w.field("", "name", &name));
                w.filler();
                w.element("", "thread", &[("dsq", "id", "1")], |_| {});
                if id > 0 && w.dice.roll(2) == 1 {
                    w.element("", "parent", &[("dsq", "id", "10")], |_| {});
                }
            });
        }
        w.filler();
    });
    writer.finish()
}

pub(super) fn wxr(choices: &[u16], oddity: Oddity) -> String {
    let mut dice = Dice::new(choices);
    let mut writer = Writer::new(&mut dice, oddity, WXR);
    writer.root("rss", |w| {
        w.filler();
        w.element("", "channel", &[], |w| {
            w.field("", "title", "Blog");
            w.field("", "link", "https://blog.example.org");
            w.field("wp", "wxr_version", "1.2");
            w.field("wp", "base_blog_url", "https://blog.example.org");
            for item in 1..=(1 + w.dice.roll(2)) {
                w.filler();
                w.element("", "item", &[], |w| wxr_item(w, item, oddity));
            }
            w.filler();
        });
    });
    writer.finish()
}

fn wxr_item(w: &mut Writer<'_, '_>, item: u16, oddity: Oddity) {
    w.filler();
    w.field("", "title", "A post");
    w.field("", "link", &format!("https://blog.example.org/{item}/"));
    let article = w.prose();
    w.field("content", "encoded", &article);
    w.field("excerpt", "encoded", "");
    if w.dice.roll(3) == 1 {
        w.field("dsq", "thread_identifier", &format!("page-{item}"));
    }
    w.field("wp", "post_id", &item.to_string());
    w.field("wp", "post_date_gmt", "2020-01-01 00:00:00");
    for id in 1..=w.dice.roll(4) {
        w.filler();
        if oddity == Oddity::Any && w.dice.roll(6) == 1 {
            w.decoy("comment");
        }
        w.element("wp", "comment", &[], |w| {
            w.field("wp", "comment_id", &id.to_string());
            let name = w.prose();
            w.field("wp", "comment_author", &name.replace('&', "+"));
            w.field("wp", "comment_date_gmt", "2020-01-02 00:00:00");
            w.message("wp", "comment_content");
            let approved = w.dice.pick(&["1", "0", "spam", "trash"]);
            w.field("wp", "comment_approved", approved);
            w.field("wp", "comment_type", "comment");
            w.field("wp", "comment_parent", if id > 1 { "1" } else { "0" });
        });
    }
    if w.dice.roll(2) == 1 {
        w.field("wp", "postmeta", "what follows the comments");
    }
}

pub(super) fn debate(choices: &[u16], oddity: Oddity) -> String {
    let mut dice = Dice::new(choices);
    let mut writer = Writer::new(&mut dice, oddity, DEBATE);
    writer.root("output", |w| {
        for post in 1..=(1 + w.dice.roll(2)) {
            w.filler();
            w.element("", "blogpost", &[], |w| {
                w.filler();
                w.field("", "url", &format!("https://blog.example.org/{post}/"));
                w.field("", "title", "A page");
                w.element("", "comments", &[], |w| {
                    for id in 1..=w.dice.roll(4) {
                        w.filler();
                        let id = (u16::from(post == 2) * 10 + id).to_string();
                        let text = w.prose();
                        w.element("", "comment", &[("", "id", &id), ("", "parentid", "0")], |w| {
                            w.field("", "isAnon", "0");
                            let name = w.prose();
                            w.field("", "name", &name.replace('&', "+"));
                            w.field("", "gmt", "2020-01-02 00:00:00");
                            w.field("", "text", &text.replace("&lt;", "+"));
                            w.field("", "score", "3");
                        });
                    }
                    w.filler();
                });
            });
        }
        w.filler();
    });
    writer.finish()
}
