//! The app in this process, on a folder of the test: everything but a window and a command line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wareswitch::app::Password;
use wareswitch::app::device::Device;
use wareswitch::app::profile::Profile;
use wareswitch::config::Config;
use wareswitch::domain::change::Origin;
use wareswitch::domain::ids::{Seq, ServerOrigin, WarehouseUuid};
use wareswitch::domain::outbox::Recorded;
use wareswitch::domain::protection::SecretStoreChoice;
use wareswitch::error::{UserError, UserErrorKind};
use wareswitch::platform::SystemPlatform;

use crate::support::{HARALD, PASSWORD, Server};

/// A number that a test was told, if it was.
pub(crate) fn told(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Opens the device in a folder, set up for the server.
pub(crate) fn open(server: &Server, folder: &Path) -> Result<Device, UserError> {
    let mut config = Config::default();
    config.server_url.value = ServerOrigin::parse(&server.origin()).ok();
    // Nobody's own keyring is asked for the sake of a test.
    config.secret_store.value = SecretStoreChoice::File;
    Device::open(config, folder.to_owned(), Arc::new(SystemPlatform::new()))
}

/// Signs Harald in and fetches his list.
pub(crate) async fn sign_in(device: &Device) -> Result<Profile, UserError> {
    let profile = device.sign_in(HARALD, Password::new(PASSWORD.into())).await?;
    let report = profile.run_round_after_sign_in().await?;
    if report.has_storage_failed {
        return Err(UserErrorKind::StorageFailed.into());
    }
    Ok(profile)
}

/// Taps a warehouse. The number of the change that waits for it then; `None` if it is so already.
pub(crate) async fn tap(
    profile: &Profile,
    warehouse: WarehouseUuid,
) -> Result<Option<Seq>, UserError> {
    match profile.switch_to(warehouse, Origin::Tap).await? {
        Recorded::New(seq) | Recorded::AlreadyWaiting(seq) | Recorded::DecidedMine(seq) => {
            Ok(Some(seq))
        }
        Recorded::AlreadySo | Recorded::DecidedTheirs(_) => Ok(None),
    }
}

/// Sends what waits. Storage that fails on the way is a failure of its own.
pub(crate) async fn sync(profile: &Profile) -> Result<(), UserError> {
    if profile.sync(None).await?.has_storage_failed {
        return Err(UserErrorKind::StorageFailed.into());
    }
    Ok(())
}

/// A copy of a device on which Harald is signed in and has his list.
pub(crate) fn signed_in(server: &Server) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let device = open(server, folder.path()).unwrap();
        sign_in(&device).await.unwrap();
    });
    folder
}

/// Makes a copy of a device.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target: PathBuf = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs something of the app to its end.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}
