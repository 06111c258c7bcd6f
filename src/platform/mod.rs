//! The device: clocks, folders, locks, secrets, network events. Implements the traits that `app`,
//! `session` and `sync` declare, and is handed to them as values by `main`.
//!
//! | module | is |
//! |---|---|
//! | [`boot_clock`] | time that goes on in suspend |
//! | [`folders`] | where data and configuration are |
//! | [`durable_file`] | a small file that is old or new, never half |
//! | [`file_lock`] | the right to send, which dies with its process |
//! | [`log_file`] | a log on the disk with a limit |
//! | [`secret_file`] | tokens in a file that only this user can read |
//! | [`no_keyring`] | what is there for tokens where there is no keyring |
//! | [`time_zone`] | which zone the device is set to |
//! | [`tone`] | the sounds, computed |
//! | [`wake`] | telling other processes that something was recorded |
//! | `android` | scans by broadcast, the network, the Keystore, and the door to Java |
//! | `linux` | hints that a network came or went, or that the device woke up |

#[cfg(any(target_os = "android", test))]
pub mod android;
pub mod boot_clock;
pub mod durable_file;
pub mod file_lock;
pub mod folders;
#[cfg(target_os = "linux")]
pub mod linux;
pub mod log_file;
pub mod no_keyring;
pub mod secret_file;
pub mod time_zone;
pub mod tone;
pub mod wake;

use std::path::Path;
use std::sync::Arc;

use crate::app::feedback::Feedback;
use crate::app::platform::{DeviceEvent, Platform, Watch};
use crate::clock::SharedClock;
use crate::session::patient_store::{PATIENCE, PatientStore};
use crate::session::secret_places::SecretPlaces;
use crate::session::secret_store::SecretStore;
use crate::sync::ports::SenderLock;

use boot_clock::BootClock;
use file_lock::FileSenderLock;
use secret_file::SecretFile;

#[cfg(all(target_os = "linux", feature = "keyring"))]
fn keyring(data_dir: &Path) -> Arc<dyn SecretStore> {
    Arc::new(linux::keyring::Keyring::for_folder(data_dir))
}

#[cfg(target_os = "android")]
fn keyring(_data_dir: &Path) -> Arc<dyn SecretStore> {
    Arc::new(android::keystore::Keystore)
}

#[cfg(not(any(target_os = "android", all(target_os = "linux", feature = "keyring"))))]
fn keyring(_data_dir: &Path) -> Arc<dyn SecretStore> {
    Arc::new(no_keyring::NoKeyring)
}

/// A device whose loudspeaker and motor are not known how to use.
#[cfg(not(any(target_os = "android", target_os = "linux")))]
struct NoFeedback;

#[cfg(not(any(target_os = "android", target_os = "linux")))]
impl Feedback for NoFeedback {
    fn give(&self, _signal: crate::app::feedback::Signal, _volume: u8) {}
}

/// The device that this process runs on.
pub struct SystemPlatform {
    clock: SharedClock,
}

impl SystemPlatform {
    /// Opens the doors to the device.
    pub fn new() -> Self {
        Self { clock: Arc::new(BootClock::new()) }
    }
}

impl Default for SystemPlatform {
    fn default() -> Self {
        Self::new()
    }
}

impl Platform for SystemPlatform {
    fn clock(&self) -> SharedClock {
        Arc::clone(&self.clock)
    }

    fn secrets(&self, data_dir: &Path) -> SecretPlaces {
        SecretPlaces {
            file: Arc::new(SecretFile::in_folder(data_dir)),
            keyring: Arc::new(PatientStore::new(keyring(data_dir), PATIENCE)),
        }
    }

    #[cfg(target_os = "linux")]
    fn feedback(&self) -> Arc<dyn Feedback> {
        Arc::new(linux::feedback::LinuxFeedback::of_this_device())
    }

    #[cfg(target_os = "android")]
    fn feedback(&self) -> Arc<dyn Feedback> {
        Arc::new(android::feedback::Motor)
    }

    #[cfg(not(any(target_os = "android", target_os = "linux")))]
    fn feedback(&self) -> Arc<dyn Feedback> {
        Arc::new(NoFeedback)
    }

    fn sender_lock(&self, profile_folder: &Path) -> Arc<dyn SenderLock> {
        Arc::new(FileSenderLock::in_folder(profile_folder))
    }

    fn notify_others(&self, profile_folder: &Path) {
        wake::notify_others(profile_folder);
    }

    fn watch_others(
        &self,
        profile_folder: &Path,
        on_recorded: Box<dyn Fn() + Send + Sync>,
    ) -> Option<Watch> {
        wake::watch(profile_folder, on_recorded)
    }

    #[cfg(target_os = "linux")]
    fn watch_device(&self, on_event: Box<dyn Fn(DeviceEvent) + Send + Sync>) -> Option<Watch> {
        Some(linux::watch(Arc::from(on_event)))
    }

    #[cfg(target_os = "android")]
    fn watch_device(&self, on_event: Box<dyn Fn(DeviceEvent) + Send + Sync>) -> Option<Watch> {
        Some(android::java::watch_networks(Arc::from(on_event)))
    }

    #[cfg(not(any(target_os = "android", target_os = "linux")))]
    fn watch_device(&self, _on_event: Box<dyn Fn(DeviceEvent) + Send + Sync>) -> Option<Watch> {
        None
    }
}
