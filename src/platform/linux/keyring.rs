//! The keyring of the desktop: the Secret Service, spoken over the session bus.
//!
//! A connection is made for each question, since tokens are read seldom and a keyring may be
//! restarted at any time. Everything here may hang with the service; [`PatientStore`] limits that.
//!
//! [`PatientStore`]: crate::session::patient_store::PatientStore

use std::collections::HashMap;
use std::io;
use std::path::Path;

use secret_service::blocking::{Collection, Item, SecretService};
use secret_service::{EncryptionType, Error};
use zbus::fdo;
use zeroize::Zeroizing;

use crate::domain::ids::ProfileId;
use crate::session::secret_store::{SecretStore, SecretStoreError, StoredToken};
use crate::session::secret_text::SecretText;

/// What people see of an item in their keyring's own window.
const LABEL: &str = "Wareswitch: a worker's sign-in";
const CONTENT_TYPE: &str = "application/json";
/// The longest secret that is read, in bytes: a token has a few kilobytes.
const SECRET_BYTES_MAX: usize = 256 * 1024;

/// The default collection of the Secret Service. Others, such as `session`, forget at log-out.
#[derive(Clone, Debug)]
pub struct Keyring {
    data_dir: String,
}

impl Keyring {
    /// The keyring, for what is kept in a data folder: each has secrets of its own.
    pub fn for_folder(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_string_lossy().into_owned() }
    }

    /// Asks the service something about a profile's items.
    fn ask<T>(
        &self,
        profile: &ProfileId,
        question: impl FnOnce(&SecretService<'_>, HashMap<&str, &str>) -> Result<T, SecretStoreError>,
    ) -> Result<T, SecretStoreError> {
        let (origin, user) = (profile.origin.to_string(), profile.user.to_string());
        let attributes = HashMap::from([
            ("application", "wareswitch"),
            ("data-dir", self.data_dir.as_str()),
            ("origin", origin.as_str()),
            ("user", user.as_str()),
        ]);
        question(&connect()?, attributes)
    }
}

fn connect() -> Result<SecretService<'static>, SecretStoreError> {
    SecretService::connect(EncryptionType::Dh).map_err(failure)
}

/// The collection that is kept; where there is none yet, nobody has set a keyring up.
fn default_collection<'a>(
    service: &'a SecretService<'a>,
) -> Result<Collection<'a>, SecretStoreError> {
    match service.get_default_collection() {
        Err(Error::NoResult) => Err(SecretStoreError::Missing),
        found => found.map_err(failure),
    }
}

/// Whoever asks must not be asked back: a locked keyring says so instead of showing a prompt.
fn unlocked_collection<'a>(
    service: &'a SecretService<'a>,
) -> Result<Collection<'a>, SecretStoreError> {
    let collection = default_collection(service)?;
    if collection.is_locked().map_err(failure)? {
        return Err(SecretStoreError::Locked);
    }
    Ok(collection)
}

fn items<'a>(
    service: &'a SecretService<'a>,
    attributes: HashMap<&str, &str>,
) -> Result<Vec<Item<'a>>, SecretStoreError> {
    // A locked keyring may hide its items, which must not look as if there were none.
    unlocked_collection(service)?;
    let found = service.search_items(attributes).map_err(failure)?;
    if found.unlocked.is_empty() && !found.locked.is_empty() {
        return Err(SecretStoreError::Locked);
    }
    Ok(found.unlocked)
}

impl SecretStore for Keyring {
    fn load(&self, profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError> {
        self.ask(profile, |service, attributes| {
            let Some(item) = items(service, attributes)?.into_iter().next() else {
                return Ok(None);
            };
            let secret = Zeroizing::new(item.get_secret().map_err(failure)?);
            if secret.len() > SECRET_BYTES_MAX {
                return Err(SecretStoreError::Damaged);
            }
            Ok(Some(StoredToken::from(&SecretText::from_json(&secret)?)))
        })
    }

    fn store(&self, profile: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError> {
        let secret = SecretText::from(token).to_json()?;
        self.ask(profile, |service, attributes| {
            let collection = unlocked_collection(service)?;
            let is_replaced = true;
            collection
                .create_item(LABEL, attributes, &secret, is_replaced, CONTENT_TYPE)
                .map(drop)
                .map_err(failure)
        })
    }

    fn forget(&self, profile: &ProfileId) -> Result<(), SecretStoreError> {
        self.ask(profile, |service, attributes| {
            for item in items(service, attributes)? {
                item.delete().map_err(failure)?;
            }
            Ok(())
        })
    }

    fn ask_to_unlock(&self) -> Result<(), SecretStoreError> {
        let service = connect()?;
        default_collection(&service)?.unlock().map_err(failure)
    }
}

fn failure(error: Error) -> SecretStoreError {
    match error {
        Error::Unavailable => SecretStoreError::Missing,
        Error::Locked | Error::Prompt | Error::PromptDisconnected => SecretStoreError::Locked,
        Error::Crypto(_) => SecretStoreError::Failed("its answer can't be read".into()),
        Error::Zbus(error) if is_nobody_there(&error) => SecretStoreError::Missing,
        Error::ZbusFdo(fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_)) => {
            SecretStoreError::Missing
        }
        other => SecretStoreError::Failed(other.to_string()),
    }
}

/// No bus, or nobody on it who keeps secrets.
fn is_nobody_there(error: &zbus::Error) -> bool {
    match error {
        // There is nothing at an address of a kind that is not spoken here, either.
        zbus::Error::Address(_) => true,
        zbus::Error::InputOutput(error) | zbus::Error::Connection(error, _) => matches!(
            error.kind(),
            io::ErrorKind::NotFound
                | io::ErrorKind::ConnectionRefused
                | io::ErrorKind::PermissionDenied
        ),
        zbus::Error::FDO(error) => {
            matches!(**error, fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_))
        }
        zbus::Error::MethodError(name, ..) => matches!(
            name.as_str(),
            "org.freedesktop.DBus.Error.ServiceUnknown"
                | "org.freedesktop.DBus.Error.NameHasNoOwner"
        ),
        _ => false,
    }
}
