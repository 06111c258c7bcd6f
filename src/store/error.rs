//! What can go wrong with a database, as far as anybody acts on the difference.

use rusqlite::ErrorCode;

/// Why nothing was read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, or the user's share of it, has no room.
    #[error("the disk is full")]
    Full,
    /// The file or its folder may not be written.
    #[error("the database can't be written")]
    ReadOnly,
    /// Another process holds the database and did not let go in time.
    #[error("the database is locked by another process")]
    Busy,
    /// The disk reported an error.
    #[error("the disk reported an error: {0}")]
    Io(String),
    /// The file is no database any more, or holds what this app never writes.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The file is a whole database of this app, but another profile's.
    #[error("the database belongs to another user or server")]
    Foreign,
    /// The file was made by a newer version of the app.
    #[error("the database has schema {found}, this version knows {known}")]
    TooNew {
        /// The schema in the file.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// The file is not there, or of an older schema: whoever comes first has to prepare it.
    #[error("the database is not prepared")]
    Unprepared,
    /// The store was closed, or its thread is gone.
    #[error("the store is closed")]
    Closed,
    /// Anything else.
    #[error("the database refused: {0}")]
    Other(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        let Some(code) = error.sqlite_error_code() else {
            return match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::Utf8Error(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Damaged(text),
                _ => Self::Other(text),
            };
        };
        match code {
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => Self::Io(text),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(text),
            // The rules never write what a constraint forbids, so what is there can't be right.
            ErrorCode::ConstraintViolation => Self::Damaged(text),
            _ => Self::Other(text),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
                Self::ReadOnly
            }
            _ => Self::Io(error.to_string()),
        }
    }
}

impl From<rusqlite_migration::Error> for StoreError {
    fn from(error: rusqlite_migration::Error) -> Self {
        match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
            other => Self::Other(other.to_string()),
        }
    }
}
