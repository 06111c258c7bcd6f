//! The right to send for a profile: a lock on a file, which the kernel lifts when its process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::sync::ports::{BoxFuture, SenderGuard, SenderLock};

/// The lock of one profile.
#[derive(Clone, Debug)]
pub struct FileSenderLock {
    path: PathBuf,
}

impl FileSenderLock {
    /// The lock in a profile's folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join("sender.lock") }
    }
}

/// Opens a lock file, creating it if need be. It is never removed: a process may wait for it.
///
/// # Errors
/// If the folder can't be written.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl SenderLock for FileSenderLock {
    fn acquire(&self) -> BoxFuture<'static, io::Result<SenderGuard>> {
        let path = self.path.clone();
        Box::pin(async move {
            let locked = tokio::task::spawn_blocking(move || {
                let file = open(&path)?;
                file.lock()?;
                Ok::<_, io::Error>(Box::new(file) as SenderGuard)
            });
            locked.await.map_err(io::Error::other)?
        })
    }

    fn try_acquire(&self) -> io::Result<Option<SenderGuard>> {
        let file = open(&self.path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_has_the_right_to_send_until_it_gives_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FileSenderLock::in_folder(folder.path());
        let other = FileSenderLock::in_folder(folder.path());

        let guard = lock.acquire().await.unwrap();
        assert!(other.try_acquire().unwrap().is_none());
        drop(guard);

        assert!(other.try_acquire().unwrap().is_some());
    }

    #[test]
    fn the_file_of_a_dead_process_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("sender.lock"), "left behind").unwrap();

        assert!(FileSenderLock::in_folder(folder.path()).try_acquire().unwrap().is_some());
    }
}
