//! Migrations: SQL files whose names begin with their version.

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// The file's name without `.sql`: the version in four digits, `_`, and what it is about.
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// The migrations of a schema, in order: their folder, relative to the calling file, and their names.
macro_rules! migrations {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$($crate::migration::Migration {
            name: $name,
            sql: include_str!(concat!($folder, "/", $name, ".sql")),
        }),+]
    };
}
pub(crate) use migrations;

/// What is wrong with the versions in these names, which count from 1 without gaps.
#[cfg(test)]
pub(crate) fn misnumbered(migrations: &[Migration]) -> Vec<String> {
    let is_right = |(version, migration): &(usize, &Migration)| {
        migration.name.strip_prefix(&format!("{version:04}_")).is_some_and(|rest| !rest.is_empty())
    };
    let wrong = (1..).zip(migrations).filter(|numbered| !is_right(numbered));
    wrong.map(|(version, migration)| format!("{} stands at place {version}", migration.name)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Every file in the folder of a schema is applied, once and at the place of its number.
    #[track_caller]
    fn check(folder: &str, migrations: &[Migration]) {
        assert_eq!(misnumbered(migrations), Vec::<String>::new(), "{folder}");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
        let files: BTreeSet<String> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let applied: BTreeSet<String> = migrations.iter().map(|migration| format!("{}.sql", migration.name)).collect();
        assert_eq!(files, applied);
    }

    #[test]
    fn migrations_are_numbered_without_gaps_and_doubles() {
        check("comments/sqlite/migrations", crate::comments::sqlite::SCHEMA.migrations);
        check("jobs/sqlite/migrations", crate::jobs::sqlite::SCHEMA.migrations);
        #[cfg(feature = "postgres")]
        check("comments/postgres/migrations", crate::comments::postgres::SCHEMA.migrations);
    }

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
