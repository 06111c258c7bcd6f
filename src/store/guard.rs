//! Who has the databases of a folder open: a lock that every open connection shares, and that is
//! had alone by whoever creates, upgrades, puts aside or removes a file. So nobody ever writes into
//! a file that is gone. The kernel lifts it when its process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// The lock's file. It goes only together with its folder.
pub(super) const FILE_NAME: &str = "in_use.lock";

/// How long between two tries for a lock that another process has.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// The lock, held for as long as this value lives.
#[derive(Debug)]
pub(super) struct Guard {
    _file: File,
}

/// Shares the lock of a folder; `None` if somebody had it alone for all of `patience`.
pub(super) fn share(folder: &Path, patience: Duration) -> io::Result<Option<Guard>> {
    acquire(folder, patience, File::try_lock_shared)
}

/// Has the lock of a folder alone; `None` if somebody else had it for all of `patience`.
pub(super) fn seize(folder: &Path, patience: Duration) -> io::Result<Option<Guard>> {
    acquire(folder, patience, File::try_lock)
}

fn acquire(
    folder: &Path,
    patience: Duration,
    lock: impl Fn(&File) -> Result<(), TryLockError>,
) -> io::Result<Option<Guard>> {
    let path = folder.join(FILE_NAME);
    let begun = Instant::now();
    loop {
        let file = open(&path)?;
        match lock(&file) {
            Ok(()) if is_still(&file, &path) => return Ok(Some(Guard { _file: file })),
            // The folder was removed meanwhile, and perhaps made anew.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if begun.elapsed() < patience => {
                thread::sleep(TRY_AGAIN_AFTER);
            }
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn open(path: &PathBuf) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether the file still has its name.
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(open), Ok(named)) = (file.metadata(), std::fs::metadata(path)) else { return false };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

#[cfg(not(unix))]
fn is_still(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_share_and_one_has_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let one = share(folder.path(), Duration::ZERO).unwrap().unwrap();
        let other = share(folder.path(), Duration::ZERO).unwrap().unwrap();

        assert!(seize(folder.path(), Duration::ZERO).unwrap().is_none());
        drop((one, other));
        let alone = seize(folder.path(), Duration::ZERO).unwrap().unwrap();

        assert!(share(folder.path(), Duration::ZERO).unwrap().is_none());
        drop(alone);
        assert!(share(folder.path(), Duration::ZERO).unwrap().is_some());
    }

    #[test]
    fn what_a_dead_process_left_behind_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "left behind").unwrap();

        assert!(seize(folder.path(), Duration::ZERO).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn the_lock_of_a_folder_that_is_gone_is_not_that_of_the_one_in_its_place() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("profile");
        std::fs::create_dir(&folder).unwrap();
        let _gone = seize(&folder, Duration::ZERO).unwrap().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::create_dir(&folder).unwrap();

        assert!(seize(&folder, Duration::ZERO).unwrap().is_some());
    }
}
