//! Converts a size in bytes to a number of comments.

use std::io;

use crate::recipe::{Amount, Recipe};

/// Enough for an average that is accurate to a few per cent.
const TRIAL_COMMENTS: u64 = 4000;

/// The number of comments for a recipe.
pub(crate) fn comments_of(recipe: &Recipe) -> io::Result<u64> {
    let target = match recipe.amount {
        Amount::Comments(comments) => return Ok(comments),
        Amount::Bytes(bytes) => bytes,
    };
    let trial = crate::write_document(recipe, TRIAL_COMMENTS, &mut io::sink())?;
    let comments = u128::from(target) * u128::from(TRIAL_COMMENTS) / u128::from(trial.bytes.max(1));
    Ok(u64::try_from(comments).unwrap_or(u64::MAX).max(1))
}

/// Parses `1GB`, `60MB`, `1GiB`, `4096`. Decimal units are powers of 1000, `KiB` and so on powers
/// of 1024.
pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "m" | "mb" => 1000 * 1000,
        "g" | "gb" => 1000 * 1000 * 1000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        other => return Err(format!("\"{other}\" is not a unit; use KB, MB, GB, KiB, MiB or GiB")),
    };
    let number: u64 = number.parse().map_err(|_| format!("\"{text}\" is not a size; write for example 1GB"))?;
    number.checked_mul(factor).filter(|bytes| *bytes > 0).ok_or_else(|| format!("\"{text}\" is out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(parse_bytes("1GB"), Ok(1_000_000_000));
        assert_eq!(parse_bytes("64 MiB"), Ok(64 << 20));
        assert_eq!(parse_bytes("600"), Ok(600));
        for wrong in ["", "GB", "0", "1.5GB", "12 apples", "99999999999999999999"] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
    }
}
