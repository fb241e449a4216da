//! The contract of [`rethread_stores::ResumableWriter`].

use bytes::Bytes;
use rethread_model::{AccountId, JobId};
use rethread_stores::{BlobKey, BlobPrefix, BlobStore, ResumableWriter};

use super::fixture::{fresh_account, job_id};

/// More than two parts or buffers of any implementation.
const LARGE: usize = 20 << 20;
const SMALL: usize = 100_000;

pub(super) async fn run(store: &dyn BlobStore) {
    several_writers_make_one_blob(store).await;
    what_a_writer_leaves_can_be_gone_on_from(store).await;
    all_or_nothing_is_kept(store).await;
    an_unfinished_blob_goes_with_its_job(store).await;
    a_blob_that_is_whole_stays_so(store).await;
}

struct UploadState {
    account: AccountId,
    job: JobId,
    key: BlobKey,
}

impl UploadState {
    fn fresh() -> Self {
        let (account, job) = (fresh_account(), job_id(0));
        Self { key: BlobKey::Upload(account.clone(), job), account, job }
    }

    async fn resume(&self, store: &dyn BlobStore) -> Box<dyn ResumableWriter> {
        store.resume(&self.key).await.expect("a writer")
    }

    async fn clear(&self, store: &dyn BlobStore) {
        store.delete_job(BlobPrefix::Uploads, &self.account, self.job).await.expect("a deletion");
    }

    /// The blob contains exactly these bytes.
    async fn assert_holds(&self, store: &dyn BlobStore, expected: &[u8]) {
        assert_eq!(store.size(&self.key).await.expect("a size"), Some(expected.len() as u64));
        let read = store.read(&self.key, 0..u64::MAX).await.expect("bytes");
        assert!(read == expected, "the blob is what was written");
    }
}

/// Bytes without repetition within a short distance.
fn content(length: usize, salt: usize) -> Vec<u8> {
    (0..length).map(|at| (((at + salt) * 2_654_435_761) >> 13).to_le_bytes()[0]).collect()
}

async fn write(writer: &mut dyn ResumableWriter, bytes: &[u8]) {
    for piece in bytes.chunks(300_007) {
        writer.write(Bytes::copy_from_slice(piece)).await.expect("a write");
    }
}

async fn several_writers_make_one_blob(store: &dyn BlobStore) {
    let place = UploadState::fresh();
    let expected = content(LARGE + 2 * SMALL, 0);
    let mut written = 0;
    for length in [0, SMALL, 1, LARGE / 2, LARGE / 2, SMALL - 1] {
        let mut writer = place.resume(store).await;
        assert_eq!(writer.offset(), written as u64);
        write(&mut *writer, &expected[written..written + length]).await;
        written += length;
        assert_eq!(writer.offset(), written as u64);
        assert_eq!(writer.suspend().await.expect("a pause"), written as u64);
        assert_eq!(store.size(&place.key).await.expect("a size"), None, "nobody sees it before its end");
    }
    assert!(store.jobs(BlobPrefix::Uploads).await.expect("jobs").contains(&(place.account.clone(), place.job)));
    let mut writer = place.resume(store).await;
    write(&mut *writer, &expected[written..]).await;
    assert_eq!(writer.finish().await.expect("an end"), expected.len() as u64);
    place.assert_holds(store, &expected).await;
    place.clear(store).await;
    assert!(!store.jobs(BlobPrefix::Uploads).await.expect("jobs").contains(&(place.account.clone(), place.job)));
}

async fn what_a_writer_leaves_can_be_gone_on_from(store: &dyn BlobStore) {
    let place = UploadState::fresh();
    let expected = content(LARGE + SMALL, 1);
    let mut kept = 0;
    for length in [SMALL, LARGE] {
        let mut writer = place.resume(store).await;
        write(&mut *writer, &expected[kept..kept + length]).await;
        drop(writer);
        let now = usize::try_from(place.resume(store).await.offset()).expect("an offset");
        assert!((kept..=kept + length).contains(&now), "{now} is not between {kept} and what was written");
        kept = now;
    }
    assert!(kept >= LARGE / 2, "of a large file only an end is lost, {kept} bytes are kept");
    let mut writer = place.resume(store).await;
    write(&mut *writer, &expected[kept..]).await;
    writer.finish().await.expect("an end");
    place.assert_holds(store, &expected).await;
    place.clear(store).await;
}

async fn all_or_nothing_is_kept(store: &dyn BlobStore) {
    let place = UploadState::fresh();
    let (expected, wrong) = (content(LARGE + LARGE / 2, 2), content(LARGE, 3));
    let mut writer = place.resume(store).await;
    writer.all_or_nothing().await.expect("a promise");
    write(&mut *writer, &wrong).await;
    drop(writer);
    let mut kept = 0;
    for length in [SMALL, LARGE] {
        let mut writer = place.resume(store).await;
        assert_eq!(writer.offset(), kept as u64, "nothing of what was given up");
        writer.all_or_nothing().await.expect("a promise");
        write(&mut *writer, &expected[kept..kept + length]).await;
        kept += length;
        assert_eq!(writer.suspend().await.expect("a pause"), kept as u64, "all of what was not");
        let mut writer = place.resume(store).await;
        assert_eq!(writer.offset(), kept as u64);
        writer.all_or_nothing().await.expect("a promise");
        write(&mut *writer, &wrong).await;
    }
    let mut writer = place.resume(store).await;
    assert_eq!(writer.offset(), kept as u64);
    writer.all_or_nothing().await.expect("a promise");
    write(&mut *writer, &expected[kept..]).await;
    assert_eq!(writer.finish().await.expect("an end"), expected.len() as u64);
    place.assert_holds(store, &expected).await;
    place.clear(store).await;
}

async fn an_unfinished_blob_goes_with_its_job(store: &dyn BlobStore) {
    let place = UploadState::fresh();
    for length in [SMALL, LARGE] {
        let mut writer = place.resume(store).await;
        write(&mut *writer, &content(length, 4)).await;
        writer.suspend().await.expect("a pause");
        place.clear(store).await;
        assert!(!store.jobs(BlobPrefix::Uploads).await.expect("jobs").contains(&(place.account.clone(), place.job)));
        assert_eq!(place.resume(store).await.offset(), 0, "it would begin anew");
        assert!(
            !store.jobs(BlobPrefix::Uploads).await.expect("jobs").contains(&(place.account.clone(), place.job)),
            "looking makes nothing"
        );
    }
}

async fn a_blob_that_is_whole_stays_so(store: &dyn BlobStore) {
    for length in [0, SMALL, LARGE] {
        let place = UploadState::fresh();
        let expected = content(length, 5);
        let mut writer = place.resume(store).await;
        write(&mut *writer, &expected).await;
        writer.finish().await.expect("an end");
        for _ in 0..2 {
            let writer = place.resume(store).await;
            assert_eq!(writer.offset(), length as u64);
            assert_eq!(writer.finish().await.expect("it is whole"), length as u64);
        }
        let writer = place.resume(store).await;
        assert_eq!(writer.suspend().await.expect("it is whole"), length as u64);
        place.assert_holds(store, &expected).await;
        place.clear(store).await;
    }
}
