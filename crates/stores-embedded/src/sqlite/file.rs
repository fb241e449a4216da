//! Opens files. Rethread stores personal data: files and directories are accessible to their owner
//! only.

use std::io::ErrorKind as IoKind;
use std::path::Path;
use std::time::{Duration, Instant};

use rethread_stores::{Error, ErrorKind, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{DbResult, Failure};

/// How long to wait for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Pages in the log before they are copied into the file: 16 MiB. Index pages that change with
/// every batch are copied once instead of four times as with the default of 1,000.
const CHECKPOINT_PAGES: u32 = 4_000;

/// The log is truncated to this size after a checkpoint.
const LOG_SIZE_LIMIT_BYTES: u32 = 64 << 20;

/// The number of cached prepared statements; more than any store uses.
const PREPARED_STATEMENTS: usize = 64;

/// Opens the writing connection.
pub(super) fn open(path: &Path, cache_kib: u32) -> DbResult<Connection> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        create_private_dir(directory)?;
    }
    // SQLite gives its log and shared memory the permissions of the file.
    create_private_file(path)?;
    let connection = connect(path, cache_kib)?;
    enter_wal_mode(&connection)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", LOG_SIZE_LIMIT_BYTES)?;
    Ok(connection)
}

/// Opens a connection that refuses to write.
pub(super) fn open_reader(path: &Path, cache_kib: u32) -> DbResult<Connection> {
    let connection = connect(path, cache_kib)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn connect(path: &Path, cache_kib: u32) -> DbResult<Connection> {
    // Not created here: a file that vanished under a running process must not come back empty.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Otherwise SQLite compiles a statement again for other values of a range or a limit, hoping for
    // a better plan: 4.5 % of the processor time of an import.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    Ok(connection)
}

/// The busy timeout does not cover the change of the journal mode, which needs exclusive access for
/// a moment.
fn enter_wal_mode(connection: &Connection) -> DbResult<()> {
    let begun = Instant::now();
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(_) => {
                let message = "the file system does not support SQLite's write-ahead log: use a local disk";
                return Err(Error::new(ErrorKind::Configuration, message).into());
            }
            Err(error) if is_busy(&error) && begun.elapsed() < BUSY_TIMEOUT => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Error::new(ErrorKind::Unavailable, "the file system refused").because(error).into()
    }
}

/// Creates a directory and its parents; those that it creates are accessible to their owner only.
pub(crate) fn create_private_dir(path: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| refused(format!("cannot make the directory {}", path.display()), path, error))
}

/// Creates a file accessible to its owner only; an existing one is left unchanged.
fn create_private_file(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path).map(drop);
    opened.map_err(|error| refused(format!("cannot write the file {}", path.display()), path, error))
}

fn refused(message: String, path: &Path, error: std::io::Error) -> Error {
    match error.kind() {
        IoKind::StorageFull | IoKind::QuotaExceeded => Error::storage_full(path, error),
        _ => Error::new(ErrorKind::Configuration, message).because(error),
    }
}
