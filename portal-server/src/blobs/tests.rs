use bytes::Bytes;
use futures_util::StreamExt;
use portal_core::{Clock, Digest, Duration, Ids, RandomIds, Stored, SystemClock};

use super::*;

async fn blobs() -> (tempfile::TempDir, FileBlobs, BlobKey) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FileBlobs::open(folder.path().join("blobs")).await.unwrap();
    let key = BlobKey {
        practice: RandomIds.uuid().into(),
        id: RandomIds.uuid(),
    };
    (folder, blobs, key)
}

async fn write(writer: &mut dyn BlobWriter, bytes: &[u8]) {
    for chunk in bytes.chunks(7_000) {
        writer.write(Bytes::copy_from_slice(chunk)).await.unwrap();
    }
}

async fn store(blobs: &FileBlobs, key: BlobKey, bytes: &[u8]) {
    let mut writer = blobs.create(key).await.unwrap();
    write(&mut *writer, bytes).await;
    assert_eq!(writer.finish().await, Ok(stored(bytes)));
}

fn stored(bytes: &[u8]) -> Stored {
    Stored {
        size: bytes.len().try_into().unwrap(),
        sha256: Digest::of(bytes),
    }
}

/// Bytes that repeat themselves nowhere.
fn noise(length: u32) -> Vec<u8> {
    (0..length)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0])
        .collect()
}

async fn read(blobs: &FileBlobs, key: BlobKey, range: Option<Range<u64>>) -> Vec<u8> {
    let mut stream = blobs.open(key, range).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.unwrap());
    }
    bytes
}

fn later() -> Timestamp {
    SystemClock.now() + Duration::hours(1)
}

#[tokio::test]
async fn what_was_written_is_read_whole_and_in_parts() {
    let (_folder, blobs, key) = blobs().await;
    let bytes = noise(200_000);
    store(&blobs, key, &bytes).await;
    assert_eq!(read(&blobs, key, None).await, bytes);
    assert_eq!(
        read(&blobs, key, Some(65_530..65_545)).await,
        &bytes[65_530..65_545]
    );
    assert_eq!(read(&blobs, key, Some(199_990..300_000)).await, &bytes[199_990..]);
    assert_eq!(read(&blobs, key, Some(300_000..300_010)).await, b"");
    blobs.check().await.unwrap();
}

#[tokio::test]
async fn a_write_dropped_half_way_leaves_nothing() {
    let (folder, blobs, key) = blobs().await;
    let mut writer = blobs.create(key).await.unwrap();
    writer.write(Bytes::from_static(b"half a pass")).await.unwrap();
    drop(writer);
    assert_eq!(blobs.open(key, None).await.err(), Some(BlobError::Missing));
    assert_eq!(blobs.written_before(key.practice, later()).await.unwrap(), []);
    // The removal runs on a blocking thread: the sweep finds either the file or nothing, and then it is gone.
    blobs.discard_unfinished(later()).await.unwrap();
    let left = std::fs::read_dir(folder.path().join("blobs/tmp"))
        .unwrap()
        .count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn an_aborted_write_can_be_made_again() {
    let (_folder, blobs, key) = blobs().await;
    let mut writer = blobs.create(key).await.unwrap();
    writer.write(Bytes::from_static(b"first")).await.unwrap();
    writer.abort().await.unwrap();
    store(&blobs, key, b"second").await;
    assert_eq!(read(&blobs, key, None).await, b"second");
}

#[tokio::test]
async fn what_a_crash_left_is_discarded_once_it_is_old() {
    let (folder, blobs, key) = blobs().await;
    let left_behind = folder
        .path()
        .join(format!("blobs/tmp/{}.{}", key.practice, key.id));
    std::fs::write(&left_behind, b"half").unwrap();
    let earlier = SystemClock.now() - Duration::hours(1);
    assert_eq!(blobs.discard_unfinished(earlier).await.unwrap(), 0);
    assert!(left_behind.exists());
    assert_eq!(blobs.discard_unfinished(later()).await.unwrap(), 1);
    assert!(!left_behind.exists());
}

#[tokio::test]
async fn a_sweep_sees_its_own_practice_only_and_strangers_files_never() {
    let (folder, blobs, key) = blobs().await;
    let other = BlobKey {
        practice: RandomIds.uuid().into(),
        id: RandomIds.uuid(),
    };
    store(&blobs, key, b"one").await;
    store(&blobs, other, b"two").await;
    std::fs::write(
        folder.path().join(format!("blobs/{}/notes.txt", key.practice)),
        b"x",
    )
    .unwrap();
    assert_eq!(blobs.written_before(key.practice, later()).await.unwrap(), [key]);
    let earlier = SystemClock.now() - Duration::hours(1);
    assert_eq!(blobs.written_before(key.practice, earlier).await.unwrap(), []);
}

#[tokio::test]
async fn a_deleted_blob_is_missing_and_can_be_deleted_again() {
    let (_folder, blobs, key) = blobs().await;
    store(&blobs, key, b"gone soon").await;
    blobs.delete(key).await.unwrap();
    blobs.delete(key).await.unwrap();
    assert_eq!(blobs.open(key, None).await.err(), Some(BlobError::Missing));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, blobs, key) = blobs().await;
    store(&blobs, key, b"secret").await;
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(blobs.path(key)), 0o600);
    assert_eq!(mode(blobs.folder(key.practice)), 0o700);
}

/// Several times what goes to the disk at once, and a bit.
const LARGE: u32 = 6 * 256 * 1024 + 777;

#[tokio::test]
async fn a_large_file_is_hashed_as_it_is_written() {
    let (_folder, blobs, key) = blobs().await;
    let bytes = noise(LARGE);
    store(&blobs, key, &bytes).await;
    assert_eq!(read(&blobs, key, None).await, bytes);
    let range = 262_100..1_048_600;
    assert_eq!(
        read(&blobs, key, Some(262_100..1_048_600)).await,
        &bytes[range.start..range.end]
    );
}

#[tokio::test]
async fn several_goes_make_one_file_in_one_process_or_in_several() {
    for restarts in [false, true] {
        let (folder, mut blobs, key) = blobs().await;
        let bytes = noise(LARGE);
        let mut at = 0;
        for part in bytes.chunks(LARGE as usize / 5) {
            let mut writer = blobs.hold(key).await.unwrap();
            writer.cut(at).await.unwrap();
            write(&mut *writer, part).await;
            writer.sync().await.unwrap();
            at += u64::try_from(part.len()).unwrap();
            // What comes after the last acknowledgement may or may not be there, and is cut off by the next.
            write(&mut *writer, b"never acknowledged").await;
            drop(writer);
            assert_eq!(blobs.open(key, None).await.err(), Some(BlobError::Missing));
            assert_eq!(blobs.unfinished(key.practice).await.unwrap(), [key]);
            if restarts {
                blobs = FileBlobs::open(folder.path().join("blobs")).await.unwrap();
            }
        }
        let mut writer = blobs.hold(key).await.unwrap();
        writer.cut(at).await.unwrap();
        assert_eq!(writer.finish().await, Ok(stored(&bytes)), "restarts: {restarts}");
        assert_eq!(read(&blobs, key, None).await, bytes);
        assert_eq!(blobs.unfinished(key.practice).await.unwrap(), []);
    }
}

#[tokio::test]
async fn bytes_before_a_cut_are_hashed_and_those_after_it_are_not() {
    let (_folder, blobs, key) = blobs().await;
    let bytes = noise(LARGE);
    let (first, second) = bytes.split_at(700_000);
    let mut writer = blobs.hold(key).await.unwrap();
    write(&mut *writer, first).await;
    writer.sync().await.unwrap();
    write(&mut *writer, b"wrong").await;
    writer.sync().await.unwrap();
    writer.cut(700_000).await.unwrap();
    write(&mut *writer, second).await;
    assert_eq!(writer.finish().await, Ok(stored(&bytes)));
}

#[tokio::test]
async fn what_another_process_wrote_over_is_not_hashed_as_it_was() {
    let (folder, blobs, key) = blobs().await;
    let other_process = FileBlobs::open(folder.path().join("blobs")).await.unwrap();
    // Never acknowledged, so the next writer begins again, with other bytes; then it is this process's turn again.
    let mut writer = blobs.hold(key).await.unwrap();
    write(&mut *writer, b"first").await;
    writer.sync().await.unwrap();
    drop(writer);
    let first_written = std::fs::metadata(blobs.parts(key.practice).join(key.id.to_string())).unwrap();
    loop {
        let mut writer = other_process.hold(key).await.unwrap();
        writer.cut(0).await.unwrap();
        write(&mut *writer, b"other").await;
        writer.sync().await.unwrap();
        drop(writer);
        // The file system's clock has to tick once.
        let written = std::fs::metadata(blobs.parts(key.practice).join(key.id.to_string())).unwrap();
        if written.modified().unwrap() != first_written.modified().unwrap() {
            break;
        }
    }
    let mut writer = blobs.hold(key).await.unwrap();
    writer.cut(5).await.unwrap();
    write(&mut *writer, b" bytes").await;
    assert_eq!(writer.finish().await, Ok(stored(b"other bytes")));
}

#[tokio::test]
async fn many_writers_at_once_get_their_turns() {
    let (_folder, blobs, key) = blobs().await;
    let bytes = noise(LARGE);
    let keys: Vec<BlobKey> = (0..20)
        .map(|_| BlobKey {
            id: RandomIds.uuid(),
            ..key
        })
        .collect();
    // All at once; each that is given up in the middle lets the others go on.
    let mut given_up = Vec::new();
    for key in &keys {
        let mut writer = blobs
            .create(BlobKey {
                id: RandomIds.uuid(),
                ..*key
            })
            .await
            .unwrap();
        write(&mut *writer, &bytes[..600_000]).await;
        given_up.push(writer);
    }
    drop(given_up);
    futures_util::future::join_all(keys.iter().map(|key| store(&blobs, *key, &bytes))).await;
    assert_eq!(
        blobs.written_before(key.practice, later()).await.unwrap().len(),
        20
    );
}

#[tokio::test]
async fn one_writer_holds_a_file_and_others_are_told_so() {
    let (folder, blobs, key) = blobs().await;
    let other_process = FileBlobs::open(folder.path().join("blobs")).await.unwrap();
    let mut writer = blobs.hold(key).await.unwrap();
    for others in [&blobs, &other_process] {
        assert_eq!(others.hold(key).await.err(), Some(BlobError::Busy));
    }
    write(&mut *writer, b"whole").await;
    writer.finish().await.unwrap();
    // What is finished can be held, finished again as it is, and not be changed.
    let mut again = other_process.hold(key).await.unwrap();
    again.cut(5).await.unwrap();
    assert_eq!(again.finish().await, Ok(stored(b"whole")));
    let mut again = blobs.hold(key).await.unwrap();
    assert!(matches!(again.cut(2).await, Err(BlobError::Failed(_))));
    drop(again);
    let mut again = blobs.hold(key).await.unwrap();
    again.write(Bytes::from_static(b" and more")).await.unwrap();
    assert!(matches!(again.sync().await, Err(BlobError::Failed(_))));
    assert_eq!(read(&blobs, key, None).await, b"whole");
}

#[tokio::test]
async fn what_was_acknowledged_and_is_gone_is_missing() {
    let (_folder, blobs, key) = blobs().await;
    let mut writer = blobs.hold(key).await.unwrap();
    write(&mut *writer, b"half").await;
    writer.sync().await.unwrap();
    assert_eq!(writer.cut(5).await, Err(BlobError::Missing));
    assert_eq!(writer.cut(4).await, Ok(()));
    writer.abort().await.unwrap();
    assert_eq!(blobs.unfinished(key.practice).await.unwrap(), []);
    let mut begun_anew = blobs.hold(key).await.unwrap();
    assert_eq!(begun_anew.cut(4).await, Err(BlobError::Missing));
}

#[tokio::test]
async fn a_sweep_leaves_what_is_written_in_several_goes() {
    let (_folder, blobs, key) = blobs().await;
    let mut writer = blobs.hold(key).await.unwrap();
    write(&mut *writer, b"half").await;
    writer.sync().await.unwrap();
    drop(writer);
    assert_eq!(blobs.discard_unfinished(later()).await.unwrap(), 0);
    assert_eq!(blobs.written_before(key.practice, later()).await.unwrap(), []);
    let mut writer = blobs.hold(key).await.unwrap();
    writer.cut(4).await.unwrap();
    assert_eq!(writer.finish().await, Ok(stored(b"half")));
}
