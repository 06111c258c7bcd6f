//! The files of a damaged database: under which names they are kept, and in which order they are
//! renamed, so that a crash in between loses nothing.
//!
//! | file | is |
//! |---|---|
//! | `NAME` | the database; whole whenever it has this name |
//! | `NAME-wal`, `NAME-shm` | SQLite's log and the log's index |
//! | `NAME.damaged-<UTC time>` | a damaged one, with its log; kept until a person removes it |
//! | `NAME.creating` | the first one, not finished |
//! | `NAME.recovered` | made of a damaged one; whole once `NAME` is gone |
//! | `NAME.salvage` | a copy to read from, since reading may write |

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::connection::Schema;
use super::folder;

/// The log of a database.
pub(super) fn log_of(path: &Path) -> PathBuf {
    with_suffix(path, "-wal")
}

/// The index of a database's log.
pub(super) fn log_index_of(path: &Path) -> PathBuf {
    with_suffix(path, "-shm")
}

/// The name under which a first file is made.
pub(super) fn unfinished_name(path: &Path) -> PathBuf {
    with_suffix(path, ".creating")
}

/// The name under which a file is made of a damaged one.
pub(super) fn recovered_name(path: &Path) -> PathBuf {
    with_suffix(path, ".recovered")
}

/// Which file has a name now, so that another in its place is noticed; `None` if there is none.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    Some((0, metadata.len()))
}

/// Whether a damaged file of this kind was put aside in a folder and is still there.
pub(super) fn is_there(folder: &Path, schema: Schema) -> bool {
    newest_damaged(folder, schema).is_some()
}

/// Removes a file with its log, if it is there.
pub(super) fn remove_with_log(path: &Path) -> io::Result<()> {
    for path in [log_of(path), log_index_of(path), with_suffix(path, "-journal"), path.to_owned()] {
        remove_if_there(&path)?;
    }
    Ok(())
}

/// Copies a file with its log, and returns the copy.
pub(super) fn copy_with_log(path: &Path) -> io::Result<PathBuf> {
    let copy = with_suffix(path, ".salvage");
    remove_with_log(&copy)?;
    fs::copy(path, &copy)?;
    match fs::copy(log_of(path), log_of(&copy)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok(copy)
}

/// Puts the damaged file aside and the recovered one in its place.
pub(super) fn exchange(folder: &Path, schema: Schema) -> io::Result<()> {
    let path = schema.path_in(folder);
    let damaged = damaged_name(&path);
    fs::rename(&path, &damaged)?;
    // From here on the recovered file counts, even if the battery is pulled.
    folder::sync_folder(folder)?;
    follow(&path, &damaged)?;
    fs::rename(recovered_name(&path), &path)?;
    folder::sync_folder(folder)
}

/// Finishes an [`exchange`] that was cut short, or removes what came before one.
pub(super) fn finish(folder: &Path, schema: Schema) -> io::Result<()> {
    let path = schema.path_in(folder);
    let recovered = recovered_name(&path);
    remove_with_log(&with_suffix(&path, ".salvage"))?;
    if !recovered.exists() {
        return Ok(());
    }
    if path.exists() {
        return remove_with_log(&recovered);
    }
    if let Some(damaged) = newest_damaged(folder, schema) {
        follow(&path, &damaged)?;
        fs::rename(&recovered, &path)?;
        folder::sync_folder(folder)?;
    }
    Ok(())
}

/// Puts the log of a file aside that is not there any more.
pub(super) fn put_log_aside(folder: &Path, schema: Schema) -> io::Result<()> {
    let path = schema.path_in(folder);
    if log_of(&path).exists() {
        let damaged = damaged_name(&path);
        // An empty file, so that support finds that the file itself was missing.
        File::create_new(&damaged)?;
        follow(&path, &damaged)?;
    }
    remove_if_there(&log_index_of(&path))
}

/// Renames the log and its index as their file was.
fn follow(path: &Path, damaged: &Path) -> io::Result<()> {
    rename_if_there(&log_of(path), &log_of(damaged))?;
    rename_if_there(&log_index_of(path), &log_index_of(damaged))
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A name that no file has: two in one second are told apart by a number.
fn damaged_name(path: &Path) -> PathBuf {
    let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let first = with_suffix(path, &format!(".damaged-{time}"));
    let further = (2_u32..).map(|number| with_suffix(&first, &format!("-{number}")));
    std::iter::once(first.clone()).chain(further).find(|name| !name.exists()).unwrap_or(first)
}

fn newest_damaged(folder: &Path, schema: Schema) -> Option<PathBuf> {
    let prefix = format!("{}.damaged-", schema.file_name());
    let names = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    let is_file = |name: &String| !name.ends_with("-wal") && !name.ends_with("-shm");
    let newest = names.filter(|name| name.starts_with(&prefix)).filter(is_file).max()?;
    Some(folder.join(newest))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
