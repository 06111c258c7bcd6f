//! One device: its data folder, its configuration, and the profiles known on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Config;
use crate::domain::change::ChangeState;
use crate::domain::ids::ServerOrigin;
use crate::domain::judge::Rules;
use crate::error::{UserError, UserErrorKind};
use crate::glue::{GlueClient, GlueSettings, Password};
use crate::session::secret_store::SecretStore;
use crate::session::sign_in::sign_in;
use crate::store::{DeviceStore, KnownProfile, ProfileStore, SecretsIn, profile_folder};

use super::platform::Platform;
use super::profile::Profile;

/// The largest file of certificates read, in bytes.
const CA_FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The device, opened.
#[derive(Clone)]
pub struct Device {
    config: Arc<Config>,
    data_dir: PathBuf,
    platform: Arc<dyn Platform>,
    secrets: Arc<dyn SecretStore>,
    profiles: DeviceStore,
}

/// What signing out came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Whether everything of the user is gone from this device.
    pub is_removed: bool,
    /// Changes that are sent first.
    pub waiting: usize,
}

impl Device {
    /// Opens what is kept in `data_dir`, which exists.
    ///
    /// # Errors
    /// If the database of profiles can't be opened.
    pub fn open(
        config: Config,
        data_dir: PathBuf,
        platform: Arc<dyn Platform>,
    ) -> Result<Self, UserError> {
        let profiles = DeviceStore::open(&data_dir)?;
        let secrets = platform.secrets(&data_dir);
        Ok(Self { config: Arc::new(config), data_dir, platform, secrets, profiles })
    }

    /// The same device with another configuration.
    #[must_use]
    pub fn with_config(&self, config: Config) -> Self {
        Self { config: Arc::new(config), ..self.clone() }
    }

    /// What is configured.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The doors to the device.
    pub fn platform(&self) -> &Arc<dyn Platform> {
        &self.platform
    }

    /// The server that the device is set up for.
    ///
    /// # Errors
    /// If there is none.
    pub fn origin(&self) -> Result<ServerOrigin, UserError> {
        self.config.server_url.value.clone().ok_or_else(|| {
            UserError::configuration(
                "No server address is set: use --server-url, WARESWITCH_SERVER_URL or the \
                 configuration file.",
            )
        })
    }

    /// The profile in front on the configured server.
    ///
    /// # Errors
    /// If nothing can be read, or no server is configured.
    pub async fn profile_in_front(&self) -> Result<Option<Profile>, UserError> {
        match self.profiles.profile_in_front(&self.origin()?).await? {
            Some(known) => self.open_profile(&known).map(Some),
            None => Ok(None),
        }
    }

    /// The profile in front; an error if nobody is signed in.
    ///
    /// # Errors
    /// If nobody is, or nothing can be read.
    pub async fn signed_in_profile(&self) -> Result<Profile, UserError> {
        self.profile_in_front().await?.ok_or_else(|| UserErrorKind::NotSignedIn.into())
    }

    /// All profiles known on this device, whatever their server.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn known_profiles(&self) -> Result<Vec<KnownProfile>, UserError> {
        Ok(self.profiles.known_profiles().await?)
    }

    /// Opens a profile.
    ///
    /// # Errors
    /// If its database can't be opened, or its connection can't be set up.
    pub fn open_profile(&self, known: &KnownProfile) -> Result<Profile, UserError> {
        let folder = profile_folder(&self.data_dir, &known.profile);
        Ok(Profile {
            id: known.profile.clone(),
            username: known.username.clone(),
            store: ProfileStore::open(&folder, &known.profile)?,
            folder,
            client: self.client(&known.profile.origin)?,
            secrets: Arc::clone(&self.secrets),
            platform: Arc::clone(&self.platform),
            rules: Rules {
                on_conflict: self.config.on_conflict.value,
                stale_after: self.config.stale_after.value,
                late_effect: self.config.late_effect.value,
            },
            sync_spread: self.config.sync_spread.value,
        })
    }

    fn client(&self, origin: &ServerOrigin) -> Result<GlueClient, UserError> {
        let extra_ca_pem = self.config.ca_file.value.as_deref().map(read_ca_file).transpose()?;
        let settings =
            GlueSettings { origin: origin.clone(), extra_ca_pem, limits: Default::default() };
        Ok(GlueClient::new(settings, self.platform.clock())?)
    }

    /// Signs a user in, keeps the token, and puts their profile in front. Nothing is fetched yet.
    ///
    /// # Errors
    /// If the server refuses or can't be reached, or nothing can be kept.
    pub async fn sign_in(&self, username: &str, password: Password) -> Result<Profile, UserError> {
        let client = self.client(&self.origin()?)?;
        let signed_in = sign_in(&client, username, password).await?;
        let known = KnownProfile {
            profile: signed_in.profile,
            username: username.to_owned(),
            secrets_in: SecretsIn::File,
            signed_in_at: Some(signed_in.token.received_at),
            is_signing_out: false,
        };
        let profile = self.open_profile(&known)?;
        self.profiles.put_profile(known.clone()).await?;
        profile.keep_token(signed_in.token).await?;
        self.profiles.set_front(known.profile).await?;
        Ok(profile)
    }

    /// Signs a user out, and removes everything of theirs unless a change waits: until that is
    /// settled the profile stays on the device, out of sight. With `discard` it is given up.
    ///
    /// # Errors
    /// If nothing can be saved.
    pub async fn sign_out(&self, profile: &Profile, discard: bool) -> Result<SignedOut, UserError> {
        if discard {
            profile.discard_all().await?;
        }
        let waiting = profile.store().unsettled_count().await?;
        self.profiles.clear_front(profile.id().origin.clone()).await?;
        if waiting > 0 {
            self.profiles.set_signing_out(profile.id().clone(), true).await?;
            return Ok(SignedOut { is_removed: false, waiting });
        }
        self.forget(profile).await?;
        Ok(SignedOut { is_removed: true, waiting: 0 })
    }

    /// Removes everything of a user from this device.
    ///
    /// # Errors
    /// If something can't be removed; what is left is removed by the next try.
    pub async fn forget(&self, profile: &Profile) -> Result<(), UserError> {
        let (secrets, id) = (Arc::clone(&self.secrets), profile.id().clone());
        let forgotten = tokio::task::spawn_blocking(move || secrets.forget(&id)).await;
        forgotten.map_err(|_| UserError::internal("The secrets could not be removed."))??;
        profile.store().clone().close().await;
        let removed = std::fs::remove_dir_all(profile.folder());
        if let Err(error) = removed
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the folder of a signed-out user could not be removed");
            return Err(UserErrorKind::StorageFailed.into());
        }
        self.profiles.forget(profile.id().clone()).await?;
        Ok(())
    }

    /// How many changes wait for a server other than the configured one.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn waiting_for_other_servers(&self) -> Result<usize, UserError> {
        let here = self.config.server_url.value.as_ref();
        let mut waiting = 0;
        for known in self.known_profiles().await? {
            if Some(&known.profile.origin) != here {
                waiting += self.open_profile(&known)?.store().unsettled_count().await?;
            }
        }
        Ok(waiting)
    }

    /// Signs those profiles out for good that were only waiting for their last change.
    ///
    /// # Errors
    /// If nothing can be read or removed.
    pub async fn finish_sign_outs(&self) -> Result<(), UserError> {
        for known in self.known_profiles().await? {
            if known.is_signing_out {
                let profile = self.open_profile(&known)?;
                if profile.store().unsettled_count().await? == 0 {
                    self.forget(&profile).await?;
                }
            }
        }
        Ok(())
    }

    /// The profiles that are gone from sight but have a change to send.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn profiles_signing_out(&self) -> Result<Vec<Profile>, UserError> {
        let known = self.known_profiles().await?;
        known
            .iter()
            .filter(|known| known.is_signing_out)
            .map(|known| self.open_profile(known))
            .collect()
    }
}

/// What stands in question, waits or was rejected, by count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Changes that wait to be sent, or are on their way.
    pub waiting: usize,
    /// Open questions.
    pub needs_decision: usize,
    /// Rejections that nobody has acknowledged.
    pub rejected_unseen: usize,
}

impl Counts {
    /// Counts a profile's changes.
    pub fn of<'a>(changes: impl IntoIterator<Item = &'a crate::domain::change::Change>) -> Self {
        let mut counts = Self::default();
        for change in changes {
            match change.state {
                ChangeState::Queued | ChangeState::Sending => counts.waiting += 1,
                ChangeState::NeedsDecision => counts.needs_decision += 1,
                ChangeState::Rejected if !change.is_seen => counts.rejected_unseen += 1,
                _ => {}
            }
        }
        counts
    }
}

fn read_ca_file(path: &Path) -> Result<Vec<u8>, UserError> {
    use std::io::Read;
    let unreadable = |error: std::io::Error| {
        UserError::configuration(format!("The file of ca_file can't be read: {error}."))
    };
    let mut pem = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(CA_FILE_BYTES_MAX).read_to_end(&mut pem).map_err(unreadable)?;
    Ok(pem)
}
