//! The shape in which a token is kept, in a file or in a keyring. Its texts are overwritten when
//! dropped.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::StoredMoment;
use crate::glue::{AccessToken, RefreshToken};

use super::secret_store::{SecretStoreError, StoredToken};

/// A token as JSON has it.
#[derive(Serialize, Deserialize)]
pub struct SecretText {
    access_token: Zeroizing<String>,
    refresh_token: Option<Zeroizing<String>>,
    expires_in_ms: Option<u64>,
    received_at: StoredMoment,
    is_over: bool,
}

impl SecretText {
    /// Reads what [`SecretText::to_json`] wrote.
    ///
    /// # Errors
    /// If it is something else.
    pub fn from_json(json: &[u8]) -> Result<Self, SecretStoreError> {
        serde_json::from_slice(json).map_err(|_| SecretStoreError::Damaged)
    }

    /// The text to keep.
    ///
    /// # Errors
    /// None that can happen with plain members.
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, SecretStoreError> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(|_| SecretStoreError::Damaged)
    }
}

impl From<&StoredToken> for SecretText {
    fn from(token: &StoredToken) -> Self {
        let kept = |text: &str| Zeroizing::new(text.to_owned());
        Self {
            access_token: kept(token.access.expose()),
            refresh_token: token.refresh.as_ref().map(|refresh| kept(refresh.expose())),
            expires_in_ms: token
                .expires_in
                .map(|lifetime| u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX)),
            received_at: StoredMoment::from(&token.received_at),
            is_over: token.is_over,
        }
    }
}

impl From<&SecretText> for StoredToken {
    fn from(text: &SecretText) -> Self {
        let refresh = text.refresh_token.as_ref();
        Self {
            access: AccessToken::new(text.access_token.as_str().to_owned()),
            refresh: refresh.map(|refresh| RefreshToken::new(refresh.as_str().to_owned())),
            expires_in: text.expires_in_ms.map(Duration::from_millis),
            received_at: text.received_at.into(),
            is_over: text.is_over,
        }
    }
}
