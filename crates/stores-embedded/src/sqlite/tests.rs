use std::os::unix::fs::PermissionsExt;

use super::*;

const FIRST: Migration = Migration { name: "0001_notes", sql: "CREATE TABLE notes (text TEXT NOT NULL) STRICT" };
const SECOND: Migration = Migration { name: "0002_read", sql: "ALTER TABLE notes ADD COLUMN read INTEGER" };

static NOTES: Schema = Schema {
    name: "notes",
    application_id: 0x7274_0000,
    migrations: &[FIRST, SECOND],
    writer_cache_kib: 256,
    reader_cache_kib: 256,
};

static OTHERS: Schema = Schema { name: "others", application_id: 0x7274_0001, ..NOTES };

static OLD: Schema = Schema { migrations: &[FIRST], ..NOTES };

async fn add(database: &Database, text: &'static str) -> Result<()> {
    database
        .write("cannot add a note", move |tx| {
            Ok(tx.execute("INSERT INTO notes (text) VALUES (?)", [text]).map(drop)?)
        })
        .await
}

async fn count(database: &Database) -> i64 {
    let counted =
        database.read("cannot count", |tx| Ok(tx.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))?));
    counted.await.unwrap()
}

#[tokio::test]
async fn an_older_file_is_brought_up_to_date_and_keeps_its_rows() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deeper/notes.db");
    let old = Database::open(&path, &OLD).await.unwrap();
    add(&old, "kept").await.unwrap();
    drop(old);

    let new = Database::open(&path, &NOTES).await.unwrap();
    assert_eq!(count(&new).await, 1);
    let version =
        new.read("cannot read", |tx| Ok(tx.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?));
    assert_eq!(version.await.unwrap(), 2_i64);
}

#[tokio::test]
async fn a_newer_file_and_a_file_of_another_kind_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.db");
    Database::open(&path, &NOTES).await.unwrap();

    let newer = Database::open(&path, &OLD).await.unwrap_err();
    assert_eq!(newer.kind(), ErrorKind::Configuration);
    assert!(newer.to_string().contains("newer version of rethread"), "{newer}");

    let other = Database::open(&path, &OTHERS).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Configuration);
    assert!(other.to_string().contains("is not a others database"), "{other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_may_open_a_new_file_at_the_same_time() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.db");
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move { add(&Database::open(&path, &NOTES).await?, "mine").await })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
    assert_eq!(count(&Database::open(&path, &NOTES).await.unwrap()).await, 8);
}

#[tokio::test]
async fn work_that_fails_leaves_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&directory.path().join("notes.db"), &NOTES).await.unwrap();
    let refused = database.write("cannot add a note", |tx| {
        tx.execute("INSERT INTO notes (text) VALUES ('lost')", [])?;
        Err::<(), _>(Error::new(ErrorKind::Conflict, "no").into())
    });
    assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(count(&database).await, 0);
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&directory.path().join("notes.db"), &NOTES).await.unwrap();
    let refused = database.read("cannot read", |tx| Ok(tx.execute("DELETE FROM notes", [])?));
    assert!(refused.await.is_err());
}

#[tokio::test]
async fn files_are_for_their_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data/notes.db");
    let database = Database::open(&path, &NOTES).await.unwrap();
    add(&database, "private").await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
}

#[tokio::test]
async fn a_file_that_vanished_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.db");
    let database = Database::open(&path, &NOTES).await.unwrap();
    database.check().await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(database.check().await.unwrap_err().kind(), ErrorKind::Unavailable);
}
