//! Writes Commento's JSON export, version 1: comments in random order, then the commenter's entry
//! once for each comment.

use std::io::{self, Write};

use rethread_model::{Status, Vendor};

use crate::counted::Counted;
use crate::facts::{Draws, time_of};
use crate::markup::{markdown, push_json};
use crate::people::Person;
use crate::prose;
use crate::random::{Purpose, Random};
use crate::recipe::Recipe;
use crate::talk::{Answers, GeneratedComment, Habits, Talk, Threads};
use crate::truth::{Counting, Truth};

const HABITS: Habits =
    Habits { guests_per_mille: 250, replies_per_mille: 400, has_pending: true, has_no_thread_list: true };

/// The order of comments is random within groups of this size.
const SHUFFLED_TOGETHER: usize = 256;

const DOMAIN: &str = "harbour.example";

/// Every page has one thread.
struct Pages {
    comments: u64,
}

impl Threads for Pages {
    fn count(&self) -> u64 {
        self.comments / 12 + 1
    }

    fn is_live(&self, _thread: u64) -> bool {
        true
    }

    fn is_hot(&self, thread: u64) -> bool {
        thread.is_multiple_of(9)
    }

    fn shares_page(&self, _thread: u64) -> bool {
        false
    }
}

/// Writes the file; see [`crate::generate`].
pub(crate) fn write(recipe: &Recipe, comments: u64, out: &mut dyn Write) -> io::Result<Truth> {
    let mut out = Counted::new(out);
    let pages = Pages { comments };
    let mut talk = Talk::new(recipe, comments, &pages, HABITS, Counting::default());
    let mut words = Random::new(recipe.seed, Purpose::Posts, 0);
    let mut order = Random::new(recipe.seed, Purpose::Shuffle, 0);
    let mut separator = Separator::default();

    out.write_all(b"{\"version\":1,\"comments\":[")?;
    loop {
        let together: Vec<GeneratedComment> = talk.by_ref().take(SHUFFLED_TOGETHER).collect();
        if together.is_empty() {
            break;
        }
        for said in shuffled(together, &mut order) {
            separator.write(&mut out)?;
            out.write_all(&comment(recipe.seed, comments, &said, &mut words))?;
        }
    }
    out.write_all(b"],\"commenters\":[")?;
    write_commenters(recipe, comments, &mut out)?;
    out.write_all(b"]}")?;
    Ok(talk.into_counting().truth(Vendor::Commento, recipe.seed, out.bytes()))
}

/// In random order, except that a comment which repeats an earlier one's id stays after it, so that
/// it is known which comes first.
fn shuffled(said: Vec<GeneratedComment>, order: &mut Random) -> Vec<GeneratedComment> {
    let (repeated, mut first): (Vec<_>, Vec<_>) = said.into_iter().partition(|said| said.id != said.number);
    order.shuffle(&mut first);
    first.extend(repeated);
    first
}

#[derive(Default)]
struct Separator {
    is_due: bool,
}

impl Separator {
    fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.is_due, true) { out.write_all(b",") } else { Ok(()) }
    }
}

/// The id of a comment.
fn comment_hex(seed: u64, number: u64) -> String {
    Random::new(seed, Purpose::Hex, number).hex(64)
}

/// An id that no comment has.
fn missing_hex(seed: u64, number: u64) -> String {
    Random::new(seed, Purpose::Hex, u64::MAX - number).hex(64)
}

fn comment(seed: u64, comments: u64, said: &GeneratedComment, words: &mut Random) -> Vec<u8> {
    let is_deleted = said.status == Status::Deleted;
    let mut text = match said.status {
        Status::Deleted => "[deleted]".to_owned(),
        Status::Spam => markdown(&prose::spam(words)),
        Status::Approved | Status::Pending => markdown(&prose::comment(words)),
    };
    if let Some(flaw) = said.flaw {
        text.insert(text.rfind(' ').unwrap_or(0), flaw);
    }
    let commenter = said.author.filter(|_| !is_deleted).map(|number| Person::new(seed, number).hex);
    let parent = match said.answers {
        None => "root".to_owned(),
        Some(Answers::Comment(number)) => comment_hex(seed, number),
        Some(Answers::Nobody) => missing_hex(seed, said.number),
    };
    let state = match said.status {
        Status::Approved | Status::Deleted => "approved",
        Status::Pending => "unapproved",
        Status::Spam => "flagged",
    };
    let score = i64::try_from(words.skewed(40)).unwrap_or(0) - 3;

    let mut out = Vec::with_capacity(768);
    let mut field = |name: &str, value: &str| {
        out.push(if out.is_empty() { b'{' } else { b',' });
        push_json(&mut out, name);
        out.push(b':');
        push_json(&mut out, value);
    };
    field("commentHex", &comment_hex(seed, said.id));
    field("domain", DOMAIN);
    field("url", &url(said));
    field("commenterHex", commenter.as_deref().unwrap_or("anonymous"));
    field("markdown", &text);
    field("html", "");
    field("parentHex", &parent);
    field("state", state);
    field("creationDate", &time_of(said.number, comments).to_string());
    out.extend_from_slice(format!(",\"score\":{score},\"direction\":0,\"deleted\":false}}").as_bytes());
    out
}

fn url(said: &GeneratedComment) -> String {
    match said.place {
        crate::talk::Place::Thread(number) => format!("/{}/story-{number}/", 2011 + number % 12),
        crate::talk::Place::Nowhere => "/".to_owned(),
    }
}

/// Draws everything again, so that no person must be remembered.
fn write_commenters(recipe: &Recipe, comments: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut draws = Draws::new(recipe, comments, HABITS.guests_per_mille);
    let mut separator = Separator::default();
    for _ in 0..comments {
        if let Some(number) = draws.next().remaining_author() {
            separator.write(out)?;
            out.write_all(&commenter(&Person::new(recipe.seed, number)))?;
        }
    }
    Ok(())
}

fn commenter(person: &Person) -> Vec<u8> {
    let mut out = Vec::with_capacity(384);
    let joined = person.joined.to_string();
    let fields = [
        ("commenterHex", person.hex.as_str()),
        ("email", &person.email),
        ("name", &person.name),
        ("link", person.site.as_deref().unwrap_or("undefined")),
        ("photo", "undefined"),
        ("provider", "commento"),
        ("joinDate", &joined),
    ];
    for (name, value) in fields {
        out.push(if out.is_empty() { b'{' } else { b',' });
        push_json(&mut out, name);
        out.push(b':');
        push_json(&mut out, value);
    }
    out.extend_from_slice(b",\"isModerator\":false}");
    out
}
