//! The contract of [`BlobStore`].

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use rethread_model::SliceNumber;
use rethread_stores::{BlobKey, BlobPrefix, BlobStore, BlobWriter, ErrorKind};

use super::fixture::{fresh_account, job_id};

/// Runs the contract.
pub async fn blobs(store: Arc<dyn BlobStore>) {
    let store = &*store;
    store.check().await.expect("a store that works");
    what_was_written_is_read(store).await;
    nothing_is_seen_before_the_end(store).await;
    a_new_blob_replaces_the_old_one(store).await;
    a_job_goes_as_one(store).await;
    what_goes_out_stays_when_what_came_in_goes(store).await;
    a_large_blob_survives(store).await;
    a_large_blob_is_seen_whole_or_not_at_all(store).await;
    of_two_writers_one_wins(store).await;
    super::resumable::run(store).await;
}

async fn put(store: &dyn BlobStore, key: &BlobKey, content: &'static [u8]) -> u64 {
    let mut writer = store.create(key).await.expect("a writer");
    for part in content.chunks(5) {
        writer.write(Bytes::from_static(part)).await.expect("a write");
    }
    writer.finish().await.expect("an end")
}

async fn what_was_written_is_read(store: &dyn BlobStore) {
    let (account, job) = (fresh_account(), job_id(0));
    let upload = BlobKey::Upload(account.clone(), job);
    let slice = BlobKey::Slice(account.clone(), job, SliceNumber(3));
    assert_eq!(store.size(&upload).await.expect("a size"), None);
    let missing = store.read(&upload, 0..1).await.expect_err("there is nothing to read");
    assert_eq!(missing.kind(), ErrorKind::NotFound);

    assert_eq!(put(store, &upload, b"0123456789").await, 10);
    assert_eq!(put(store, &slice, b"").await, 0);
    assert_eq!(store.size(&upload).await.expect("a size"), Some(10));
    assert_eq!(store.size(&slice).await.expect("a size"), Some(0), "an empty blob is a blob");
    for (range, content) in [(0..10, "0123456789"), (3..5, "34"), (8..99, "89"), (10..20, ""), (50..60, "")] {
        let read = store.read(&upload, range.clone()).await.expect("bytes");
        assert_eq!(read, content.as_bytes(), "{range:?}");
    }
    store.delete_job(BlobPrefix::Uploads, &account, job).await.expect("a deletion");
}

async fn nothing_is_seen_before_the_end(store: &dyn BlobStore) {
    let (account, job) = (fresh_account(), job_id(0));
    let key = BlobKey::Upload(account.clone(), job);
    for is_aborted in [true, false] {
        let mut writer = store.create(&key).await.expect("a writer");
        writer.write(Bytes::from_static(b"half a file")).await.expect("a write");
        assert_eq!(store.size(&key).await.expect("a size"), None);
        if is_aborted {
            writer.abort().await.expect("an abort");
        } else {
            drop(writer);
        }
        assert_eq!(store.size(&key).await.expect("a size"), None);
    }
    store.delete_job(BlobPrefix::Uploads, &account, job).await.expect("a deletion");
}

async fn a_new_blob_replaces_the_old_one(store: &dyn BlobStore) {
    let (account, job) = (fresh_account(), job_id(0));
    let key = BlobKey::Slice(account.clone(), job, SliceNumber(0));
    put(store, &key, b"planned once, by a worker that died").await;
    put(store, &key, b"planned again").await;
    assert_eq!(store.read(&key, 0..100).await.expect("bytes"), "planned again");
    store.delete_job(BlobPrefix::Uploads, &account, job).await.expect("a deletion");
}

async fn a_job_goes_as_one(store: &dyn BlobStore) {
    let account = fresh_account();
    let (job, other) = (job_id(0), job_id(1));
    put(store, &BlobKey::Upload(account.clone(), job), b"upload").await;
    put(store, &BlobKey::Slice(account.clone(), job, SliceNumber(0)), b"slice").await;
    put(store, &BlobKey::Upload(account.clone(), other), b"upload").await;
    let unfinished_account = fresh_account();
    let mut unfinished = store.create(&BlobKey::Upload(unfinished_account.clone(), job)).await.expect("a writer");
    // More than any implementation keeps in memory.
    write_pieces(&mut *unfinished, 0..PIECES).await;

    let jobs = store.jobs(BlobPrefix::Uploads).await.expect("jobs");
    for expected in [(&account, job), (&account, other), (&unfinished_account, job)] {
        assert!(jobs.contains(&(expected.0.clone(), expected.1)), "something is stored for {expected:?}");
    }
    for _ in 0..2 {
        store.delete_job(BlobPrefix::Uploads, &account, job).await.expect("deleting what is gone is success");
        assert_eq!(store.size(&BlobKey::Upload(account.clone(), job)).await.expect("a size"), None);
        let slice = BlobKey::Slice(account.clone(), job, SliceNumber(0));
        assert_eq!(store.size(&slice).await.expect("a size"), None);
    }
    store.delete_job(BlobPrefix::Uploads, &unfinished_account, job).await.expect("unfinished writes go too");
    let jobs = store.jobs(BlobPrefix::Uploads).await.expect("jobs");
    assert!(!jobs.contains(&(account.clone(), job)));
    assert!(!jobs.contains(&(unfinished_account, job)));
    assert!(jobs.contains(&(account.clone(), other)), "other jobs stay");
    drop(unfinished);
    store.delete_job(BlobPrefix::Uploads, &account, other).await.expect("a deletion");
}

async fn what_goes_out_stays_when_what_came_in_goes(store: &dyn BlobStore) {
    let (account, job) = (fresh_account(), job_id(0));
    let here = (account.clone(), job);
    let (upload, export) = (BlobKey::Upload(account.clone(), job), BlobKey::Export(account.clone(), job, 7));
    put(store, &upload, b"came in").await;
    put(store, &export, b"goes out").await;
    for area in BlobPrefix::ALL {
        assert!(store.jobs(area).await.expect("jobs").contains(&here), "{area:?}");
    }
    store.delete_job(BlobPrefix::Uploads, &account, job).await.expect("a deletion");
    assert!(!store.jobs(BlobPrefix::Uploads).await.expect("jobs").contains(&here));
    assert_eq!(store.read(&export, 0..100).await.expect("bytes"), "goes out");
    assert_eq!(store.size(&BlobKey::Export(account.clone(), job, 8)).await.expect("a size"), None);
    store.delete_job(BlobPrefix::Exports, &account, job).await.expect("a deletion");
    assert!(!store.jobs(BlobPrefix::Exports).await.expect("jobs").contains(&here));
    assert_eq!(store.size(&export).await.expect("a size"), None);
}

const PIECES: u8 = 40;
const PIECE_BYTES: usize = 512 * 1024;

/// Writes pieces, each filled with its own number. Together they exceed any buffer or part of any
/// implementation.
async fn write_pieces(writer: &mut dyn BlobWriter, pieces: Range<u8>) {
    for piece in pieces {
        writer.write(Bytes::from(vec![piece; PIECE_BYTES])).await.expect("a write");
    }
}

async fn a_large_blob_survives(store: &dyn BlobStore) {
    let (account, job) = (fresh_account(), job_id(0));
    let key = BlobKey::Upload(account.clone(), job);
    let mut writer = store.create(&key).await.expect("a writer");
    write_pieces(&mut *writer, 0..PIECES).await;
    let size = writer.finish().await.expect("an end");
    assert_eq!(size, u64::from(PIECES) * PIECE_BYTES as u64);
    assert_eq!(store.size(&key).await.expect("a size"), Some(size));
    for piece in 1..PIECES {
        let border = u64::from(piece) * PIECE_BYTES as u64;
        let read = store.read(&key, border - 2..border + 2).await.expect("bytes");
        assert_eq!(&read[..], [piece - 1, piece - 1, piece, piece]);
    }
    store.delete_job(BlobPrefix::Uploads, &account, job).await.expect("a deletion");
    assert_eq!(store.size(&key).await.expect("a size"), None);
}

async fn a_large_blob_is_seen_whole_or_not_at_all(store: &dyn BlobStore) {
    let (account, job) = (fresh_account(), job_id(0));
    let key = BlobKey::Upload(account.clone(), job);
    put(store, &key, b"an earlier one").await;
    for is_aborted in [true, false] {
        let mut writer = store.create(&key).await.expect("a writer");
        write_pieces(&mut *writer, 0..PIECES).await;
        assert_eq!(store.size(&key).await.expect("a size"), Some(14), "the earlier one until the end");
        if is_aborted {
            writer.abort().await.expect("an abort");
        } else {
            drop(writer);
        }
        assert_eq!(store.read(&key, 0..100).await.expect("bytes"), "an earlier one");
    }
    store.delete_job(BlobPrefix::Uploads, &account, job).await.expect("a deletion");
    assert!(
        !store.jobs(BlobPrefix::Uploads).await.expect("jobs").contains(&(account, job)),
        "nothing is left of a writer that left"
    );
}

/// A task that runs twice concurrently writes a blob twice concurrently.
async fn of_two_writers_one_wins(store: &dyn BlobStore) {
    let (account, job) = (fresh_account(), job_id(0));
    let key = BlobKey::Slice(account.clone(), job, SliceNumber(0));
    let mut first = store.create(&key).await.expect("a writer");
    let mut second = store.create(&key).await.expect("a writer");
    for piece in 0..PIECES / 2 {
        write_pieces(&mut *first, piece..piece + 1).await;
        write_pieces(&mut *second, piece + PIECES..piece + PIECES + 1).await;
    }
    for (writer, pieces) in [(first, 0..PIECES / 2), (second, PIECES..PIECES + PIECES / 2)] {
        let size = writer.finish().await.expect("an end");
        assert_eq!(store.size(&key).await.expect("a size"), Some(size));
        let read = store.read(&key, 0..size).await.expect("bytes");
        let expected = pieces.flat_map(|piece| std::iter::repeat_n(piece, PIECE_BYTES));
        assert!(read.iter().copied().eq(expected), "a blob is of one writer alone");
    }
    store.delete_job(BlobPrefix::Uploads, &account, job).await.expect("a deletion");
}
