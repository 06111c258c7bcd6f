//! The keyring of a device that has none, or of a program that was built without it.

use crate::domain::ids::ProfileId;
use crate::session::secret_store::{SecretStore, SecretStoreError, StoredToken};

/// Says that it is not there, whatever it is asked.
#[derive(Clone, Copy, Debug)]
pub struct NoKeyring;

impl SecretStore for NoKeyring {
    fn load(&self, _profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError> {
        Err(SecretStoreError::Missing)
    }

    fn store(&self, _profile: &ProfileId, _token: &StoredToken) -> Result<(), SecretStoreError> {
        Err(SecretStoreError::Missing)
    }

    fn forget(&self, _profile: &ProfileId) -> Result<(), SecretStoreError> {
        Err(SecretStoreError::Missing)
    }

    fn ask_to_unlock(&self) -> Result<(), SecretStoreError> {
        Err(SecretStoreError::Missing)
    }
}
