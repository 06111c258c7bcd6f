//! `state.db`: everything of one profile but its secrets.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::domain::assignment::{AssignmentList, Snapshot};
use crate::domain::change::Change;
use crate::domain::connection::SyncState;
use crate::domain::ids::{ProfileId, Seq, WarehouseUuid};
use crate::domain::judge;
use crate::domain::outbox::Outbox;
use crate::domain::preferences::{Preference, Preferences};
use crate::domain::time::UnixMillis;

use super::connection::Schema;
use super::error::StoreError;
use super::thread::{Check, StoreThread};
use super::{folder, outbox, preferences, put_aside, retention, rows, snapshot, wipe};

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
    /// What the worker chose.
    pub preferences: Preferences,
    /// Whether a damaged file was put aside and still lies there.
    pub was_put_aside: bool,
}

/// What a profile's own database says of its user, beside who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The name typed at sign-in.
    pub username: String,
    /// Whether they signed out, and only what waits keeps the file here.
    pub is_signed_out: bool,
}

/// What wiping came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiped {
    /// Everything is gone, the folder too.
    Removed,
    /// Another process has the file open: it holds nothing any more, and is removed later.
    Emptied,
}

/// A profile's database. Handles are cheap; the file is closed with the last.
#[derive(Clone, Debug)]
pub struct ProfileStore {
    thread: StoreThread,
    folder: Arc<Path>,
}

impl ProfileStore {
    /// Opens the database of a profile in its folder, creating both if need be. Blocks.
    ///
    /// # Errors
    /// If it can't be opened, or is another profile's.
    pub fn open(folder: &Path, profile: &ProfileId) -> Result<Self, StoreError> {
        let profile = profile.clone();
        let check: Check = Box::new(move |connection| claim(connection, &profile));
        let thread = StoreThread::open(folder.to_owned(), Schema::State, check)?;
        Ok(Self { thread, folder: folder.into() })
    }

    /// Notes what `device.db` knows too, so that it can be rebuilt.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn set_owner(&self, owner: Owner) -> Result<(), StoreError> {
        self.thread
            .run(move |connection| {
                connection.execute(
                    "UPDATE profile SET username = ?1, is_signed_out = ?2
                     WHERE id = 1 AND (username, is_signed_out) <> (?1, ?2)",
                    params![owner.username, owner.is_signed_out],
                )?;
                Ok(())
            })
            .await
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
        let profile = profile.clone();
        let check: Check = Box::new(move |connection| claim(connection, &profile));
        let thread = StoreThread::in_memory(Schema::State, &check, disk)?;
        Ok(Self { thread, folder: Path::new("").into() })
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
        let folder = Arc::clone(&self.folder);
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
                let was_put_aside = put_aside::is_there(&folder, Schema::State);
                let preferences = preferences::load(&transaction)?;
                Ok(Shown { snapshot, changes, sync, preferences, was_put_aside })
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

    /// Keeps a choice of the worker.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn choose(&self, preference: Preference) -> Result<(), StoreError> {
        self.thread.run(move |connection| Ok(preferences::save(connection, preference)?)).await
    }

    /// How many changes have not settled.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn unsettled_count(&self) -> Result<usize, StoreError> {
        self.thread.run(|connection| Ok(outbox::unsettled_count(connection)?)).await
    }

    /// Whether nothing waits, and nothing that was sent may still take the place of the last word.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn is_at_rest(&self) -> Result<bool, StoreError> {
        self.transact(Scope::default(), |outbox| judge::is_at_rest(outbox)).await
    }

    /// Forgets a part of what settled so long ago that nobody asks for it, by the server's time.
    /// Returns whether there may be more. Small enough for a tap to come in between.
    ///
    /// # Errors
    /// If nothing could be removed.
    pub async fn forget_some(&self, settled_before: UnixMillis) -> Result<bool, StoreError> {
        self.thread.run(move |connection| Ok(retention::step(connection, settled_before)?)).await
    }

    /// Writes something of no consequence, to find out whether anything can be written.
    ///
    /// # Errors
    /// Why nothing can.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.thread
            .run(|connection| {
                connection.execute("UPDATE profile SET id = 1 WHERE id = 1", [])?;
                Ok(())
            })
            .await
    }

    /// What SQLite says of the file: `ok`, or what is wrong with it.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.thread
            .run(|connection| {
                let mut statement = connection.prepare("PRAGMA quick_check(10)")?;
                let lines = statement.query_map([], |row| row.get(0))?;
                Ok(lines.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Closes the file. Other handles find it closed.
    pub async fn close(&self) {
        self.thread.close().await;
    }

    /// Removes everything of the profile from its folder, and the folder. Other handles find the
    /// file closed.
    ///
    /// # Errors
    /// If something could not be removed; the next try goes on with it.
    pub async fn wipe(&self) -> Result<Wiped, StoreError> {
        self.close().await;
        let folder = Arc::clone(&self.folder);
        let wiped = tokio::task::spawn_blocking(move || wipe::wipe(&folder)).await;
        wiped.map_err(|_| StoreError::Closed)?
    }
}

/// Writes down whose database this is, or checks that it is this profile's: a folder that was
/// copied to another place must not be sent to another server.
fn claim(connection: &Connection, profile: &ProfileId) -> Result<(), StoreError> {
    let known: Option<[String; 3]> = connection
        .query_row("SELECT origin, user_uuid, digest FROM profile WHERE id = 1", [], |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?])
        })
        .optional()?;
    let own =
        [profile.origin.to_string(), profile.user.to_string(), folder::profile_digest(profile)];
    match known {
        Some(known) if known == own => Ok(()),
        Some(known) if known[..2] != own[..2] && known[2] != own[2] => Err(StoreError::Foreign),
        // One of the two is damaged, or it was never written.
        _ => {
            connection.execute(
                "INSERT INTO profile (id, origin, user_uuid, digest) VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET origin = excluded.origin,
                     user_uuid = excluded.user_uuid, digest = excluded.digest",
                own,
            )?;
            Ok(())
        }
    }
}

/// Whose database a file is, as far as it tells.
pub(super) fn owner_in(connection: &Connection) -> Result<Option<(ProfileId, Owner)>, StoreError> {
    let found = connection
        .query_row("SELECT * FROM profile WHERE id = 1", [], |row| {
            let owner =
                Owner { username: row.get("username")?, is_signed_out: row.get("is_signed_out")? };
            Ok((rows::profile_id(row)?, owner))
        })
        .optional()?;
    Ok(found)
}
