//! What to generate.

use std::collections::BTreeSet;

use rethread_model::Vendor;

/// The size of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// The exact number of comments.
    Comments(u64),
    /// The approximate size before compression; a trial of the same recipe determines the number of
    /// comments.
    Bytes(u64),
}

/// Damage that real files have. Each kind affects about one comment in 200, and a comment has at
/// most one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Damage {
    /// Replies to comments that are not in the file.
    Orphans,
    /// Comments with the id of an earlier one.
    Duplicates,
    /// A control character in the text.
    ControlCharacters,
    /// A byte in the text that is not UTF-8.
    BadUtf8,
    /// Comments that answer themselves or each other.
    Cycles,
    /// Comments on threads that are not in the file (Disqus).
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

    /// Whether files of this vendor can have it. A WordPress comment lies inside its post, so
    /// neither can be missing and a parent elsewhere is indistinguishable from none; a Commento
    /// comment names its page itself.
    #[must_use]
    pub fn strikes(self, vendor: Vendor) -> bool {
        match self {
            Self::MissingThreads => vendor == Vendor::Disqus,
            Self::Strays => vendor != Vendor::WordPress,
            _ => true,
        }
    }
}

/// Everything that determines the bytes of a generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Disqus, WordPress or Commento.
    pub vendor: Vendor,
    /// The size.
    pub amount: Amount,
    /// Another seed gives another file of the same kind.
    pub seed: u64,
    /// The damage; kinds that the vendor's files cannot have are ignored.
    pub damage: BTreeSet<Damage>,
}

impl Recipe {
    /// An undamaged file with this number of comments.
    #[must_use]
    pub const fn new(vendor: Vendor, comments: u64) -> Self {
        Self { vendor, amount: Amount::Comments(comments), seed: 1, damage: BTreeSet::new() }
    }

    /// Sets the seed.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Adds damage.
    #[must_use]
    pub fn with_damage(mut self, damage: impl IntoIterator<Item = Damage>) -> Self {
        self.damage.extend(damage);
        self
    }
}
