//! Tokens as they are kept, and the place that keeps them.

use std::io;
use std::time::Duration;

use crate::domain::ids::ProfileId;
use crate::domain::time::Moment;
use crate::glue::{AccessToken, RefreshToken, Token};

/// How long before its end the worker is told that a token ends, and a new one is asked for where
/// the server may offer that.
const TOKEN_WARNING: Duration = Duration::from_secs(30 * 60);

/// A token with the moment from which its life is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// What every question carries.
    pub access: AccessToken,
    /// What a server with refresh takes for a new one.
    pub refresh: Option<RefreshToken>,
    /// How long it lives; `None` if the server didn't say.
    pub expires_in: Option<Duration>,
    /// When it came.
    pub received_at: Moment,
    /// Whether the server has said that it is over, whatever its lifetime.
    pub is_over: bool,
}

impl StoredToken {
    /// A token that just came.
    pub fn received(token: Token, at: Moment) -> Self {
        let Token { access, refresh, expires_in, user: _ } = token;
        Self { access, refresh, expires_in, received_at: at, is_over: false }
    }

    /// How long it lives on at most; `None` if the server didn't say.
    ///
    /// After a reboot without the server's time that can be too much, never too little: a token
    /// given up too early would keep the worker's wishes from being sent, one kept too long is
    /// refused by the server.
    pub fn remaining_at(&self, now: &Moment) -> Option<Duration> {
        let passed = self.received_at.elapsed_at_least(now);
        self.expires_in.map(|lifetime| lifetime.saturating_sub(passed))
    }

    /// Whether it may be sent: false once it is known to be over.
    pub fn is_usable_at(&self, now: &Moment) -> bool {
        !self.is_over && self.remaining_at(now).is_none_or(|left| !left.is_zero())
    }

    /// Whether only the user can go on from here, by signing in again: it is over, and the server is
    /// known not to give a new one for it.
    pub fn needs_sign_in_at(&self, now: &Moment) -> bool {
        self.refresh.is_none() && !self.is_usable_at(now)
    }

    /// Whether a new one should be asked for: it is over or will be soon, and the server may offer
    /// that.
    pub fn needs_renewal_at(&self, now: &Moment) -> bool {
        let ends_soon = self.remaining_at(now).is_some_and(|left| left <= self.warning());
        self.refresh.is_some() && (self.is_over || ends_soon)
    }

    /// How long before its end it is time to do something. Half its life at most where it can be
    /// renewed, so that short-lived ones are not renewed all the time.
    pub fn warning(&self) -> Duration {
        match (&self.refresh, self.expires_in) {
            (Some(_), Some(lifetime)) => TOKEN_WARNING.min(lifetime / 2),
            _ => TOKEN_WARNING,
        }
    }
}

/// Keeps tokens by profile. Implemented by the platform; its calls may block.
pub trait SecretStore: Send + Sync {
    /// The token of a profile, if one is kept.
    ///
    /// # Errors
    /// If the place can't be read, or holds something else.
    fn load(&self, profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError>;

    /// Keeps a token, in place of an earlier one. Durable when it returns.
    ///
    /// # Errors
    /// If the place can't be written.
    fn store(&self, profile: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError>;

    /// Removes a profile's token. Fine if there is none.
    ///
    /// # Errors
    /// If the place can't be written.
    fn forget(&self, profile: &ProfileId) -> Result<(), SecretStoreError>;

    /// Has the person asked to unlock the store, where it can be locked. The other calls never ask
    /// anybody anything.
    ///
    /// # Errors
    /// If it stays locked.
    fn ask_to_unlock(&self) -> Result<(), SecretStoreError> {
        Ok(())
    }
}

/// Why secrets could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum SecretStoreError {
    /// The disk, or the service behind the store, refused.
    #[error("the secrets can't be reached: {0}")]
    Io(#[from] io::Error),
    /// What is there can't be understood. It is never shown: it may hold half a secret.
    #[error("the kept secrets are damaged")]
    Damaged,
    /// The keyring is locked, and somebody has to unlock it.
    #[error("the keyring is locked")]
    Locked,
    /// It did not answer in time. What was asked of it may still happen.
    #[error("the keyring does not answer")]
    Slow,
    /// There is none.
    #[error("there is no keyring")]
    Missing,
    /// Anything else that is wrong with it.
    #[error("the keyring refused: {0}")]
    Failed(String),
}

impl SecretStoreError {
    /// Whether the store may work later without anything being lost: it is asked again.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Locked | Self::Slow | Self::Missing | Self::Failed(_))
    }
}
