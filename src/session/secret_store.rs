//! Where tokens are kept. Never a database, a configuration or a log.

use std::time::Duration;

use crate::domain::ids::ProfileId;
use crate::domain::time::Moment;
use crate::glue::{AccessToken, RefreshToken, Token};

/// How long before its end the worker is told that the token ends.
pub const TOKEN_WARNING: Duration = Duration::from_secs(30 * 60);

/// A token with the moment it came. Its lifetime counts from there: the device's calendar may be
/// wrong (contract section 2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// For the requests.
    pub access: AccessToken,
    /// For a new one, where the server offers that.
    pub refresh: Option<RefreshToken>,
    /// How long it lasts; `None` if the server did not say.
    pub expires_in: Option<Duration>,
    /// When it came.
    pub received_at: Moment,
    /// Whether the server has said that it is over, whatever its lifetime.
    pub is_over: bool,
}

impl StoredToken {
    /// A token that came just now.
    pub fn received(token: Token, received_at: Moment) -> Self {
        Self {
            access: token.access,
            refresh: token.refresh,
            expires_in: token.expires_in,
            received_at,
            is_over: false,
        }
    }

    /// How long it lasts still, at most; `None` if the server did not say.
    pub fn remaining_at(&self, now: &Moment) -> Option<Duration> {
        let passed = self.received_at.elapsed_at_least(now);
        self.expires_in.map(|lifetime| lifetime.saturating_sub(passed))
    }

    /// Whether it is not known to be over.
    pub fn is_usable_at(&self, now: &Moment) -> bool {
        !self.is_over && self.remaining_at(now).is_none_or(|remaining| !remaining.is_zero())
    }
}

/// Why secrets could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum SecretStoreError {
    /// The disk refused.
    #[error("the secrets can't be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// What is there can't be understood.
    #[error("the file of the secrets is damaged")]
    Damaged,
}

/// Keeps each profile's token. Calls may block.
pub trait SecretStore: Send + Sync {
    /// The token of a profile, if there is one.
    ///
    /// # Errors
    /// If it can't be read.
    fn load(&self, profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError>;

    /// Puts a token in the place of the old one, durably.
    ///
    /// # Errors
    /// If it can't be written; the old one is kept then.
    fn store(&self, profile: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError>;

    /// Removes a profile's token.
    ///
    /// # Errors
    /// If that can't be written.
    fn forget(&self, profile: &ProfileId) -> Result<(), SecretStoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::at;

    const EIGHT_HOURS: u64 = 8 * 3600;

    fn token(expires_in: Option<Duration>) -> StoredToken {
        StoredToken {
            access: AccessToken::new("secret".into()),
            refresh: None,
            expires_in,
            received_at: at(100),
            is_over: false,
        }
    }

    #[test]
    fn a_token_lasts_as_long_as_the_server_said_counted_from_its_receipt() {
        let token = token(Some(Duration::from_secs(EIGHT_HOURS)));

        assert!(token.is_usable_at(&at(100 + EIGHT_HOURS - 1)));
        assert!(!token.is_usable_at(&at(100 + EIGHT_HOURS)));
        assert_eq!(token.remaining_at(&at(160)), Some(Duration::from_secs(EIGHT_HOURS - 60)));
    }

    #[test]
    fn a_token_without_a_lifetime_is_used_until_the_server_refuses_it() {
        assert!(token(None).is_usable_at(&at(1_000_000_000)));
    }
}
