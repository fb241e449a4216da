//! The authors of comments.

use jiff::Timestamp;

use crate::random::{Purpose, Random};
use crate::words::{FIRST_NAMES, LAST_NAMES, SITES};

/// A person; the same number and seed give the same person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub name: String,
    /// The user name in Disqus and WordPress.
    pub username: String,
    pub email: String,
    pub site: Option<String>,
    /// The id in Commento.
    pub hex: String,
    pub joined: Timestamp,
}

impl Person {
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut random = Random::new(seed, Purpose::Person, number);
        let name = name(&mut random);
        let username = match random.below(10) {
            0 => format!("facebook-{}", 1_000_000_000 + number),
            1..=4 => format!("disqus_{}{number}", random.hex(6)),
            _ => format!("reader{number}"),
        };
        let site = random.chance(200).then(|| format!("https://{}/~{number}", random.pick(SITES)));
        let joined = Timestamp::from_second(1_300_000_000 + i64::try_from(random.below(300_000_000)).unwrap_or(0));
        Self {
            name,
            email: format!("{username}@mail.example"),
            username,
            site,
            hex: random.hex(64),
            joined: joined.unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}

/// A display name.
pub(crate) fn name(random: &mut Random) -> String {
    let first = random.pick(FIRST_NAMES);
    if random.chance(300) { first.to_owned() } else { format!("{first} {}", random.pick(LAST_NAMES)) }
}

/// The number of people in a file with this many comments.
pub(crate) const fn population(comments: u64) -> u64 {
    comments / 6 + 20
}
