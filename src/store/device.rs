//! `device.db`: which users of which servers are known on this device, and who is in front.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::ids::{ProfileId, ServerOrigin, UserUuid};
use crate::domain::time::Moment;

use super::connection::Schema;
use super::error::StoreError;
use super::rows;
use super::thread::StoreThread;

/// Which store holds a profile's secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretsIn {
    /// The file `secrets`, readable by this user alone.
    File,
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
}

/// The device's database. Handles are cheap; the file is closed with the last.
#[derive(Clone, Debug)]
pub struct DeviceStore {
    thread: StoreThread,
}

impl DeviceStore {
    /// Opens the database in the data folder, creating both if need be. Blocks.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { thread: StoreThread::open(data_dir.to_owned(), Schema::Device, |_| Ok(()))? })
    }

    /// All profiles, the last user first.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn known_profiles(&self) -> Result<Vec<KnownProfile>, StoreError> {
        self.thread
            .run(|connection| {
                let known = connection
                    .prepare_cached("SELECT * FROM profile ORDER BY last_used DESC")?
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
                    .prepare_cached(
                        "SELECT profile.* FROM profile JOIN front USING (origin, user_uuid)
                         WHERE origin = ?1",
                    )?
                    .query_row([origin], known_profile)
                    .optional()?;
                Ok(known)
            })
            .await
    }

    /// Adds a profile, or puts it in the place of what was known of it.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn put_profile(&self, known: KnownProfile) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO profile (origin, user_uuid, username, secrets_in, signed_in_at,
                                      is_signing_out, last_used)
                 VALUES (?1, ?2, ?3, 'file', ?4, ?5,
                         (SELECT coalesce(max(last_used), 0) + 1 FROM profile))
                 ON CONFLICT (origin, user_uuid) DO UPDATE SET
                     username = excluded.username, secrets_in = excluded.secrets_in,
                     signed_in_at = excluded.signed_in_at,
                     is_signing_out = excluded.is_signing_out, last_used = excluded.last_used",
                params![
                    known.profile.origin.to_string(),
                    known.profile.user.to_string(),
                    known.username,
                    known.signed_in_at.as_ref().map(rows::moment_text),
                    known.is_signing_out,
                ],
            )
        })
        .await
    }

    /// Puts a known profile in front on its server.
    ///
    /// # Errors
    /// If it is not known, or nothing could be saved.
    pub async fn set_front(&self, profile: ProfileId) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "INSERT OR REPLACE INTO front (origin, user_uuid) VALUES (?1, ?2)",
                [profile.origin.to_string(), profile.user.to_string()],
            )
        })
        .await
    }

    /// Nobody is in front on this server any more.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn clear_front(&self, origin: ServerOrigin) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute("DELETE FROM front WHERE origin = ?1", [origin.to_string()])
        })
        .await
    }

    /// Notes that a profile is to be forgotten once its last change has settled, or not.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn set_signing_out(
        &self,
        profile: ProfileId,
        is_signing_out: bool,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "UPDATE profile SET is_signing_out = ?3 WHERE origin = ?1 AND user_uuid = ?2",
                params![profile.origin.to_string(), profile.user.to_string(), is_signing_out],
            )
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

fn known_profile(row: &Row<'_>) -> rusqlite::Result<KnownProfile> {
    let origin: String = row.get("origin")?;
    let origin = ServerOrigin::parse(&origin).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(KnownProfile {
        profile: ProfileId { origin, user: UserUuid::new(rows::uuid(row, "user_uuid")?) },
        username: row.get("username")?,
        secrets_in: SecretsIn::File,
        signed_in_at: rows::moment_some(row, "signed_in_at")?,
        is_signing_out: row.get("is_signing_out")?,
    })
}
