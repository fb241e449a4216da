//! What is to be generated.

use std::collections::BTreeSet;

use rethread_model::Vendor;

/// How large the file is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many comments, exactly.
    Comments(u64),
    /// About so many bytes before compression; the number of comments follows from a trial of the same recipe.
    Bytes(u64),
}

/// Something that is wrong with files in the wild. Each strikes about one comment in 200, and no comment is struck twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Damage {
    /// Replies to comments that the file lacks.
    Orphans,
    /// Comments with the id of an earlier one.
    Duplicates,
    /// A control character in the text.
    ControlCharacters,
    /// A byte in the text that is not UTF-8.
    BadUtf8,
    /// Comments that answer themselves or each other.
    Cycles,
    /// Comments on threads that the file lacks (Disqus).
    MissingThreads,
    /// Replies to comments on another thread (Disqus, Commento).
    Strays,
}

impl Damage {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Orphans,
        Self::Duplicates,
        Self::ControlCharacters,
        Self::BadUtf8,
        Self::Cycles,
        Self::MissingThreads,
        Self::Strays,
    ];

    /// Whether files of this vendor can have it: a WordPress comment lies inside its post, so neither is missing and a parent
    /// elsewhere cannot be told from none; a Commento comment names its page itself.
    #[must_use]
    pub fn strikes(self, vendor: Vendor) -> bool {
        match self {
            Self::MissingThreads => vendor == Vendor::Disqus,
            Self::Strays => vendor != Vendor::WordPress,
            _ => true,
        }
    }
}

/// Everything that the bytes of a generated file depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Disqus, WordPress or Commento.
    pub vendor: Vendor,
    /// How large.
    pub amount: Amount,
    /// Another seed gives another file of the same kind.
    pub seed: u64,
    /// What is wrong with it; kinds that the vendor's files cannot have are passed over.
    pub damage: BTreeSet<Damage>,
}

impl Recipe {
    /// An undamaged file with so many comments.
    #[must_use]
    pub const fn new(vendor: Vendor, comments: u64) -> Self {
        Self { vendor, amount: Amount::Comments(comments), seed: 1, damage: BTreeSet::new() }
    }

    /// With other randomness.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// With this damage as well.
    #[must_use]
    pub fn with_damage(mut self, damage: impl IntoIterator<Item = Damage>) -> Self {
        self.damage.extend(damage);
        self
    }
}
