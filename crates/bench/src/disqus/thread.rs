//! The thread list. Everything about a thread follows from the seed and its number, so no thread is
//! stored.

use std::io::{self, Write};

use crate::facts::{time_of, to_the_second};
use crate::markup::escaped;
use crate::prose;
use crate::random::{Purpose, Random};
use crate::talk::Threads;
use crate::truth::Counting;

/// Real files contain two to forty times as many threads as are used: every address under which a
/// page was ever opened.
const COMMENTS_PER_THREAD: u64 = 8;
const LIVE_PER_MILLE: u64 = 400;

const SITE: &str = "https://www.harbour-gazette.example";

/// The id of a thread.
pub(crate) const fn id(number: u64) -> u64 {
    3_000_000_000 + number * 3 + number % 2
}

/// The threads of a file.
pub(crate) struct DisqusThreads {
    seed: u64,
    comments: u64,
}

struct Traits {
    is_live: bool,
    is_hot: bool,
    would_share: bool,
}

impl DisqusThreads {
    pub(crate) const fn new(seed: u64, comments: u64) -> Self {
        Self { seed, comments }
    }

    /// Writes the list.
    pub(crate) fn write(&self, counting: &mut Counting, out: &mut dyn Write) -> io::Result<()> {
        for number in 0..self.count() {
            self.write_thread(number, out)?;
            counting.thread();
        }
        Ok(())
    }

    fn traits(&self, number: u64) -> Traits {
        Self::draw_traits(&mut Random::new(self.seed, Purpose::Thread, number), number)
    }

    /// The first numbers of a thread's stream.
    fn draw_traits(random: &mut Random, number: u64) -> Traits {
        let is_live = random.chance(LIVE_PER_MILLE) || number == 0;
        Traits { is_live, is_hot: random.chance(120), would_share: random.chance(60) }
    }

    fn write_thread(&self, number: u64, out: &mut dyn Write) -> io::Result<()> {
        let mut random = Random::new(self.seed, Purpose::Thread, number);
        let traits = Self::draw_traits(&mut random, number);
        let opened = u128::from(number) * u128::from(self.comments) / u128::from(self.count());
        let created = to_the_second(time_of(u64::try_from(opened).unwrap_or(0), self.comments));
        let link = if self.shares_page(number) {
            same_page(&mut random, number - 1)
        } else if traits.is_live {
            address(number)
        } else {
            dead_address(&mut random, number)
        };
        let title = prose::title(&mut random);
        let is_deleted = !traits.is_live && random.chance(100);
        writeln!(out, "<thread dsq:id=\"{}\">", id(number))?;
        match random.below(5) {
            0 => writeln!(out, "<id>{} {SITE}/?p={}</id>", number + 10, number + 10)?,
            _ => writeln!(out, "<id />")?,
        }
        writeln!(out, "<forum>harbour-gazette</forum>\n<category dsq:id=\"3259001\" />")?;
        writeln!(out, "<link>{}</link>\n<title>{}</title>\n<message />", escaped(&link), escaped(&title))?;
        writeln!(out, "<createdAt>{created}</createdAt>\n<author>\n<name>Harbour Gazette</name>")?;
        writeln!(out, "<isAnonymous>false</isAnonymous>\n<username>harbour-gazette</username>\n</author>")?;
        writeln!(out, "<isClosed>{}</isClosed>\n<isDeleted>{is_deleted}</isDeleted>\n</thread>", random.chance(20))
    }
}

impl Threads for DisqusThreads {
    fn count(&self) -> u64 {
        self.comments / COMMENTS_PER_THREAD + 1
    }

    fn is_live(&self, thread: u64) -> bool {
        self.traits(thread).is_live
    }

    fn is_hot(&self, thread: u64) -> bool {
        self.traits(thread).is_hot
    }

    fn shares_page(&self, thread: u64) -> bool {
        let own = self.traits(thread);
        let Some(before) = thread.checked_sub(1).map(|number| self.traits(number)) else { return false };
        own.is_live && own.would_share && before.is_live && !before.would_share
    }
}

/// The address of a page with comments.
fn address(number: u64) -> String {
    format!("{SITE}/{}/{:02}/story-{number}/", 2011 + number % 12, number % 12 + 1)
}

/// Another address of the same page, such as browsers and newsletters produce.
fn same_page(random: &mut Random, number: u64) -> String {
    let plain = address(number);
    match random.below(5) {
        0 => plain.replacen("https://", "http://", 1),
        1 => plain.replacen("www.", "", 1),
        2 => format!("{plain}?utm_source=newsletter&utm_medium=email"),
        3 => format!("{plain}#disqus_thread"),
        _ => plain.trim_end_matches('/').to_owned(),
    }
}

/// An address without comments.
fn dead_address(random: &mut Random, number: u64) -> String {
    match random.below(4) {
        0 => format!("http://localhost:4000/draft-{number}/"),
        1 => format!(
            "https://webcache.googleusercontent.com/search?q=cache:{}:{SITE}/story-{number}/&hl=en",
            random.hex(12)
        ),
        2 => format!(
            "https://translate.googleusercontent.com/translate_c?u={SITE}/story-{number}/&usg={}",
            random.hex(20)
        ),
        _ => format!("{SITE}/?p={number}&preview=true"),
    }
}
