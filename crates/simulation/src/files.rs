//! The export files of the runs: small ones, from each vendor that has a generator.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::OnceLock;

use anyhow::Context as _;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use parking_lot::Mutex;
use rethread_bench::{Damage, Recipe, generate};
use rethread_model::Vendor;

/// Number of different files per vendor.
pub(crate) const VARIANTS: u64 = 4;

/// A file. All files of a vendor belong to one site, and have the same ids with different content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExportFile {
    pub(crate) vendor: Vendor,
    /// Below [`VARIANTS`].
    pub(crate) variant: u64,
    pub(crate) gzip: bool,
}

impl ExportFile {
    /// All files.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let of_vendor = |vendor| (0..VARIANTS).map(move |variant| (vendor, variant));
        let packed = |(vendor, variant)| [false, true].map(|gzip| Self { vendor, variant, gzip });
        VENDORS.into_iter().flat_map(of_vendor).flat_map(packed)
    }

    /// The bytes of the file, generated once.
    pub(crate) fn content(self) -> anyhow::Result<Bytes> {
        static MADE: OnceLock<Mutex<BTreeMap<ExportFile, Bytes>>> = OnceLock::new();
        let mut made = MADE.get_or_init(Mutex::default).lock();
        if let Some(content) = made.get(&self) {
            return Ok(content.clone());
        }
        let content = self.make().context("an export file cannot be generated")?;
        made.insert(self, content.clone());
        Ok(content)
    }

    fn make(self) -> anyhow::Result<Bytes> {
        let comments = 9 + 11 * self.variant;
        let recipe = Recipe::new(self.vendor, comments).with_seed(1 + self.variant);
        // With so few comments, most kinds of damage affect none of them.
        let recipe = if self.variant % 2 == 1 { recipe.with_damage(Damage::ALL) } else { recipe };
        let mut document = Vec::new();
        generate(&recipe, &mut document)?;
        if !self.gzip {
            return Ok(document.into());
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&document)?;
        Ok(packed.finish()?.into())
    }
}

/// The vendors that have generators.
pub(crate) const VENDORS: [Vendor; 3] = [Vendor::Disqus, Vendor::WordPress, Vendor::Commento];
