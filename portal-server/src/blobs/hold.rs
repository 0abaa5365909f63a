use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use super::work::Work;
use super::{make_folder, sync_folder, writable};

/// Opens an unfinished file, or makes it, and locks it against every other writer, in this process and others. A file that
/// was finished meanwhile is held where it is.
pub(super) fn hold(folder: &Path, unfinished: &Path, finished: &Path) -> io::Result<Work> {
    // Whoever held it before may have finished or thrown it away between the opening and the lock.
    for _ in 0..8 {
        let (file, is_finished) = match writable().open(unfinished) {
            Ok(file) => (file, false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => match writable().open(finished) {
                Ok(file) => (file, true),
                Err(error) if error.kind() == io::ErrorKind::NotFound => (make(folder, unfinished)?, false),
                Err(error) => return Err(error),
            },
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let path = if is_finished { finished } else { unfinished };
        if is_at(&file, path)? {
            return Work::go_on(file, is_finished);
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// The new file's name is durable before anybody is told that bytes of it are.
fn make(folder: &Path, path: &Path) -> io::Result<File> {
    if !folder.try_exists()? {
        make_folder(folder)?;
        if let Some(above) = folder.parent() {
            sync_folder(above)?;
        }
    }
    let file = writable().create(true).truncate(false).open(path)?;
    sync_folder(folder)?;
    Ok(file)
}

/// Whether `path` still leads to the file that was opened there.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let opened = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
}
