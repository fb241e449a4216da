//! The comments of an item. An item has at most a few hundred, so they are generated together.

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use rethread_model::{Reason, Status};

use super::item::Item;
use crate::markup::{BAD_BYTE, CONTROL, wordpress_text, write_raw};
use crate::people::{self, Person};
use crate::prose;
use crate::random::Random;
use crate::recipe::{Damage, Recipe};
use crate::truth::Counting;

const GUESTS_PER_MILLE: u64 = 150;
const REPLIES_PER_MILLE: u64 = 400;
const DAMAGE_PER_MILLE: u64 = 5;

/// Ids from here on belong to no comment.
const MISSING_IDS: u64 = 9_000_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A person's comment. Before WordPress 5.5 the type was empty.
    Comment {
        has_type: bool,
    },
    Pingback,
    Trackback,
}

struct Comment {
    id: u64,
    parent: u64,
    at: Timestamp,
    kind: Kind,
    status: Status,
    flaw: Option<char>,
    is_repetition: bool,
}

/// Writes the item's comments, by some of the people. Returns the number of comments.
pub(crate) fn write(
    recipe: &Recipe,
    item: &Item,
    people: u64,
    random: &mut Random,
    counting: &mut Counting,
    out: &mut dyn Write,
) -> io::Result<u64> {
    let mut comments = make(recipe, item, random, counting);
    let imported = comments.iter().filter(|comment| count(comment, counting)).count();
    if imported > 0 {
        counting.page();
    }
    put_some_answers_first(&mut comments, random);
    for comment in &comments {
        write_comment(recipe.seed, people, comment, random, out)?;
    }
    Ok(comments.len() as u64)
}

fn make(recipe: &Recipe, item: &Item, random: &mut Random, counting: &mut Counting) -> Vec<Comment> {
    let damage: Vec<Damage> = recipe.damage.iter().copied().filter(|kind| kind.strikes(recipe.vendor)).collect();
    let mut comments: Vec<Comment> = Vec::new();
    let mut at = item.created;
    for number in 0..item.comments {
        at += SignedDuration::from_secs(i64::try_from(random.between(20, 90_000)).unwrap_or(60));
        let mut comment = plain(item.first_comment_id + number, at, &comments, random);
        let struck = usize::try_from(random.below(1000) / DAMAGE_PER_MILLE).ok().and_then(|kind| damage.get(kind));
        if let Some(damage) = struck {
            comment.kind = Kind::Comment { has_type: true };
            comment.status = Status::Approved;
            strike(*damage, &mut comment, &mut comments, counting);
        }
        comments.push(comment);
    }
    comments
}

fn plain(id: u64, at: Timestamp, before: &[Comment], random: &mut Random) -> Comment {
    let kind = match random.below(100) {
        0..=10 => Kind::Pingback,
        11 => Kind::Trackback,
        12..=40 => Kind::Comment { has_type: false },
        _ => Kind::Comment { has_type: true },
    };
    let status = match random.below(100) {
        0..=3 => Status::Pending,
        4..=6 => Status::Deleted,
        _ => Status::Approved,
    };
    let wants_parent = matches!(kind, Kind::Comment { .. }) && random.chance(REPLIES_PER_MILLE);
    let candidate = before.get(random.index(before.len()));
    let parent = candidate.filter(|parent| wants_parent && is_answerable(parent)).map_or(0, |parent| parent.id);
    Comment { id, parent, at, kind, status, flaw: None, is_repetition: false }
}

fn is_answerable(comment: &Comment) -> bool {
    matches!(comment.kind, Kind::Comment { .. }) && !comment.is_repetition
}

fn strike(damage: Damage, comment: &mut Comment, before: &mut [Comment], counting: &mut Counting) {
    match damage {
        Damage::Orphans => {
            comment.parent = MISSING_IDS + comment.id;
            counting.finding(Reason::ParentNotInFile);
        }
        Damage::Duplicates => {
            if let Some(original) = before.iter().find(|earlier| is_answerable(earlier)) {
                comment.id = original.id;
                comment.parent = 0;
                comment.is_repetition = true;
            }
        }
        Damage::ControlCharacters => {
            comment.flaw = Some(CONTROL);
            counting.finding(Reason::ControlCharacters);
        }
        Damage::BadUtf8 => {
            comment.flaw = Some(BAD_BYTE);
            counting.finding(Reason::InvalidUtf8);
        }
        Damage::Cycles => {
            counting.finding(Reason::ParentCycle);
            // A root just before gives a cycle of two; otherwise the comment answers itself.
            match before.last_mut().filter(|last| last.parent == 0 && is_answerable(last)) {
                Some(root) => {
                    root.parent = comment.id;
                    comment.parent = root.id;
                }
                None => comment.parent = comment.id,
            }
        }
        Damage::MissingThreads | Damage::Strays => {}
    }
}

/// Counts a comment, and returns whether it is imported.
fn count(comment: &Comment, counting: &mut Counting) -> bool {
    let is_reply = comment.parent != 0;
    if comment.is_repetition {
        counting.skipped(Reason::DuplicateId, is_reply);
    } else if is_answerable(comment) {
        counting.imported(comment.status, is_reply);
        return true;
    } else {
        counting.skipped(Reason::Pingback, is_reply);
    }
    false
}

/// Database order is not conversation order: some answers come before their parent. Repetitions
/// stay after the original.
fn put_some_answers_first(comments: &mut [Comment], random: &mut Random) {
    for later in 1..comments.len() {
        let earlier = later - 1;
        let is_answer = comments[later].parent == comments[earlier].id && comments[later].parent != 0;
        let repeats = comments[earlier].is_repetition || comments[later].is_repetition;
        if is_answer && !repeats && random.chance(500) {
            comments.swap(earlier, later);
        }
    }
}

fn write_comment(
    seed: u64,
    people: u64,
    comment: &Comment,
    random: &mut Random,
    out: &mut dyn Write,
) -> io::Result<()> {
    let author = Author::of(seed, people, comment, random);
    let mut text = match comment.kind {
        Kind::Comment { .. } => wordpress_text(&prose::comment(random)),
        Kind::Pingback | Kind::Trackback => {
            format!("[&#8230;] {} [&#8230;]", prose::title(random).replace('<', "&lt;"))
        }
    };
    if let Some(flaw) = comment.flaw {
        text.insert(text.rfind(' ').unwrap_or(0), flaw);
    }
    let kind = match comment.kind {
        Kind::Comment { has_type: false } => "",
        Kind::Comment { has_type: true } => "comment",
        Kind::Pingback => "pingback",
        Kind::Trackback => "trackback",
    };
    let approved = match comment.status {
        Status::Approved | Status::Spam => "1",
        Status::Pending => "0",
        Status::Deleted => "trash",
    };
    let gmt = comment.at.strftime("%Y-%m-%d %H:%M:%S");
    let local = (comment.at + SignedDuration::from_hours(1)).strftime("%Y-%m-%d %H:%M:%S");
    writeln!(out, "\t\t<wp:comment>\n\t\t\t<wp:comment_id>{}</wp:comment_id>", comment.id)?;
    writeln!(out, "\t\t\t<wp:comment_author><![CDATA[{}]]></wp:comment_author>", author.name)?;
    writeln!(out, "\t\t\t<wp:comment_author_email><![CDATA[{}]]></wp:comment_author_email>", author.email)?;
    writeln!(out, "\t\t\t<wp:comment_author_url>{}</wp:comment_author_url>", author.site)?;
    writeln!(out, "\t\t\t<wp:comment_author_IP><![CDATA[{}]]></wp:comment_author_IP>", author.ip)?;
    writeln!(out, "\t\t\t<wp:comment_date><![CDATA[{local}]]></wp:comment_date>")?;
    writeln!(out, "\t\t\t<wp:comment_date_gmt><![CDATA[{gmt}]]></wp:comment_date_gmt>")?;
    write!(out, "\t\t\t<wp:comment_content><![CDATA[")?;
    write_raw(out, &text)?;
    writeln!(out, "]]></wp:comment_content>")?;
    writeln!(out, "\t\t\t<wp:comment_approved><![CDATA[{approved}]]></wp:comment_approved>")?;
    writeln!(out, "\t\t\t<wp:comment_type><![CDATA[{kind}]]></wp:comment_type>")?;
    writeln!(out, "\t\t\t<wp:comment_parent>{}</wp:comment_parent>", comment.parent)?;
    writeln!(out, "\t\t\t<wp:comment_user_id>{}</wp:comment_user_id>", author.user_id)?;
    if random.chance(300) {
        writeln!(out, "\t\t\t<wp:commentmeta><wp:meta_key><![CDATA[akismet_result]]></wp:meta_key>")?;
        writeln!(out, "\t\t\t<wp:meta_value><![CDATA[false]]></wp:meta_value></wp:commentmeta>")?;
    }
    writeln!(out, "\t\t</wp:comment>")
}

struct Author {
    name: String,
    email: String,
    site: String,
    ip: String,
    user_id: u64,
}

impl Author {
    fn of(seed: u64, people: u64, comment: &Comment, random: &mut Random) -> Self {
        let ip = format!("192.0.2.{}", random.below(255));
        let nobody = Self { name: String::new(), email: String::new(), site: String::new(), ip, user_id: 0 };
        if !matches!(comment.kind, Kind::Comment { .. }) {
            let site = format!("https://{}/{}/", random.pick(crate::words::SITES), random.hex(8));
            return Self { name: prose::title(random), site, ..nobody };
        }
        if random.chance(GUESTS_PER_MILLE) {
            return Self { name: people::name(random), ..nobody };
        }
        if random.chance(60) {
            let (name, email) = ("The Editor".to_owned(), "editor@harbour.example".to_owned());
            return Self { name, email, user_id: 1, ..nobody };
        }
        let person = Person::new(seed, random.skewed(people));
        Self { name: person.name, email: person.email, site: person.site.unwrap_or_default(), ..nobody }
    }
}
