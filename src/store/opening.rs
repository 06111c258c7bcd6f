//! Opening a database, whatever state its file is in.
//!
//! Whoever finds nobody else at the files *prepares* them, alone: finishes what a crash cut short,
//! creates what is missing, looks for damage, upgrades. Everybody else finds them prepared. A file
//! stands under its name only when it is whole: it is made under another name and renamed.
//!
//! Looking for damage costs time, so it is done where it costs next to none or where there is a
//! reason: the header and the list of tables always; every page and index if the file is small,
//! which it is unless the history or the list is long; every page of a long one if the last process
//! that had it open did not close it. What is left is found by the read that meets it, and [`recover`] follows.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::connection::{self, Schema};
use super::error::StoreError;
use super::guard::{self, Guard};
use super::{device, folder, put_aside, salvage};

/// How long to wait for a process that creates, upgrades or checks the files.
const SHARE_PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait for the others to let go of files that can't be used as they are.
const SEIZE_PATIENCE: Duration = Duration::from_secs(2);
/// Files up to this size are checked from end to end at each first opening, which takes longer than
/// reading them. Six thousand warehouses fit in one.
const SMALL_FILE_BYTES: u64 = 1024 * 1024;
/// How often the files may turn out unprepared again, because somebody removes them meanwhile.
const TRIES: u32 = 3;

/// An open database.
#[derive(Debug)]
pub(super) struct Opened {
    // Closed before the guard is given back: fields are dropped in their order.
    pub connection: Connection,
    _guard: Guard,
}

/// Opens the database in `folder`, creating both if need be, and brings it to the newest schema.
pub(super) fn open(folder: &Path, schema: Schema) -> Result<Opened, StoreError> {
    folder::create_durably(folder)?;
    if let Some(_alone) = guard::seize(folder, Duration::ZERO)? {
        prepare(folder, schema)?;
    }
    let path = schema.path_in(folder);
    let mut last_problem = StoreError::Busy;
    for _ in 0..TRIES {
        match open_prepared(folder, schema) {
            Ok((connection, guard)) => return Ok(Opened { connection, _guard: guard }),
            Err(problem @ (StoreError::Damaged(_) | StoreError::Unprepared)) => {
                last_problem = problem;
            }
            // Removed together with its folder.
            Err(problem) if !path.exists() => last_problem = problem,
            Err(error) => return Err(error),
        }
        folder::create_durably(folder)?;
        let Some(_alone) = guard::seize(folder, SEIZE_PATIENCE)? else { break };
        prepare(folder, schema)?;
    }
    Err(last_problem)
}

fn open_prepared(folder: &Path, schema: Schema) -> Result<(Connection, Guard), StoreError> {
    let guard = guard::share(folder, SHARE_PATIENCE)?.ok_or(StoreError::Busy)?;
    let path = schema.path_in(folder);
    if !path.exists() {
        return Err(StoreError::Unprepared);
    }
    schema.accept(version_in_header(&path)?)?;
    let connection = connection::connect(&path)?;
    let found = connection::version_of(&connection)?;
    schema.accept(found)?;
    if found < schema.version() {
        return Err(StoreError::Unprepared);
    }
    connection::configure(&connection)?;
    Ok((connection, guard))
}

/// Puts a file aside that a read has found damaged, and makes a new one of what it still says.
/// Nothing happens if somebody else did so since `opened` was opened, which is closed here.
pub(super) fn recover(
    folder: &Path,
    schema: Schema,
    opened: Opened,
    reason: &StoreError,
) -> Result<(), StoreError> {
    let path = schema.path_in(folder);
    let before = put_aside::identity(&path);
    // The damaged file is kept as it was found.
    connection::checkpoint_on_close(&opened.connection, false)?;
    drop(opened);
    let _alone = guard::seize(folder, SEIZE_PATIENCE)?.ok_or(StoreError::Busy)?;
    if before.is_some() && before != put_aside::identity(&path) {
        return Ok(());
    }
    replace_damaged(folder, schema, reason)
}

/// Makes the file usable. Only for who has the folder's lock alone.
fn prepare(folder: &Path, schema: Schema) -> Result<(), StoreError> {
    put_aside::finish(folder, schema)?;
    let path = schema.path_in(folder);
    if !path.exists() {
        // A log without its file would be taken for that of the new one.
        put_aside::put_log_aside(folder, schema)?;
        let unfinished = put_aside::unfinished_name(&path);
        build(folder, schema, &unfinished, |_| Ok(()))?;
        fs::rename(unfinished, path)?;
        return Ok(folder::sync_folder(folder)?);
    }
    match check(&path, schema) {
        Ok(found) if found < schema.version() => upgrade(folder, schema),
        Ok(_) => Ok(()),
        Err(damage @ StoreError::Damaged(_)) => replace_damaged(folder, schema, &damage),
        Err(error) => Err(error),
    }
}

/// Makes a database under a name that is not its own yet, with what `fill` writes into it. All of
/// it is on the disk when this returns.
fn build(
    folder: &Path,
    schema: Schema,
    unfinished: &Path,
    fill: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    put_aside::remove_with_log(unfinished)?;
    create_private(unfinished)?;
    let mut connection = connection::connect(unfinished)?;
    connection::configure(&connection)?;
    schema.migrate(&mut connection, schema.version())?;
    fill(&mut connection)?;
    if schema == Schema::Device {
        device::rebuild(&mut connection, folder)?;
    }
    connection::move_log(&connection)?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(File::open(unfinished)?.sync_all()?)
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn upgrade(folder: &Path, schema: Schema) -> Result<(), StoreError> {
    let mut connection = connection::connect(&schema.path_in(folder))?;
    connection::configure(&connection)?;
    schema.migrate(&mut connection, schema.version())?;
    // An older program reads the version in the file itself, not in the log.
    connection::move_log(&connection)
}

/// Builds the new file beside the damaged one, which loses its name only then: at whatever step
/// the battery is pulled, one of them is whole and [`put_aside::finish`] knows which.
fn replace_damaged(folder: &Path, schema: Schema, reason: &StoreError) -> Result<(), StoreError> {
    tracing::error!(file = schema.file_name(), %reason, "a database is put aside");
    let path = schema.path_in(folder);
    let recovered = put_aside::recovered_name(&path);
    let mut found = salvage::Found::default();
    if matches!(reason, StoreError::Foreign) {
        build(folder, schema, &recovered, |_| Ok(()))?;
    } else {
        let copy = put_aside::copy_with_log(&path)?;
        build(folder, schema, &recovered, |connection| {
            found = salvage::carry_over(&copy, connection, schema)?;
            Ok(())
        })?;
        put_aside::remove_with_log(&copy)?;
    }
    folder::sync_folder(folder)?;
    put_aside::exchange(folder, schema)?;
    let salvage::Found { rows, mended, lost } = found;
    tracing::error!(rows, mended, lost, "what the file still said was carried over");
    Ok(())
}

/// The version of the file, if it is whole as far as is looked.
fn check(path: &Path, schema: Schema) -> Result<i64, StoreError> {
    schema.accept(version_in_header(path)?)?;
    let log = put_aside::log_of(path);
    let was_closed = fs::metadata(&log).map_or(0, |log| log.len()) == 0;
    let index = put_aside::log_index_of(path);
    let had_index = index.exists();

    let connection = connection::connect(path)?;
    connection::checkpoint_on_close(&connection, false)?;
    let found = connection::version_of(&connection)?;
    if let Err(error) = schema.accept(found) {
        drop(connection);
        if !had_index && matches!(error, StoreError::TooNew { .. }) {
            // Not a byte of a newer program's files is ours to change; this one is only scratch.
            let _ = fs::remove_file(index);
        }
        return Err(error);
    }
    let length = fs::metadata(path)?.len();
    let page: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    // Not so after a crash, when the log has what the file lacks.
    if was_closed && !length.is_multiple_of(u64::from(page.max(1))) {
        return Err(StoreError::Damaged("the file ends within a page".into()));
    }
    let is_small = length <= SMALL_FILE_BYTES;
    salvage::check_tables(&connection, schema, found)?;
    match (is_small, was_closed) {
        (true, _) => {
            check_by(&connection, "integrity_check(1)")?;
            salvage::check_values(&connection)?;
        }
        (false, false) => check_by(&connection, "quick_check(1)")?,
        (false, true) => {}
    }
    connection::checkpoint_on_close(&connection, true)?;
    Ok(found)
}

/// Looks twice before it says that there is damage: a page that could not be read this once is
/// reported in the same way.
fn check_by(connection: &Connection, pragma: &str) -> Result<(), StoreError> {
    let look = || -> rusqlite::Result<String> {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
    };
    if look()? == "ok" {
        return Ok(());
    }
    match look()? {
        verdict if verdict == "ok" => Ok(()),
        verdict => Err(StoreError::Damaged(verdict)),
    }
}

/// Reads the version without SQLite, which would leave files of its own beside one that it opens
/// (<https://www.sqlite.org/fileformat2.html#the_database_header>).
fn version_in_header(path: &Path) -> Result<i64, StoreError> {
    let mut header = [0_u8; 64];
    let whole = File::open(path)?.read_exact(&mut header);
    match whole {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(StoreError::Damaged("the file has no header".into()));
        }
        whole => whole?,
    }
    match header {
        [
            b'S',
            b'Q',
            b'L',
            b'i',
            b't',
            b'e',
            b' ',
            b'f',
            b'o',
            b'r',
            b'm',
            b'a',
            b't',
            b' ',
            b'3',
            0,
            ..,
            a,
            b,
            c,
            d,
        ] => Ok(i64::from(i32::from_be_bytes([a, b, c, d]))),
        _ => Err(StoreError::Damaged("the file is no database".into())),
    }
}
