//! What the benchmarks work on: devices with a server, and lists of any length.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use wareswitch::app::Password;
use wareswitch::app::device::Device;
use wareswitch::app::profile::Profile;
use wareswitch::config::Config;
use wareswitch::domain::assignment::{Assignment, AssignmentList, Snapshot, Warehouse};
use wareswitch::domain::ids::{AssignmentId, ServerOrigin, WarehouseUuid};
use wareswitch::domain::protection::SecretStoreChoice;
use wareswitch::domain::time::{BootId, Moment, UnixMillis};
use wareswitch::platform::SystemPlatform;
use wareswitch::sandbox::{SAMPLE_PASSWORD, Seed, SeedAssignment, SeedUser, SeedWarehouse};

/// The worker of the benchmarks.
const WORKER: &str = "harald@spryker.com";

/// The lengths of lists that are measured.
pub(crate) const LENGTHS: [usize; 3] = [10, 1_000, 10_000];

/// A folder on the disk that holds the build, which is a real one; `/tmp` may be in memory.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// A runtime as the app has it.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A server on which one worker has this many warehouses, active in the first.
pub(crate) fn seed(count: usize) -> Seed {
    let worker = Uuid::from_u128(7);
    let warehouses = (0..count).map(|number| SeedWarehouse {
        uuid: Some(*warehouse(number).as_uuid()),
        name: name(number),
        is_active: true,
    });
    let assignments = (0..count).map(|number| SeedAssignment {
        uuid: Some(*assignment(number).id.as_uuid()),
        user_uuid: worker,
        warehouse_uuid: *warehouse(number).as_uuid(),
        is_active: number == 0,
    });
    let user = SeedUser {
        uuid: Some(worker),
        username: WORKER.into(),
        password: SAMPLE_PASSWORD.into(),
        first_name: "Harald".into(),
        last_name: "Schmidt".into(),
        is_warehouse_user: true,
        is_active: true,
        mfa: None,
    };
    Seed { users: vec![user], warehouses: warehouses.collect(), assignments: assignments.collect() }
}

/// Signs the worker in on a device in this folder, and fetches the list.
pub(crate) async fn sign_in(origin: &str, folder: &Path) -> Profile {
    let mut config = Config::default();
    config.server_url.value = ServerOrigin::parse(origin).ok();
    config.secret_store.value = SecretStoreChoice::File;
    let platform = Arc::new(SystemPlatform::new());
    let device = Device::open(config, folder.to_owned(), platform).unwrap();
    let profile = device.sign_in(WORKER, Password::new(SAMPLE_PASSWORD.into())).await.unwrap();
    profile.run_round_after_sign_in().await.unwrap();
    profile
}

/// The file of the one profile on a device.
pub(crate) fn database(profile: &Profile) -> PathBuf {
    profile.folder().join("state.db")
}

/// The name of a warehouse; all are of the length that they have in a shop.
pub(crate) fn name(number: usize) -> String {
    format!("Spryker MER{number:06} Warehouse {}", number % 7)
}

/// The warehouse with this number.
pub(crate) fn warehouse(number: usize) -> WarehouseUuid {
    WarehouseUuid::new(Uuid::from_u128(1_000_000 + number as u128))
}

fn assignment(number: usize) -> Assignment {
    Assignment {
        id: AssignmentId::new(Uuid::from_u128(9_000_000 + number as u128)),
        warehouse: Warehouse { uuid: warehouse(number), name: name(number), is_active: true },
        is_active: number == 0,
    }
}

/// This many seconds after the device was switched on.
pub(crate) fn at(second: u64) -> Moment {
    Moment {
        boot_id: BootId(Uuid::from_u128(1)),
        since_boot: Duration::from_secs(second),
        server: Some(UnixMillis(1_795_600_800_000).plus(Duration::from_secs(second))),
        wall: UnixMillis(0),
    }
}

/// A list as a server told it in second ten.
pub(crate) fn list(count: usize) -> AssignmentList {
    AssignmentList::new((0..count).map(assignment).collect(), at(10), at(10))
}

/// The same, as it is kept.
pub(crate) fn snapshot(count: usize) -> Arc<Snapshot> {
    let assignments = list(count).assignments().to_vec();
    Arc::new(Snapshot { assignments, fetched_at: at(10) })
}
