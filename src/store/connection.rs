//! Opening a database: pragmas, the check of its version, migrations.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use super::error::StoreError;
use super::folder;

/// How long a statement waits for another process that writes. Writers here need milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

const STATE: &[M<'static>] = &[M::up(include_str!("migrations/state-0001.sql"))];
const DEVICE: &[M<'static>] = &[M::up(include_str!("migrations/device-0001.sql"))];

/// Which of the two databases a file is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Schema {
    /// `state.db` of a profile.
    State,
    /// `device.db`.
    Device,
}

impl Schema {
    fn file_name(self) -> &'static str {
        match self {
            Self::State => "state.db",
            Self::Device => "device.db",
        }
    }

    fn steps(self) -> &'static [M<'static>] {
        match self {
            Self::State => STATE,
            Self::Device => DEVICE,
        }
    }

    /// The newest version known here: the number of migrations.
    fn version(self) -> i64 {
        i64::try_from(self.steps().len()).unwrap_or(i64::MAX)
    }
}

/// Opens the database in `folder`, creating both if need be, and brings it to the newest schema.
pub(super) fn open(folder: &Path, schema: Schema) -> Result<Connection, StoreError> {
    folder::create_durably(folder)?;
    let mut connection = Connection::open(folder.join(schema.file_name()))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Before anything is written: an older program must leave a newer file alone.
    let upgrade = if version_of(&connection, schema)? < schema.version() {
        Some(lock_for_upgrade(folder)?)
    } else {
        None
    };
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // WAL with NORMAL, which most apps use, loses the last commits when the battery is pulled.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Whoever waited for the lock may find that the work is done, or that a newer program did it.
    if upgrade.is_some() && version_of(&connection, schema)? < schema.version() {
        Migrations::from_slice(schema.steps()).to_latest(&mut connection)?;
        folder::sync_folder(folder)?;
    }
    Ok(connection)
}

/// Makes a database in memory, with the newest schema.
#[cfg(feature = "sandbox")]
pub(super) fn open_in_memory(schema: Schema) -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Migrations::from_slice(schema.steps()).to_latest(&mut connection)?;
    Ok(connection)
}

fn version_of(connection: &Connection, schema: Schema) -> Result<i64, StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > schema.version() {
        return Err(StoreError::TooNew { found, known: schema.version() });
    }
    Ok(found)
}

/// Lets one process at a time create or upgrade the databases of a folder: SQLite refuses the
/// second one that switches to WAL at once, however long it would wait otherwise. The lock dies
/// with its process; the file stays, since another may be waiting for it.
fn lock_for_upgrade(folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(folder.join("upgrade.lock"))?;
    file.lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_schema_is_the_number_of_its_migrations() {
        for schema in [Schema::State, Schema::Device] {
            let folder = tempfile::tempdir().unwrap();
            let connection = open(folder.path(), schema).unwrap();

            let version: i64 =
                connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();

            assert_eq!(version, schema.version(), "{schema:?}");
            Migrations::from_slice(schema.steps()).validate().unwrap();
        }
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.db");
        Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let before = std::fs::read(&file).unwrap();

        let refused = open(folder.path(), Schema::State);

        assert!(matches!(refused, Err(StoreError::TooNew { found: 99, known: 1 })));
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }

    #[test]
    fn many_that_open_a_new_file_at_once_all_get_it() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            let opening: Vec<_> =
                (0..8).map(|_| scope.spawn(|| open(folder.path(), Schema::State))).collect();

            for opened in opening {
                opened.join().unwrap().unwrap();
            }
        });
    }

    #[test]
    fn every_commit_is_on_the_disk_before_it_counts() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(folder.path(), Schema::State).unwrap();

        let synchronous: i64 =
            connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        let journal: String =
            connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();

        assert_eq!((synchronous, journal.as_str()), (2, "wal"));
    }
}
