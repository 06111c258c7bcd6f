//! Who is known on the device, and what it takes to open their profile without a network.

use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};

use crate::domain::ids::ProfileId;
use crate::domain::protection::{PIN_TRIES_MAX, PinRule, PinState, Unlock};
use crate::error::{UserError, UserErrorKind};
use crate::session::pin::{self, Pin, PinUnchecked, SALT_BYTES};
use crate::store::{KnownProfile, ProfileStore, SecretsIn, profile_folder};

use super::super::profile::Profile;
use super::Device;

/// A user of the configured server who is known on the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUser {
    /// Who.
    pub profile: ProfileId,
    /// The name typed at sign-in.
    pub username: String,
    /// What it takes to open their profile.
    pub unlock: Unlock,
    /// Whether they have a PIN.
    pub pin: PinState,
    /// Changes of theirs that have not settled.
    pub waiting: usize,
    /// Whether they signed out, and are here only for their last change.
    pub is_signing_out: bool,
}

impl Device {
    /// The users of the configured server, the last one who signed in first. The files of all but
    /// the one who is `open` already are opened for it.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn known_users(&self, open: Option<&Profile>) -> Result<Vec<KnownUser>, UserError> {
        let here = self.config.server_url.value.as_ref();
        let mut users = Vec::new();
        for known in self.known_profiles().await? {
            if Some(&known.profile.origin) == here {
                users.push(KnownUser {
                    unlock: self.unlock_of(&known),
                    pin: known.pin,
                    waiting: match open.filter(|open| *open.id() == known.profile) {
                        Some(open) => open.store().unsettled_count().await.unwrap_or_default(),
                        None => self.unsettled_of(&known).await,
                    },
                    profile: known.profile,
                    username: known.username,
                    is_signing_out: known.is_signing_out,
                });
            }
        }
        Ok(users)
    }

    /// How many changes of a profile have not settled. One that can't be read counts as none here;
    /// its owner is told when it is opened.
    pub(super) async fn unsettled_of(&self, known: &KnownProfile) -> usize {
        let folder = profile_folder(&self.data_dir, &known.profile);
        match ProfileStore::open(&folder, &known.profile) {
            Ok(store) => store.unsettled_count().await.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "a profile could not be looked at");
                0
            }
        }
    }

    /// What it takes to open a profile.
    pub(in crate::app) fn unlock_of(&self, known: &KnownProfile) -> Unlock {
        if known.is_signing_out {
            return Unlock::Password;
        }
        Unlock::by(self.config.pin.value, known.pin)
    }

    /// Opens a profile that is known, without a network, and puts it in front.
    ///
    /// # Errors
    /// If the PIN is wrong or was tried too often, or it takes the password, or the disk refuses.
    pub async fn unlock(&self, id: &ProfileId, pin: Option<Pin>) -> Result<Profile, UserError> {
        let Some(known) = self.known_profile(id).await? else {
            return Err(UserErrorKind::NotSignedIn.into());
        };
        match (self.unlock_of(&known), pin) {
            (Unlock::Tap, _) => {}
            (Unlock::Pin { .. }, Some(pin)) => self.check_pin(id, pin).await?,
            (Unlock::Pin { .. }, None) => return Err(UserErrorKind::PinWrong.into()),
            (Unlock::Password, _) => return Err(UserErrorKind::PinBlocked.into()),
        }
        let profile = self.open_profile(&known)?;
        self.profiles.set_front(known.profile).await?;
        Ok(profile)
    }

    /// Checks a PIN. The try is on the disk before it is made, and no clock has a part in it: neither
    /// killing the app nor setting a clock back gives another one.
    ///
    /// # Errors
    /// If it is wrong, was tried too often, or the try could not be counted.
    pub async fn check_pin(&self, id: &ProfileId, typed: Pin) -> Result<(), UserError> {
        let leave = self.profiles.begin_pin_try(id.clone(), PIN_TRIES_MAX).await?;
        let Some(leave) = leave else { return Err(UserErrorKind::PinBlocked.into()) };
        let is_right = blocking(move || pin::is_right(&typed, &leave.verifier)).await?;
        if is_right {
            return Ok(self.profiles.forget_pin_tries(id.clone()).await?);
        }
        let is_last = leave.tries >= PIN_TRIES_MAX;
        tracing::warn!(tries = leave.tries, "a wrong PIN");
        let kind = if is_last { UserErrorKind::PinBlocked } else { UserErrorKind::PinWrong };
        Err(kind.into())
    }

    /// Sets or removes a PIN. That the person at the device may do so was found out before.
    ///
    /// # Errors
    /// If the policy forbids it, or nothing could be saved.
    pub async fn set_pin(&self, id: &ProfileId, new: Option<Pin>) -> Result<(), UserError> {
        let is_allowed = match self.config.pin.value {
            PinRule::Optional => true,
            PinRule::Required => new.is_some(),
            PinRule::Off => false,
        };
        if !is_allowed {
            return Err(UserErrorKind::NotPossible.into());
        }
        let verifier = match new {
            Some(new) => {
                let salt = salt()?;
                Some(blocking(move || pin::verifier_of(&new, salt)).await?)
            }
            None => None,
        };
        Ok(self.profiles.set_pin(id.clone(), verifier).await?)
    }
}

impl Device {
    /// Has the person asked to unlock the keyring.
    ///
    /// # Errors
    /// If it stays locked.
    pub async fn ask_to_unlock_keyring(&self) -> Result<(), UserError> {
        let keyring = Arc::clone(self.secrets.store_in(SecretsIn::Keyring));
        let asked = tokio::task::spawn_blocking(move || keyring.ask_to_unlock()).await;
        Ok(asked.map_err(|_| UserError::internal("The keyring could not be asked."))??)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PinUnchecked> + Send + 'static,
) -> Result<T, UserError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|_| UserError::internal("The PIN could not be checked."))?;
    done.map_err(|error| {
        tracing::error!(%error, "a PIN could not be checked or set");
        UserError::internal("The PIN could not be checked.")
    })
}

fn salt() -> Result<[u8; SALT_BYTES], UserError> {
    let mut salt = [0; SALT_BYTES];
    SystemRandom::new()
        .fill(&mut salt)
        .map_err(|_| UserError::internal("The system gives no random numbers."))?;
    Ok(salt)
}
