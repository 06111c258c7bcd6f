//! The PIN of a profile: what it is checked against, and how often it was tried.
//!
//! The tries are a plain count that only a right PIN or the password sets back. No clock has a part
//! in it, so setting one back gains nothing; and a try is on the disk before it is checked, so
//! killing the app gains nothing either.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::domain::ids::ProfileId;

use super::super::error::StoreError;
use super::DeviceStore;

/// Leave to check a PIN once. The try is counted already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinTry {
    /// What the PIN is checked against.
    pub verifier: String,
    /// Tries so far, with this one.
    pub tries: u32,
}

impl DeviceStore {
    /// Sets what a profile's PIN is checked against from now on; `None` removes the PIN. Forgets
    /// the tries.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn set_pin(
        &self,
        profile: ProfileId,
        verifier: Option<String>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO protection (origin, user_uuid, secrets_in, pin_verifier)
                 VALUES (?1, ?2, 'file', ?3)
                 ON CONFLICT (origin, user_uuid) DO UPDATE SET
                     pin_verifier = excluded.pin_verifier, pin_tries = 0",
                params![profile.origin.to_string(), profile.user.to_string(), verifier],
            )
        })
        .await
    }

    /// Counts a try, durably, and gives leave to make it. `None` if there is no PIN, or if
    /// `tries_max` were made before.
    ///
    /// # Errors
    /// If nothing could be saved; the PIN must not be checked then.
    pub async fn begin_pin_try(
        &self,
        profile: ProfileId,
        tries_max: u32,
    ) -> Result<Option<PinTry>, StoreError> {
        self.thread.run(move |connection| Ok(count_try(connection, &profile, tries_max)?)).await
    }

    /// The PIN was right: the tries are forgotten.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn forget_pin_tries(&self, profile: ProfileId) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "UPDATE protection SET pin_tries = 0 WHERE origin = ?1 AND user_uuid = ?2",
                [profile.origin.to_string(), profile.user.to_string()],
            )
        })
        .await
    }
}

/// In a transaction of its own: a statement that returns rows is committed only when it is put away,
/// and then nobody hears of a disk that refuses.
fn count_try(
    connection: &mut Connection,
    profile: &ProfileId,
    tries_max: u32,
) -> rusqlite::Result<Option<PinTry>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let counted = transaction
        .query_row(
            "UPDATE protection SET pin_tries = pin_tries + 1
             WHERE origin = ?1 AND user_uuid = ?2 AND pin_verifier IS NOT NULL AND pin_tries < ?3
             RETURNING pin_verifier, pin_tries",
            params![profile.origin.to_string(), profile.user.to_string(), tries_max],
            |row| Ok(PinTry { verifier: row.get(0)?, tries: row.get(1)? }),
        )
        .optional()?;
    transaction.commit()?;
    Ok(counted)
}
