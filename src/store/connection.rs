//! A connection to a database, and the schemas that there are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::error::StoreError;

/// How long a statement waits for another process that writes. Writers here need milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// How many statements stay prepared. A tap and a round need fewer, each of them again and again.
const PREPARED_STATEMENTS_MAX: usize = 64;

/// A version number beyond this was never given by any program: it is damage.
const VERSION_MAX: i64 = 1_000;

// Version 0.1.0 counts as released, so 0001 is frozen. A change to a schema is a new file and a new
// line here; then bring `schema.sql` up to date and add an example database to `tests/fixtures`.
const STATE: &[M<'static>] = &[
    M::up(include_str!("migrations/state-0001.sql")),
    M::up(include_str!("migrations/state-0002.sql")),
    M::up(include_str!("migrations/state-0003.sql")),
];
const DEVICE: &[M<'static>] = &[
    M::up(include_str!("migrations/device-0001.sql")),
    M::up(include_str!("migrations/device-0002.sql")),
];

/// Which of the two databases a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    /// `state.db` of a profile.
    State,
    /// `device.db`.
    Device,
}

impl Schema {
    /// The name of the file.
    pub(super) fn file_name(self) -> &'static str {
        match self {
            Self::State => "state.db",
            Self::Device => "device.db",
        }
    }

    /// Where the file is in a folder.
    pub(super) fn path_in(self, folder: &Path) -> PathBuf {
        folder.join(self.file_name())
    }

    fn steps(self) -> &'static [M<'static>] {
        match self {
            Self::State => STATE,
            Self::Device => DEVICE,
        }
    }

    /// The newest version known here: the number of migrations.
    pub(super) fn version(self) -> i64 {
        i64::try_from(self.steps().len()).unwrap_or(i64::MAX)
    }

    /// Whether a file of this version can be used, now or after an upgrade.
    pub(super) fn accept(self, found: i64) -> Result<(), StoreError> {
        let known = self.version();
        match found {
            1.. if found <= known => Ok(()),
            1..=VERSION_MAX => Err(StoreError::TooNew { found, known }),
            _ => Err(StoreError::Damaged(format!("no schema has the version {found}"))),
        }
    }

    /// Brings a database to a version, in one transaction.
    pub(super) fn migrate(
        self,
        connection: &mut Connection,
        version: i64,
    ) -> Result<(), StoreError> {
        let version = usize::try_from(version).unwrap_or(usize::MAX);
        Ok(Migrations::from_slice(self.steps()).to_version(connection, version)?)
    }
}

/// Opens a file that exists, in the way in which all of this app's transactions are made. Does not
/// look whether it can be used.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Makes a database in memory, with the newest schema.
#[cfg(feature = "sandbox")]
pub(super) fn open_in_memory(schema: Schema) -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    configure(&connection)?;
    schema.migrate(&mut connection, schema.version())?;
    Ok(connection)
}

/// Sets up what holds for every transaction on a connection.
pub(super) fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS_MAX);
    // What is prepared stays so, whatever values it is used with.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // WAL with NORMAL, which most apps use, loses the last commits when the battery is pulled.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Android has no folder for temporary files.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// The version that stands in the file.
pub(super) fn version_of(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Whether closing the last connection moves the log into the file. Not while it is unknown whether
/// the file may be touched at all.
pub(super) fn checkpoint_on_close(connection: &Connection, does: bool) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !does)?;
    Ok(())
}

/// Moves everything from the log into the file, on the disk.
pub(super) fn move_log(connection: &Connection) -> Result<(), StoreError> {
    let is_busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if is_busy { Err(StoreError::Busy) } else { Ok(()) }
}

/// Writes over what a refused transaction may have left in the log, as far as the disk lets it.
///
/// A commit whose last step fails, waiting for the disk, is taken back; but its pages stand in the
/// log until something is written in their place. If the process died before, the next one would
/// take them for a commit, and send a tap of which the worker was told that it was not saved.
pub(super) fn write_over(connection: &Connection) {
    let written = version_of(connection)
        .and_then(|version| Ok(connection.pragma_update(None, "user_version", version)?));
    if let Err(error) = written {
        tracing::warn!(%error, "what a refused transaction wrote could not be written over");
    }
}
