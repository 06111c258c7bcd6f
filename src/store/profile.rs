//! `state.db`: everything of one profile but its secrets.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::domain::assignment::{AssignmentList, Snapshot};
use crate::domain::change::Change;
use crate::domain::connection::SyncState;
use crate::domain::ids::{ProfileId, Seq, WarehouseUuid};
use crate::domain::outbox::Outbox;
use crate::domain::time::UnixMillis;

use super::connection::Schema;
use super::error::StoreError;
use super::thread::StoreThread;
use super::{outbox, snapshot};

/// What a plan needs beside the outbox itself.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Load this change, whatever its state.
    pub change: Option<Seq>,
    /// Load the assignment of this warehouse.
    pub warehouse: Option<WarehouseUuid>,
    /// First make this list the snapshot.
    pub list: Option<Arc<AssignmentList>>,
}

/// What is shown of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The last complete list; `None` before the first.
    pub snapshot: Option<Arc<Snapshot>>,
    /// Changes, newest first.
    pub changes: Vec<Change>,
    /// What sync remembers.
    pub sync: SyncState,
}

/// A profile's database. Handles are cheap; the file is closed with the last.
#[derive(Clone, Debug)]
pub struct ProfileStore {
    thread: StoreThread,
}

impl ProfileStore {
    /// Opens the database of a profile in its folder, creating both if need be. Blocks.
    ///
    /// # Errors
    /// If it can't be opened, or is another profile's.
    pub fn open(folder: &Path, profile: &ProfileId) -> Result<Self, StoreError> {
        let profile = profile.clone();
        let check = move |connection: &mut Connection| claim(connection, &profile);
        Ok(Self { thread: StoreThread::open(folder.to_owned(), Schema::State, check)? })
    }

    /// A profile's database in memory, on a disk that a test plays. It lives as long as a handle to
    /// it, whatever processes of the test die.
    ///
    /// # Errors
    /// If SQLite refuses.
    #[cfg(feature = "sandbox")]
    pub fn in_memory(
        profile: &ProfileId,
        disk: Arc<dyn super::PlayedDisk>,
    ) -> Result<Self, StoreError> {
        let check = |connection: &mut Connection| claim(connection, profile);
        Ok(Self { thread: StoreThread::in_memory(Schema::State, check, disk)? })
    }

    /// Runs a plan on the outbox in one transaction. What it changed is on the disk when this
    /// returns, or nothing of it is.
    ///
    /// # Errors
    /// If nothing could be read or written; the outbox is as before then.
    pub async fn transact<T: Send + 'static>(
        &self,
        scope: Scope,
        plan: impl FnOnce(&mut Outbox) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.thread
            .run(move |connection| {
                let transaction =
                    connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                if let Some(list) = &scope.list {
                    snapshot::replace(&transaction, list)?;
                }
                let mut loaded = outbox::load(&transaction, &scope)?;
                let sync_before = loaded.sync.clone();
                let value = plan(&mut loaded);
                let is_unchanged =
                    scope.list.is_none() && loaded.writes.is_empty() && loaded.sync == sync_before;
                if is_unchanged {
                    return Ok(value);
                }
                outbox::save(&transaction, &loaded, &sync_before)?;
                transaction.commit()?;
                Ok(value)
            })
            .await
    }

    /// The last complete list; `None` before the first.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn snapshot(&self) -> Result<Option<Snapshot>, StoreError> {
        self.thread.run(|connection| Ok(snapshot::load(connection)?)).await
    }

    /// Everything that is shown of a profile, as it stood at one instant: a list of before a
    /// change and the change of after it would tell a lie. A list that is `known` already is not
    /// read again, since it may be long. `since` tells from when on settled changes are wanted.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn shown(
        &self,
        known: Option<Arc<Snapshot>>,
        since: impl FnOnce(&SyncState) -> UnixMillis + Send + 'static,
        limit: usize,
    ) -> Result<Shown, StoreError> {
        self.thread
            .run(move |connection| {
                let transaction = connection.transaction()?;
                let fetched_at = snapshot::fetched_at(&transaction)?;
                let snapshot = match known {
                    Some(known) if Some(known.fetched_at) == fetched_at => Some(known),
                    _ => snapshot::load(&transaction)?.map(Arc::new),
                };
                let sync = outbox::sync_state(&transaction)?;
                let changes = outbox::changes(&transaction, since(&sync).0, limit)?;
                Ok(Shown { snapshot, changes, sync })
            })
            .await
    }

    /// The changes that settled since `since` by the calendar, and all that have not settled,
    /// newest first; at most `limit`.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn changes(
        &self,
        since: UnixMillis,
        limit: usize,
    ) -> Result<Vec<Change>, StoreError> {
        self.thread.run(move |connection| Ok(outbox::changes(connection, since.0, limit)?)).await
    }

    /// The change with this number.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn change(&self, seq: Seq) -> Result<Option<Change>, StoreError> {
        self.thread.run(move |connection| Ok(outbox::change(connection, seq)?)).await
    }

    /// What sync remembers.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn sync_state(&self) -> Result<SyncState, StoreError> {
        self.thread.run(|connection| Ok(outbox::sync_state(connection)?)).await
    }

    /// How many changes have not settled.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn unsettled_count(&self) -> Result<usize, StoreError> {
        self.thread.run(|connection| Ok(outbox::unsettled_count(connection)?)).await
    }

    /// Closes the file, so that its folder can be removed. Other handles find it closed.
    pub async fn close(&self) {
        self.thread.close().await;
    }
}

/// Writes down whose database this is, or checks that it is this profile's: a folder that was
/// copied to another place must not be sent to another server.
fn claim(connection: &Connection, profile: &ProfileId) -> Result<(), StoreError> {
    let known: Option<(String, String)> = connection
        .query_row("SELECT origin, user_uuid FROM profile WHERE id = 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let own = (profile.origin.to_string(), profile.user.to_string());
    match known {
        Some(known) if known == own => Ok(()),
        Some(_) => Err(StoreError::Other("this database belongs to another user or server".into())),
        None => {
            connection.execute(
                "INSERT OR IGNORE INTO profile (id, origin, user_uuid) VALUES (1, ?1, ?2)",
                params![own.0, own.1],
            )?;
            Ok(())
        }
    }
}
