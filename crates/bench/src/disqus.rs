//! Writes Disqus's XML export as Disqus has written it since 2018: without e-mail and IP addresses.

mod thread;

use std::io::{self, Write};

use rethread_model::{Status, Vendor};

use crate::counted::Counted;
use crate::facts::{time_of, to_the_second};
use crate::markup::{disqus_html, escaped, write_raw};
use crate::people::{self, Person};
use crate::prose;
use crate::random::{Purpose, Random};
use crate::recipe::Recipe;
use crate::talk::{Answers, GeneratedComment, Habits, Place, Talk};
use crate::truth::{Counting, Truth};
use thread::DisqusThreads;

const HABITS: Habits =
    Habits { guests_per_mille: 300, replies_per_mille: 420, has_pending: false, has_no_thread_list: false };

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://disqus.com/api/schemas/1.0/disqus.xsd http://disqus.com/api/schemas/1.0/disqus-internals.xsd">
<category dsq:id="3259001">
<forum>harbour-gazette</forum>
<title>General</title>
<isDefault>true</isDefault>
</category>
"#;

/// Writes the file; see [`crate::generate`].
pub(crate) fn write(recipe: &Recipe, comments: u64, out: &mut dyn Write) -> io::Result<Truth> {
    let mut out = Counted::new(out);
    let threads = DisqusThreads::new(recipe.seed, comments);
    let mut counting = Counting::default();
    out.write_all(HEAD.as_bytes())?;
    threads.write(&mut counting, &mut out)?;
    let mut talk = Talk::new(recipe, comments, &threads, HABITS, counting);
    let mut words = Random::new(recipe.seed, Purpose::Posts, 0);
    for said in talk.by_ref() {
        write_post(recipe.seed, comments, &said, &mut words, &mut out)?;
    }
    out.write_all(b"</disqus>\n")?;
    Ok(talk.into_counting().truth(Vendor::Disqus, recipe.seed, out.bytes()))
}

/// Ids of posts grow with their number.
const fn post_id(number: u64) -> u64 {
    5_000_000_000 + number * 7 + number % 5
}

/// An id that no post has.
const fn missing_post_id(number: u64) -> u64 {
    4_000_000_000 + number
}

/// An id that no thread has.
const fn unknown_thread_id(number: u64) -> u64 {
    2_000_000_000 + number
}

fn write_post(
    seed: u64,
    comments: u64,
    said: &GeneratedComment,
    words: &mut Random,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_deleted = said.status == Status::Deleted;
    let is_spam = said.status == Status::Spam || (is_deleted && said.number.is_multiple_of(10));
    let paragraphs = if is_spam { prose::spam(words) } else { prose::comment(words) };
    let mut message = disqus_html(&paragraphs);
    if let Some(flaw) = said.flaw {
        // Between the text and the last closing tag.
        message.insert(message.rfind('<').unwrap_or(0), flaw);
    }
    writeln!(out, "<post dsq:id=\"{}\">\n<id />", post_id(said.id))?;
    write!(out, "<message><![CDATA[")?;
    write_raw(out, &message)?;
    writeln!(out, "]]></message>")?;
    writeln!(out, "<createdAt>{}</createdAt>", to_the_second(time_of(said.number, comments)))?;
    writeln!(out, "<isDeleted>{is_deleted}</isDeleted>\n<isSpam>{is_spam}</isSpam>")?;
    match said.author {
        Some(number) => write_author(out, &Person::new(seed, number))?,
        None => write_guest(out, &people::name(words))?,
    }
    let thread = match said.place {
        Place::Thread(number) => thread::id(number),
        Place::Nowhere => unknown_thread_id(said.number),
    };
    writeln!(out, "<thread dsq:id=\"{thread}\" />")?;
    match said.answers {
        Some(Answers::Comment(number)) => writeln!(out, "<parent dsq:id=\"{}\" />", post_id(number))?,
        Some(Answers::Nobody) => writeln!(out, "<parent dsq:id=\"{}\" />", missing_post_id(said.number))?,
        None => {}
    }
    writeln!(out, "</post>")
}

fn write_author(out: &mut dyn Write, person: &Person) -> io::Result<()> {
    writeln!(out, "<author>\n<name>{}</name>\n<isAnonymous>false</isAnonymous>", escaped(&person.name))?;
    writeln!(out, "<username>{}</username>\n</author>", person.username)
}

fn write_guest(out: &mut dyn Write, name: &str) -> io::Result<()> {
    writeln!(out, "<author>\n<name>{}</name>\n<isAnonymous>true</isAnonymous>\n</author>", escaped(name))
}
