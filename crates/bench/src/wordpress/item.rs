//! A post, page or picture.

use std::io::{self, Write};

use jiff::Timestamp;

use super::SITE;
use crate::facts::{time_of, to_the_second};
use crate::markup::escaped;
use crate::prose::{self, Piece};
use crate::random::Random;

/// An item and the decisions about its comments.
pub(crate) struct Item {
    pub id: u64,
    pub created: Timestamp,
    /// How many comments it holds.
    pub comments: u64,
    /// The id of its first comment. Comment ids repeat between items, because they are unique only
    /// within one.
    pub first_comment_id: u64,
    link: String,
    kind: &'static str,
    status: &'static str,
}

impl Item {
    /// Item `number` of a file with `comments` comments, of which `written` are already written.
    pub(crate) fn new(random: &mut Random, number: u64, written: u64, comments: u64) -> Self {
        let id = 10 + number * 3;
        let (kind, status) = match random.below(100) {
            0..=7 => ("attachment", "inherit"),
            8..=11 => ("page", "publish"),
            12..=13 => ("post", "draft"),
            _ => ("post", "publish"),
        };
        let wanted = match random.below(100) {
            0..=39 => 0,
            40..=74 => random.between(1, 6),
            75..=95 => random.between(7, 40),
            _ => random.between(41, 300),
        };
        let is_draft = status == "draft";
        let link = match kind {
            _ if is_draft => format!("{SITE}/?p={id}"),
            "page" => format!("{SITE}/page-{id}/"),
            "attachment" => format!("{SITE}/picture-{id}/"),
            _ => format!("{SITE}/{}/{:02}/post-{id}/", 2011 + number % 12, number % 12 + 1),
        };
        let repeats_ids = random.chance(20);
        Self {
            id,
            created: to_the_second(time_of(written, comments)),
            comments: if is_draft { 0 } else { wanted.min(comments - written) },
            first_comment_id: if repeats_ids { 1 } else { 1 + written },
            link,
            kind,
            status,
        }
    }

    /// Writes everything up to the comments.
    pub(crate) fn write_head(&self, random: &mut Random, out: &mut dyn Write) -> io::Result<()> {
        let Self { id, link, kind, status, created, .. } = self;
        let title = prose::title(random);
        let day = created.strftime("%a, %d %b %Y %H:%M:%S +0000");
        let moment = created.strftime("%Y-%m-%d %H:%M:%S");
        let body = if *kind == "attachment" { String::new() } else { body(random) };
        writeln!(out, "\t<item>\n\t\t<title><![CDATA[{title}]]></title>\n\t\t<link>{}</link>", escaped(link))?;
        writeln!(out, "\t\t<pubDate>{day}</pubDate>\n\t\t<dc:creator><![CDATA[editor]]></dc:creator>")?;
        writeln!(out, "\t\t<guid isPermaLink=\"false\">{SITE}/?p={id}</guid>\n\t\t<description></description>")?;
        writeln!(out, "\t\t<content:encoded><![CDATA[{body}]]></content:encoded>")?;
        writeln!(out, "\t\t<excerpt:encoded><![CDATA[]]></excerpt:encoded>\n\t\t<wp:post_id>{id}</wp:post_id>")?;
        writeln!(out, "\t\t<wp:post_date><![CDATA[{moment}]]></wp:post_date>")?;
        writeln!(out, "\t\t<wp:post_date_gmt><![CDATA[{moment}]]></wp:post_date_gmt>")?;
        writeln!(out, "\t\t<wp:comment_status><![CDATA[open]]></wp:comment_status>")?;
        writeln!(out, "\t\t<wp:ping_status><![CDATA[open]]></wp:ping_status>")?;
        writeln!(out, "\t\t<wp:post_name><![CDATA[post-{id}]]></wp:post_name>")?;
        writeln!(out, "\t\t<wp:status><![CDATA[{status}]]></wp:status>\n\t\t<wp:post_parent>0</wp:post_parent>")?;
        writeln!(out, "\t\t<wp:menu_order>0</wp:menu_order>\n\t\t<wp:post_type><![CDATA[{kind}]]></wp:post_type>")?;
        writeln!(out, "\t\t<wp:post_password><![CDATA[]]></wp:post_password>\n\t\t<wp:is_sticky>0</wp:is_sticky>")?;
        writeln!(out, "\t\t<category domain=\"category\" nicename=\"news\"><![CDATA[News]]></category>")?;
        writeln!(out, "\t\t<wp:postmeta><wp:meta_key><![CDATA[_edit_last]]></wp:meta_key>")?;
        writeln!(out, "\t\t<wp:meta_value><![CDATA[1]]></wp:meta_value></wp:postmeta>")
    }
}

fn body(random: &mut Random) -> String {
    let mut body = String::new();
    for paragraph in prose::article(random) {
        body.push_str("<!-- wp:paragraph -->\n<p>");
        for piece in &paragraph.pieces {
            match piece {
                Piece::Text(text) | Piece::Strong(text) | Piece::Code(text) => body.push_str(&escaped(text)),
                Piece::Link(url) => body.extend(["<a href=\"", &escaped(url), "\">", &escaped(url), "</a>"]),
                Piece::Image(url) => body.extend(["<img src=\"", &escaped(url), "\" alt=\"\" />"]),
                Piece::Break => body.push_str("<br />"),
            }
        }
        body.push_str("</p>\n<!-- /wp:paragraph -->\n\n");
    }
    body
}
