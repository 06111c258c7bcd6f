//! One device: its data folder, its configuration, and the profiles known on it.

mod neighbours;
mod signing;
mod trying;
mod unlocking;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{Config, check_cleartext};
use crate::domain::change::ChangeState;
use crate::domain::ids::ServerOrigin;
use crate::domain::judge::Rules;
use crate::domain::view::Storage;
use crate::error::{UserError, UserErrorKind};
use crate::glue::{GlueClient, GlueSettings};
use crate::session::secret_places::SecretPlaces;
use crate::store::{DeviceStore, KnownProfile, ProfileStore, StoreError, profile_folder};

use super::platform::{Platform, Watch};
use super::profile::Profile;

pub(super) use neighbours::{Neighbours, SharedServer};
pub use signing::SignedOut;
pub use unlocking::KnownUser;

/// The largest file of certificates read, in bytes.
const CA_FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The device, opened.
#[derive(Clone)]
pub struct Device {
    config: Arc<Config>,
    data_dir: PathBuf,
    platform: Arc<dyn Platform>,
    secrets: SecretPlaces,
    profiles: DeviceStore,
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

    /// Calls `on_change` when a process signs somebody in or out on this device.
    pub fn watch_sign_ins(&self, on_change: Box<dyn Fn() + Send + Sync>) -> Option<Watch> {
        self.platform.watch_others(&self.data_dir, on_change)
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
        match self.known_in_front().await? {
            Some(known) => self.open_profile(&known).map(Some),
            None => Ok(None),
        }
    }

    /// Who is in front on the configured server, without a look at their files.
    ///
    /// # Errors
    /// If nothing can be read, or no server is configured.
    pub async fn known_in_front(&self) -> Result<Option<KnownProfile>, UserError> {
        Ok(self.profiles.profile_in_front(&self.origin()?).await?)
    }

    /// The profile in front; an error if nobody is signed in.
    ///
    /// # Errors
    /// If nobody is, or nothing can be read.
    pub async fn signed_in_profile(&self) -> Result<Profile, UserError> {
        self.profile_in_front().await?.ok_or_else(|| UserErrorKind::NotSignedIn.into())
    }

    /// How the database of profiles is.
    pub fn storage(&self) -> Storage {
        if self.profiles.was_put_aside() { Storage::Recovered } else { Storage::Ok }
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
        let store = match ProfileStore::open(&folder, &known.profile) {
            Err(StoreError::Damaged(_)) => {
                // Another process has the damaged file open: it finds out, and lets go of it.
                self.platform.notify_others(&folder);
                ProfileStore::open(&folder, &known.profile)?
            }
            opened => opened?,
        };
        Ok(Profile {
            id: known.profile.clone(),
            username: known.username.clone(),
            store,
            folder,
            client: self.client(&known.profile.origin)?,
            neighbours: self.neighbours(&known.profile.origin),
            secrets_in: known.secrets_in,
            secrets: Arc::clone(self.secrets.store_in(known.secrets_in)),
            platform: Arc::clone(&self.platform),
            device_storage: self.storage(),
            rules: Rules {
                on_conflict: self.config.on_conflict.value,
                stale_after: self.config.stale_after.value,
                late_effect: self.config.late_effect.value,
            },
            sync_spread: self.config.sync_spread.value,
        })
    }

    /// Everybody on this device who is known on a server.
    fn neighbours(&self, origin: &ServerOrigin) -> Neighbours {
        Neighbours {
            origin: origin.clone(),
            profiles: self.profiles.clone(),
            data_dir: self.data_dir.clone(),
            platform: Arc::clone(&self.platform),
        }
    }

    /// The connection to a server, which need not be the configured one.
    fn client(&self, origin: &ServerOrigin) -> Result<GlueClient, UserError> {
        check_cleartext(origin, &self.config.cleartext_hosts.value)
            .map_err(|reason| UserError::new(UserErrorKind::AddressNotAllowed, reason))?;
        let extra_ca_pem = self.config.ca_file.value.as_deref().map(read_ca_file).transpose()?;
        let settings =
            GlueSettings { origin: origin.clone(), extra_ca_pem, limits: Default::default() };
        Ok(GlueClient::new(settings, self.platform.clock())?)
    }

    /// How many changes wait for servers that the device was set up for before.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn waiting_for_other_servers(&self) -> Result<usize, UserError> {
        let here = self.config.server_url.value.as_ref();
        let mut waiting = 0;
        for known in self.known_profiles().await? {
            if Some(&known.profile.origin) != here {
                waiting += self.unsettled_of(&known).await;
            }
        }
        Ok(waiting)
    }

    /// How many changes wait that are not those of the profile in front.
    ///
    /// # Errors
    /// If nothing can be read.
    pub async fn waiting_elsewhere(&self) -> Result<WaitingElsewhere, UserError> {
        let here = self.config.server_url.value.as_ref();
        let front = match here {
            Some(here) => self.profiles.profile_in_front(here).await?,
            None => None,
        };
        let front = front.map(|known| known.profile);
        let mut other_users = 0;
        for known in self.known_profiles().await? {
            if Some(&known.profile.origin) == here && Some(&known.profile) != front.as_ref() {
                other_users += self.unsettled_of(&known).await;
            }
        }
        let other_servers = self.waiting_for_other_servers().await?;
        Ok(WaitingElsewhere { other_servers, other_users })
    }
}

/// Changes that wait, and not in the profile in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingElsewhere {
    /// For a server that the device was set up for before.
    pub other_servers: usize,
    /// Of other users of the configured server.
    pub other_users: usize,
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
