//! Migrations: SQL files whose names begin with their version.

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The file's name without `.sql`: the version in four digits, `_`, and what it is about.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

/// The migrations of a schema, in order: their folder, relative to the calling file, and their
/// names.
#[macro_export]
macro_rules! migrations {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$($crate::migration::Migration {
            name: $name,
            sql: include_str!(concat!($folder, "/", $name, ".sql")),
        }),+]
    };
}
/// What is wrong with the versions in these names, which count from 1 without gaps.
#[must_use]
pub fn misnumbered(migrations: &[Migration]) -> Vec<String> {
    let is_right = |(version, migration): &(usize, &Migration)| {
        migration.name.strip_prefix(&format!("{version:04}_")).is_some_and(|rest| !rest.is_empty())
    };
    let wrong = (1..).zip(migrations).filter(|numbered| !is_right(numbered));
    wrong.map(|(version, migration)| format!("{} stands at place {version}", migration.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_doubles_are_found() {
        let named = |names: &[&'static str]| -> Vec<Migration> {
            names.iter().map(|name| Migration { name, sql: "" }).collect()
        };
        assert!(misnumbered(&named(&["0001_a", "0002_b"])).is_empty());
        for names in [&["0001_a", "0001_b"][..], &["0001_a", "0003_b"], &["0002_a"], &["0001_"], &["1_a"]] {
            assert_eq!(misnumbered(&named(names)).len(), 1, "{names:?}");
        }
    }
}
