//! Removing a profile, whoever else has it open.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::connection::Schema;
use super::error::StoreError;
use super::profile::Wiped;
use super::{folder, guard, opening};

/// How long to wait for others to let go of the files. A command needs milliseconds; a window keeps
/// them open.
const PATIENCE: Duration = Duration::from_millis(500);

/// Removes a folder with everything in it. If another process has the database open, its rows are
/// deleted instead: it must not go on writing into a file that is gone.
pub(super) fn wipe(folder: &Path) -> Result<Wiped, StoreError> {
    if !folder.exists() {
        return Ok(Wiped::Removed);
    }
    let wiped = match guard::seize(folder, PATIENCE) {
        Ok(Some(_alone)) => remove(folder),
        Ok(None) => {
            empty(folder)?;
            Ok(Wiped::Emptied)
        }
        Err(error) => Err(error),
    };
    match wiped {
        // Another process that wiped it was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Wiped::Removed),
        wiped => Ok(wiped?),
    }
}

/// The lock's file goes last: until then nobody else can begin anew in this folder. Whoever waited
/// for the lock may have made files of their own by then, such as a new lock; they go later.
fn remove(folder: &Path) -> io::Result<Wiped> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == guard::FILE_NAME {
            continue;
        }
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let path = entry.path();
        gone(if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) })?;
    }
    gone(fs::remove_file(folder.join(guard::FILE_NAME)))?;
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(Wiped::Emptied),
        removed => {
            gone(removed)?;
            folder.parent().map_or(Ok(()), folder::sync_folder)?;
            Ok(Wiped::Removed)
        }
    }
}

/// Another process may have been faster.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn empty(folder: &Path) -> Result<(), StoreError> {
    let mut opened = opening::open(folder, Schema::State)?;
    opened.connection.pragma_update(None, "secure_delete", true)?;
    let transaction = opened.connection.transaction()?;
    // Attempts go with their changes.
    for table in ["change", "assignment", "snapshot", "sync_state", "profile"] {
        transaction.execute(&format!("DELETE FROM {table}"), [])?;
    }
    Ok(transaction.commit()?)
}
