//! Opening a database: pragmas, the check of its version, migrations.

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
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > schema.version() {
        return Err(StoreError::TooNew { found, known: schema.version() });
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // WAL with NORMAL, which most apps use, loses the last commits when the battery is pulled.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    if found < schema.version() {
        Migrations::from_slice(schema.steps()).to_latest(&mut connection)?;
        folder::sync_folder(folder)?;
    }
    Ok(connection)
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
