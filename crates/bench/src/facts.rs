//! The properties drawn for each comment before it is written. Drawing again gives the same result.

use jiff::Timestamp;
use rethread_model::Status;

use crate::people::population;
use crate::random::{Purpose, Random};
use crate::recipe::{Damage, Recipe};

/// The number of comments in 1000 with each kind of damage.
const DAMAGE_PER_MILLE: u64 = 5;

/// 2011-04-01, and twelve years.
const FIRST_MILLISECOND: u64 = 1_301_616_000_000;
const SPAN_MILLISECONDS: u64 = 12 * 365 * 86_400_000;

/// The properties drawn for a comment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    pub damage: Option<Damage>,
    /// Damaged comments are approved, so that only the damage determines their outcome.
    pub status: Status,
    /// The number of a person; `None` for a guest.
    pub author: Option<u64>,
}

impl Draw {
    /// The author in files that drop the author of deleted comments.
    pub(crate) fn remaining_author(self) -> Option<u64> {
        self.author.filter(|_| self.status != Status::Deleted)
    }
}

/// Draws the properties of one comment after the other.
pub(crate) struct Draws {
    random: Random,
    damage: Vec<Damage>,
    population: u64,
    guests_per_mille: u64,
}

impl Draws {
    pub(crate) fn new(recipe: &Recipe, comments: u64, guests_per_mille: u64) -> Self {
        let damage = recipe.damage.iter().copied().filter(|damage| damage.strikes(recipe.vendor)).collect();
        let random = Random::new(recipe.seed, Purpose::Authors, 0);
        Self { random, damage, population: population(comments), guests_per_mille }
    }

    pub(crate) fn next(&mut self) -> Draw {
        let kind = self.random.below(1000) / DAMAGE_PER_MILLE;
        let damage = usize::try_from(kind).ok().and_then(|kind| self.damage.get(kind).copied());
        let status = match self.random.below(100) {
            0..=2 => Status::Deleted,
            3..=7 => Status::Spam,
            8..=10 => Status::Pending,
            _ => Status::Approved,
        };
        let is_guest = self.random.chance(self.guests_per_mille);
        let person = self.random.skewed(self.population);
        Draw {
            damage,
            status: if damage.is_some() { Status::Approved } else { status },
            author: (!is_guest).then_some(person),
        }
    }
}

/// When comment `number` of `comments` was written.
pub(crate) fn time_of(number: u64, comments: u64) -> Timestamp {
    let passed = u128::from(SPAN_MILLISECONDS) * u128::from(number) / u128::from(comments.max(1));
    let millisecond = u128::from(FIRST_MILLISECOND) + passed;
    i64::try_from(millisecond).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Without the fraction of a second: `2011-04-01T00:00:00Z`.
pub(crate) fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
