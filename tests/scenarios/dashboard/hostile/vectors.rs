//! Known script injection vectors, and exports full of them.

use std::fmt::Write as _;

/// Each sets `ran` if it runs. Collected from the kinds in public lists of such vectors.
pub(super) const VECTORS: &[&str] = &[
    "<script>window.ran=1</script>",
    "<img src=x onerror=\"window.ran=2\">",
    "<svg onload=\"window.ran=3\">",
    "\"><script>window.ran=4</script>",
    "'><img src=x onerror=window.ran=5>",
    "</title><script>window.ran=6</script>",
    "</textarea><svg/onload=window.ran=7>",
    "<a href=\"javascript:window.ran=8\">click</a>",
    "<a href=\"JaVaScRiPt:window.ran=9\">click</a>",
    "<a href=\" java\nscript:window.ran=10\">click</a>",
    "<a href=\"data:text/html,<script>window.ran=11</script>\">click</a>",
    "<iframe src=\"javascript:parent.ran=12\"></iframe>",
    "<iframe srcdoc=\"<script>parent.ran=13</script>\"></iframe>",
    "<object data=\"javascript:window.ran=14\"></object>",
    "<embed src=\"javascript:window.ran=15\">",
    "<body onload=window.ran=16>",
    "<input autofocus onfocus=window.ran=17>",
    "<details open ontoggle=window.ran=18>",
    "<video><source onerror=\"window.ran=19\"></video>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.ran=20>",
    "<svg><script>window.ran=21</script></svg>",
    "<svg><a xlink:href=\"javascript:window.ran=22\"><text>click</text></a></svg>",
    "<svg><animate onbegin=window.ran=23 attributeName=x dur=1s>",
    "<style>@import 'javascript:window.ran=24';</style><p style=\"background:url(javascript:window.ran=24)\">",
    "<link rel=stylesheet href=\"https://evil.example/24.css\">",
    "<meta http-equiv=\"refresh\" content=\"0;url=javascript:window.ran=26\">",
    "<base href=\"https://evil.example/\"><form action=\"javascript:window.ran=27\"><button>go</button></form>",
    "<noscript><p title=\"</noscript><img src=x onerror=window.ran=28>\">",
    "<img src=\"https://evil.example/pixel.png\" onload=window.ran=29><!--<img src=\"--><img src=x onerror=window.ran=29>",
    "{{constructor.constructor('window.ran=30')()}}${window.ran=30}<%= window.ran=30 %>",
];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
"#;

fn thread(xml: &mut String, id: usize, forum: &str, link: &str, title: &str) {
    writeln!(
        xml,
        "<thread dsq:id=\"{id}\"><id>{link}</id><forum>{forum}</forum><link>{link}</link><title>{title}</title><message />\
         <createdAt>2020-01-01T00:00:00Z</createdAt><author><name>{title}</name><isAnonymous>false</isAnonymous>\
         <username>site</username></author><isClosed>false</isClosed><isDeleted>false</isDeleted></thread>"
    )
    .unwrap();
}

fn post(xml: &mut String, id: usize, thread: usize, parent: Option<usize>, name: &str, message: &str) {
    let parent = parent.map(|parent| format!("<parent dsq:id=\"{parent}\" />")).unwrap_or_default();
    let time = format!("2020-01-{:02}T{:02}:{:02}:00Z", 2 + id / 1440 % 27, id / 60 % 24, id % 60);
    writeln!(
        xml,
        "<post dsq:id=\"{id}\"><id>{name}</id><message>{message}</message><createdAt>{time}</createdAt>\
         <isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>{name}</name><isAnonymous>true</isAnonymous>\
         </author><thread dsq:id=\"{thread}\" />{parent}</post>"
    )
    .unwrap();
}

/// Each vector as the title, the address, an author's name and the text of one conversation, and
/// all of them in one more conversation.
pub(super) fn export() -> String {
    let mut xml = HEAD.to_owned();
    let forum = escaped(VECTORS[0]);
    for (number, vector) in VECTORS.iter().enumerate() {
        let vector = escaped(vector);
        let link = match number % 3 {
            0 => format!("javascript:window.ran={number}//{vector}"),
            1 => format!("https://blog.example/{number}/{vector}"),
            _ => format!("https://blog.example/{number}?q={vector}"),
        };
        thread(&mut xml, 100 + number, &forum, &link, &vector);
    }
    thread(&mut xml, 900, &forum, "https://blog.example/all", "All of them");
    for (number, vector) in VECTORS.iter().enumerate() {
        let vector = escaped(vector);
        post(&mut xml, 1_000 + number, 100 + number, None, &vector, &vector);
        post(&mut xml, 2_000 + number, 900, None, &vector, &vector);
    }
    xml.push_str("</disqus>\n");
    xml
}

/// A conversation in which every comment replies to the previous one.
pub(super) fn ladder(comments: usize) -> String {
    let mut xml = HEAD.to_owned();
    thread(&mut xml, 1, "ladder", "https://blog.example/ladder", "A ladder");
    for number in 0..comments {
        let parent = (number > 0).then(|| 10_000 + number - 1);
        post(&mut xml, 10_000 + number, 1, parent, &format!("Rung {number}"), "<p>And up.</p>");
    }
    xml.push_str("</disqus>\n");
    xml
}
