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
    match guard::seize(folder, PATIENCE)? {
        Some(_alone) => {
            remove(folder)?;
            Ok(Wiped::Removed)
        }
        None => {
            empty(folder)?;
            Ok(Wiped::Emptied)
        }
    }
}

/// The lock's file goes last: until then nobody else can begin anew in this folder.
fn remove(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == guard::FILE_NAME {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_file(folder.join(guard::FILE_NAME))?;
    fs::remove_dir(folder)?;
    folder.parent().map_or(Ok(()), folder::sync_folder)
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
