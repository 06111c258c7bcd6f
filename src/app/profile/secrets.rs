//! Keeping a profile's token, and whether the place where it is kept answers.

use std::sync::Arc;

use crate::error::UserError;
use crate::session::secret_store::{SecretStoreError, StoredToken};

use super::Profile;

/// Whether a profile's secrets can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretsState {
    /// They can.
    Ok,
    /// The keyring is locked.
    Locked,
    /// The keyring does not answer.
    Slow,
    /// The keyring that they are in is not there.
    Missing,
    /// What is there can't be understood; signing in again mends it.
    Damaged,
    /// The place refuses in some other way.
    Failed,
}

impl SecretsState {
    /// The name that scripts see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Locked => "locked",
            Self::Slow => "slow",
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::Failed => "failed",
        }
    }
}

impl From<&SecretStoreError> for SecretsState {
    fn from(error: &SecretStoreError) -> Self {
        match error {
            SecretStoreError::Locked => Self::Locked,
            SecretStoreError::Slow => Self::Slow,
            SecretStoreError::Missing => Self::Missing,
            SecretStoreError::Damaged => Self::Damaged,
            SecretStoreError::Io(_) | SecretStoreError::Failed(_) => Self::Failed,
        }
    }
}

impl Profile {
    /// The token, if there is one. Damaged secrets are none: signing in again mends them.
    ///
    /// # Errors
    /// If the secret store refuses.
    pub async fn token(&self) -> Result<Option<StoredToken>, UserError> {
        Ok(self.read_token().await?)
    }

    /// The same, for who tells the ways apart in which a store refuses.
    ///
    /// # Errors
    /// If the secret store refuses.
    pub async fn read_token(&self) -> Result<Option<StoredToken>, SecretStoreError> {
        let (secrets, id) = (Arc::clone(&self.secrets), self.id.clone());
        let loaded = tokio::task::spawn_blocking(move || secrets.load(&id)).await;
        match loaded.unwrap_or(Err(SecretStoreError::Slow)) {
            Err(error @ SecretStoreError::Damaged) => {
                tracing::warn!(%error, "the user must sign in again");
                Ok(None)
            }
            loaded => loaded,
        }
    }

    /// Whether the profile's secrets can be had now.
    pub async fn secrets_state(&self) -> SecretsState {
        let (secrets, id) = (Arc::clone(&self.secrets), self.id.clone());
        match tokio::task::spawn_blocking(move || secrets.load(&id)).await {
            Ok(Ok(_)) => SecretsState::Ok,
            Ok(Err(error)) => SecretsState::from(&error),
            Err(_) => SecretsState::Failed,
        }
    }

    /// Keeps a new token.
    ///
    /// # Errors
    /// If the secret store refuses.
    pub async fn keep_token(&self, token: StoredToken) -> Result<(), UserError> {
        let (secrets, id) = (Arc::clone(&self.secrets), self.id.clone());
        let saved = tokio::task::spawn_blocking(move || secrets.store(&id, &token)).await;
        Ok(saved.map_err(|_| UserError::internal("The secrets could not be kept."))??)
    }
}
