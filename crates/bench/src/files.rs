//! Generated files on disk.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::recipe::Recipe;
use crate::truth::Truth;

/// Writes the file that `recipe` describes, compressed if `gzip`.
pub(crate) fn write(recipe: &Recipe, gzip: bool, out: &mut dyn Write) -> io::Result<Truth> {
    if !gzip {
        return crate::generate(recipe, out);
    }
    // Name and time stay empty, so that the same recipe also gives the same compressed bytes.
    let mut packed = BufWriter::with_capacity(1 << 16, GzEncoder::new(out, Compression::default()));
    let truth = crate::generate(recipe, &mut packed)?;
    packed.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
    Ok(truth)
}

/// Like [`write`], to a new file.
pub(crate) fn create(recipe: &Recipe, gzip: bool, path: &Path) -> io::Result<Truth> {
    let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
    let truth = write(recipe, gzip, &mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(truth)
}
