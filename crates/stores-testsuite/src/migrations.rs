//! The contract of a schema's migrations.

use std::collections::BTreeSet;
use std::path::Path;

use rethread_stores::migration::{Migration, misnumbered};

/// Every file in the folder of a schema is applied, once and at the place of its number.
pub fn migrations(folder: &Path, migrations: &[Migration]) {
    assert_eq!(misnumbered(migrations), Vec::<String>::new(), "{}", folder.display());
    let files = std::fs::read_dir(folder).expect("the folder of the migrations");
    let files: BTreeSet<String> =
        files.map(|file| file.expect("a file").file_name().into_string().expect("a name")).collect();
    let applied: BTreeSet<String> = migrations.iter().map(|migration| format!("{}.sql", migration.name)).collect();
    assert_eq!(files, applied, "{}", folder.display());
}
