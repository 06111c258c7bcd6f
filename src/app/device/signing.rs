//! Signing in and out. Each step leaves the device in a state from which the next start goes on.

use std::sync::Arc;

use crate::domain::ids::ProfileId;
use crate::domain::protection::PinState;
use crate::error::{UserError, UserErrorKind};
use crate::glue::Password;
use crate::session::sign_in::{SignInError, SignedIn, sign_in};
use crate::store::{KnownProfile, Owner, SecretsIn, Wiped};

use super::super::profile::Profile;
use super::Device;

/// What signing out came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Whether everything of the user is gone from this device.
    pub is_removed: bool,
    /// Changes that are sent first.
    pub waiting: usize,
}

impl Device {
    /// Signs a user in, keeps the token, and puts their profile in front: theirs whom the token
    /// names, who need not be the one that was typed. Nothing is fetched yet.
    ///
    /// # Errors
    /// If the server refuses, wants to be left alone or can't be reached, or nothing can be kept; then
    /// all is as before.
    pub async fn sign_in(&self, username: &str, password: Password) -> Result<Profile, UserError> {
        let SignedIn { profile: id, token } = self.ask_for_token(username, password).await?;
        let before = self.known_profile(&id).await?;
        let secrets_in = self.choose_place(&id, before.as_ref()).await?;
        let known = KnownProfile {
            profile: id,
            username: username.to_owned(),
            secrets_in,
            signed_in_at: Some(token.received_at),
            is_signing_out: false,
            pin: PinState::None,
        };
        let profile = self.open_profile(&known)?;
        // First the token: a profile must not be said to be where none of its secrets are.
        profile.keep_token(token).await?;
        let owner = Owner { username: username.to_owned(), is_signed_out: false };
        profile.store().set_owner(owner).await?;
        self.profiles.sign_in(known).await?;
        if let Some(before) = before.filter(|before| before.secrets_in != secrets_in) {
            self.forget_secrets(&before.profile, before.secrets_in).await;
        }
        self.platform.notify_others(&self.data_dir);
        Ok(profile)
    }

    async fn ask_for_token(
        &self,
        username: &str,
        password: Password,
    ) -> Result<SignedIn, UserError> {
        let origin = self.origin()?;
        let (client, neighbours) = (self.client(&origin)?, self.neighbours(&origin));
        if let Some(wait) = neighbours.retry_after().await {
            let seconds = wait.as_secs().max(1);
            let message = format!("The server wants to be left alone for {seconds} s.");
            return Err(UserError::new(UserErrorKind::ServerTrouble, message));
        }
        let signed_in = sign_in(&client, username, password).await;
        if let Err(SignInError::Failure(failure)) = &signed_in {
            neighbours.heed(&Err::<(), _>(failure.clone()), None).await;
        }
        Ok(signed_in?)
    }

    /// What is known of a profile.
    pub(in crate::app) async fn known_profile(
        &self,
        id: &ProfileId,
    ) -> Result<Option<KnownProfile>, UserError> {
        let known = self.known_profiles().await?;
        Ok(known.into_iter().find(|known| known.profile == *id))
    }

    async fn choose_place(
        &self,
        id: &ProfileId,
        before: Option<&KnownProfile>,
    ) -> Result<SecretsIn, UserError> {
        // Of a profile that was only found again it is not known where its secrets were.
        let before = before.filter(|known| known.signed_in_at.is_some());
        let before = before.map(|known| known.secrets_in);
        let (places, choice) = (self.secrets.clone(), self.config.secret_store.value);
        let id = id.clone();
        let chosen = tokio::task::spawn_blocking(move || places.choose(choice, &id, before)).await;
        Ok(chosen.map_err(|_| UserError::internal("No place for the secrets was found."))??)
    }

    /// Signs a user out, and removes everything of theirs unless a change waits, or something sent
    /// before may still take the place of their last word: until then the profile stays on the
    /// device, out of sight. With `discard` all that is given up.
    ///
    /// # Errors
    /// If nothing can be saved.
    pub async fn sign_out(&self, profile: &Profile, discard: bool) -> Result<SignedOut, UserError> {
        if discard {
            profile.discard_all().await?;
        }
        let owner = Owner { username: profile.username().to_owned(), is_signed_out: true };
        profile.store().set_owner(owner).await?;
        self.profiles.begin_sign_out(profile.id().clone()).await?;
        self.platform.notify_others(&self.data_dir);
        self.platform.notify_others(profile.folder());
        let waiting = profile.store().unsettled_count().await?;
        let is_done = waiting == 0 && (discard || profile.store().is_at_rest().await?);
        if !is_done {
            return Ok(SignedOut { is_removed: false, waiting });
        }
        self.forget(profile).await?;
        Ok(SignedOut { is_removed: true, waiting: 0 })
    }

    /// Removes everything of a user from this device. False if something is still in use or out of
    /// reach; what is left is removed by the next try.
    ///
    /// # Errors
    /// If something can't be removed; what is left is removed by the next try.
    pub async fn forget(&self, profile: &Profile) -> Result<bool, UserError> {
        let is_forgotten = self.forget_secrets(profile.id(), profile.secrets_in()).await;
        // Known until the file is gone too, which the next start sees to.
        let is_removed = profile.store().wipe().await? == Wiped::Removed;
        let is_gone = is_forgotten && is_removed;
        if is_gone {
            self.profiles.forget(profile.id().clone()).await?;
            // Another process may still show them.
            self.platform.notify_others(&self.data_dir);
        }
        Ok(is_gone)
    }

    /// Removes a profile's secrets; false if the place refuses.
    async fn forget_secrets(&self, id: &ProfileId, place: SecretsIn) -> bool {
        let (store, id) = (Arc::clone(self.secrets.store_in(place)), id.clone());
        let forgotten = tokio::task::spawn_blocking(move || store.forget(&id)).await;
        match forgotten {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the secrets of a user could not be removed yet");
                false
            }
            Err(_) => false,
        }
    }

    /// Signs those profiles out for good that were only waiting for their last change to be safe.
    /// False if something of one of them is left for the next try.
    ///
    /// # Errors
    /// If nothing can be read or removed.
    pub async fn finish_sign_outs(&self) -> Result<bool, UserError> {
        let mut are_gone = true;
        for known in self.known_profiles().await? {
            if known.is_signing_out {
                let profile = self.open_profile(&known)?;
                if profile.store().is_at_rest().await? {
                    are_gone &= self.forget(&profile).await?;
                }
            }
        }
        Ok(are_gone)
    }

    /// The profiles that are not in front and have something to send, or to look after: of people who
    /// signed out or handed the device over, and of servers that the device was set up for before.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn profiles_to_send_for(
        &self,
        front: Option<&ProfileId>,
    ) -> Result<Vec<Profile>, UserError> {
        let mut profiles = Vec::new();
        for known in self.known_profiles().await? {
            if Some(&known.profile) == front {
                continue;
            }
            match self.open_profile(&known) {
                Ok(profile) if !profile.store().is_at_rest().await? => profiles.push(profile),
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "nothing can be sent for a profile"),
            }
        }
        Ok(profiles)
    }
}
