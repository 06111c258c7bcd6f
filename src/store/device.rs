//! `device.db`: which users of which servers are known on this device, and who is in front.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::ids::{ProfileId, ServerOrigin};
use crate::domain::protection::PinState;
use crate::domain::time::Moment;

use super::connection::Schema;
use super::error::StoreError;
use super::folder::{self, profile_folder};
use super::profile::owner_in;
use super::thread::StoreThread;
use super::{opening, put_aside, rows};

mod protection;

pub use protection::PinTry;

/// Which store holds a profile's secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretsIn {
    /// The file `secrets`, readable by this user alone.
    File,
    /// The keyring of the desktop (Secret Service).
    Keyring,
}

impl SecretsIn {
    /// The name, in the database and for scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keyring => "keyring",
        }
    }
}

/// A user of a server who signed in on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownProfile {
    /// Who, and on which server.
    pub profile: ProfileId,
    /// The name typed at sign-in.
    pub username: String,
    /// Where their secrets are.
    pub secrets_in: SecretsIn,
    /// When they last signed in, if that is known.
    pub signed_in_at: Option<Moment>,
    /// Whether they are out of sight, to be forgotten once the last change has settled.
    pub is_signing_out: bool,
    /// Their PIN.
    pub pin: PinState,
}

/// The columns of a [`KnownProfile`].
const KNOWN: &str = "SELECT profile.*, protection.secrets_in AS place,
                            protection.pin_verifier IS NOT NULL AS has_pin,
                            coalesce(protection.pin_tries, 0) AS pin_tries
                     FROM profile LEFT JOIN protection USING (origin, user_uuid)";

/// The device's database. Handles are cheap; the file is closed with the last.
#[derive(Clone, Debug)]
pub struct DeviceStore {
    thread: StoreThread,
    data_dir: Arc<Path>,
}

impl DeviceStore {
    /// Opens the database in the data folder, creating both if need be. Blocks.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let check = Box::new(|_: &mut Connection| Ok(()));
        let thread = StoreThread::open(data_dir.to_owned(), Schema::Device, check)?;
        Ok(Self { thread, data_dir: data_dir.into() })
    }

    /// Whether a damaged file was put aside and still lies there.
    pub fn was_put_aside(&self) -> bool {
        put_aside::is_there(&self.data_dir, Schema::Device)
    }

    /// All profiles, the last user first.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn known_profiles(&self) -> Result<Vec<KnownProfile>, StoreError> {
        self.thread
            .run(|connection| {
                let known = connection
                    .prepare_cached(&format!("{KNOWN} ORDER BY last_used DESC"))?
                    .query_map([], known_profile)?
                    .collect::<rusqlite::Result<Vec<_>>>()?;
                Ok(known)
            })
            .await
    }

    /// The profile in front on a server.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn profile_in_front(
        &self,
        origin: &ServerOrigin,
    ) -> Result<Option<KnownProfile>, StoreError> {
        let origin = origin.to_string();
        self.thread
            .run(move |connection| {
                let known = connection
                    .prepare_cached(&format!(
                        "{KNOWN} JOIN front USING (origin, user_uuid) WHERE origin = ?1"
                    ))?
                    .query_row([origin], known_profile)
                    .optional()?;
                Ok(known)
            })
            .await
    }

    /// Adds a profile of somebody who gave their password, or puts it in the place of what was known
    /// of it, and puts it in front. A PIN that they had stays, and may be tried again.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn sign_in(&self, known: KnownProfile) -> Result<(), StoreError> {
        self.thread
            .run(move |connection| {
                let transaction = connection.transaction()?;
                put(&transaction, &known)?;
                put_in_front(&transaction, &known.profile)?;
                Ok(transaction.commit()?)
            })
            .await
    }

    /// Puts a known profile in front on its server.
    ///
    /// # Errors
    /// If it is not known, or nothing could be saved.
    pub async fn set_front(&self, profile: ProfileId) -> Result<(), StoreError> {
        self.write(move |connection| put_in_front(connection, &profile)).await
    }

    /// Takes a profile out of sight, to be forgotten once its last change has settled. From here on
    /// the sign-out is finished, by this process or the next.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn begin_sign_out(&self, profile: ProfileId) -> Result<(), StoreError> {
        let key = (profile.origin.to_string(), profile.user.to_string());
        self.thread
            .run(move |connection| {
                let transaction = connection.transaction()?;
                for statement in [
                    "UPDATE profile SET is_signing_out = 1 WHERE origin = ?1 AND user_uuid = ?2",
                    "DELETE FROM front WHERE origin = ?1 AND user_uuid = ?2",
                ] {
                    transaction.execute(statement, params![key.0, key.1])?;
                }
                Ok(transaction.commit()?)
            })
            .await
    }

    /// Forgets a profile.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn forget(&self, profile: ProfileId) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "DELETE FROM profile WHERE origin = ?1 AND user_uuid = ?2",
                [profile.origin.to_string(), profile.user.to_string()],
            )
        })
        .await
    }

    async fn write(
        &self,
        job: impl FnOnce(&Connection) -> rusqlite::Result<usize> + Send + 'static,
    ) -> Result<(), StoreError> {
        self.thread
            .run(move |connection| {
                job(connection)?;
                Ok(())
            })
            .await
    }
}

fn put(connection: &Connection, known: &KnownProfile) -> rusqlite::Result<()> {
    let (origin, user) = (known.profile.origin.to_string(), known.profile.user.to_string());
    connection.execute(
        "INSERT INTO profile (origin, user_uuid, username, secrets_in, signed_in_at,
                              is_signing_out, last_used)
         VALUES (?1, ?2, ?3, 'file', ?4, ?5,
                 (SELECT coalesce(max(last_used), 0) + 1 FROM profile))
         ON CONFLICT (origin, user_uuid) DO UPDATE SET
             username = excluded.username, signed_in_at = excluded.signed_in_at,
             is_signing_out = excluded.is_signing_out, last_used = excluded.last_used",
        params![
            origin,
            user,
            known.username,
            known.signed_in_at.as_ref().map(rows::moment_text),
            known.is_signing_out,
        ],
    )?;
    connection.execute(
        "INSERT INTO protection (origin, user_uuid, secrets_in) VALUES (?1, ?2, ?3)
         ON CONFLICT (origin, user_uuid) DO UPDATE SET
             secrets_in = excluded.secrets_in, pin_tries = 0",
        params![origin, user, known.secrets_in.as_str()],
    )?;
    Ok(())
}

fn put_in_front(connection: &Connection, profile: &ProfileId) -> rusqlite::Result<usize> {
    connection.execute(
        "INSERT OR REPLACE INTO front (origin, user_uuid) VALUES (?1, ?2)",
        [profile.origin.to_string(), profile.user.to_string()],
    )
}

fn known_profile(row: &Row<'_>) -> rusqlite::Result<KnownProfile> {
    Ok(KnownProfile {
        profile: rows::profile_id(row)?,
        username: row.get("username")?,
        secrets_in: match row.get::<_, Option<String>>("place")?.as_deref() {
            Some("keyring") => SecretsIn::Keyring,
            _ => SecretsIn::File,
        },
        signed_in_at: rows::moment_some(row, "signed_in_at")?,
        is_signing_out: row.get("is_signing_out")?,
        pin: if row.get("has_pin")? {
            PinState::Set { tries: row.get("pin_tries")? }
        } else {
            PinState::None
        },
    })
}

/// Writes down again who is known, from what the profiles' own folders say. Who is already there
/// is left alone. Where a server has only one user who has not signed out, they are in front, as
/// they most likely were: without a network they could not sign in again, and would stand there.
pub(super) fn rebuild(connection: &mut Connection, data_dir: &Path) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    for folder in folder::profile_folders(data_dir) {
        match opening::open(&folder, Schema::State).and_then(|state| owner_in(&state.connection)) {
            Ok(Some((profile, owner))) if folder == profile_folder(data_dir, &profile) => {
                transaction.execute(
                    "INSERT OR IGNORE INTO profile (origin, user_uuid, username, secrets_in,
                                                    is_signing_out, last_used)
                     VALUES (?1, ?2, ?3, 'file', ?4, 0)",
                    params![
                        profile.origin.to_string(),
                        profile.user.to_string(),
                        owner.username,
                        owner.is_signed_out,
                    ],
                )?;
            }
            Ok(_) => tracing::warn!("a folder that no profile has is left alone"),
            Err(error) => tracing::error!(%error, "a profile could not be looked at"),
        }
    }
    transaction.execute(
        "INSERT OR IGNORE INTO front (origin, user_uuid)
         SELECT origin, user_uuid FROM profile WHERE is_signing_out = 0
         GROUP BY origin HAVING count(*) = 1",
        [],
    )?;
    Ok(transaction.commit()?)
}
