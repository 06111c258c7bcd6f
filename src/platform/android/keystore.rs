//! Tokens in Android's Keystore: encrypted by a key that the device's hardware keeps, where it can,
//! and that never leaves it. What is encrypted is in the app's own preferences, written before the
//! call returns. Where the Keystore lost its key (a device that was set up anew), a token is damaged
//! and the worker signs in again.

use std::collections::HashMap;

use android_native_keyring_store::by_store::Store;
use keyring_core::api::CredentialStoreApi as _;
use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use crate::domain::ids::ProfileId;
use crate::session::secret_store::{SecretStore, SecretStoreError, StoredToken};
use crate::session::secret_text::SecretText;

/// The name of the preferences that hold what is encrypted.
const STORE: &str = "wareswitch";
/// The longest secret that is read, in bytes: a token has a few kilobytes.
const SECRET_BYTES_MAX: usize = 256 * 1024;

/// The Keystore, for this app alone.
#[derive(Clone, Copy, Debug)]
pub struct Keystore;

/// The place of a profile's token.
fn entry(profile: &ProfileId) -> Result<Entry, SecretStoreError> {
    let store =
        Store::new_with_configuration(&HashMap::from([("name", STORE)])).map_err(failure)?;
    store.build(&profile.origin.to_string(), &profile.user.to_string(), None).map_err(failure)
}

impl SecretStore for Keystore {
    fn load(&self, profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError> {
        let secret = match entry(profile)?.get_secret() {
            Ok(secret) => Zeroizing::new(secret),
            Err(Error::NoEntry) => return Ok(None),
            Err(error) => return Err(failure(error)),
        };
        if secret.len() > SECRET_BYTES_MAX {
            return Err(SecretStoreError::Damaged);
        }
        Ok(Some(StoredToken::from(&SecretText::from_json(&secret)?)))
    }

    fn store(&self, profile: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError> {
        let secret = SecretText::from(token).to_json()?;
        entry(profile)?.set_secret(&secret).map_err(failure)
    }

    fn forget(&self, profile: &ProfileId) -> Result<(), SecretStoreError> {
        match entry(profile)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }
}

/// Errors of the store can repeat what they were about, so that only their kind is told.
fn failure(error: Error) -> SecretStoreError {
    match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => {
            SecretStoreError::Damaged
        }
        Error::NoStorageAccess(_) => SecretStoreError::Failed("the Keystore can't be used".into()),
        _ => SecretStoreError::Failed("the Keystore refused".into()),
    }
}
