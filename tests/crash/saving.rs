//! What a worker sees while nothing can be saved, and when something can again.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use clap::Parser;
use wareswitch::app::host::{Host, Parts};
use wareswitch::app::state::{AppState, Command, NoticeKind};
use wareswitch::cli::args::Cli;
use wareswitch::config::Config;
use wareswitch::domain::change::Origin;
use wareswitch::domain::ids::{ServerOrigin, WarehouseUuid};
use wareswitch::domain::view::Storage;
use wareswitch::error::UserErrorKind;
use wareswitch::launch::outside::OnThisDevice;
use wareswitch::platform::SystemPlatform;

use crate::disk::{Disk, Fault, Plan};
use crate::support::Server;
use crate::world;

/// The limit only ends a test that failed.
const PATIENCE: Duration = Duration::from_secs(30);

fn start(server: &Server, folder: &Path) -> (Host, mpsc::Receiver<Arc<AppState>>) {
    let mut config = Config::default();
    config.server_url.value = ServerOrigin::parse(&server.origin()).ok();
    let (see, seen) = mpsc::channel();
    let (folder, opened) = (folder.to_owned(), config.clone());
    let global = Cli::parse_from(["wareswitch"]).global;
    let outside = OnThisDevice { global, data_dir: folder.clone() };
    let platform = Arc::new(SystemPlatform::new());
    let parts = Parts {
        config,
        platform: Arc::clone(&platform) as _,
        open: Box::new(move || {
            let platform = Arc::clone(&platform) as _;
            wareswitch::app::device::Device::open(opened.clone(), folder.clone(), platform)
        }),
        outside: Box::new(outside),
        demo: None,
        publish: Box::new(move |state| {
            // Nobody may be interested any more.
            let _ = see.send(state);
        }),
    };
    let (host, first) = Host::start(parts).unwrap();
    first.wait().unwrap();
    (host, seen)
}

fn wait_until(seen: &mpsc::Receiver<Arc<AppState>>, is_so: impl Fn(&AppState) -> bool) {
    while !is_so(&seen.recv_timeout(PATIENCE).expect("waited in vain")) {}
}

fn storage(state: &AppState) -> Option<Storage> {
    state.profile.as_ref().map(|profile| profile.storage)
}

#[test]
fn a_window_says_that_nothing_can_be_saved_for_as_long_as_that_is_so() {
    for (fault, kind) in [
        (Fault::Full, UserErrorKind::StorageFull),
        (Fault::Io, UserErrorKind::StorageFailed),
        (Fault::ReadOnly, UserErrorKind::StorageReadOnly),
    ] {
        let server = Server::start();
        let folder = world::signed_in(&server);
        let warehouse = WarehouseUuid::new(server.warehouse("Warehouse1"));
        server.control().set_offline(true);
        let disk = Disk::watch(folder.path());
        let (host, seen) = start(&server, folder.path());
        let tap = || host.send(Command::Activate { warehouse, origin: Origin::Tap });

        disk.fail(Some(Plan { fault, at: 1, lasts: true }));
        tap();
        wait_until(&seen, |state| {
            let refused = Some(NoticeKind::NotAccepted(kind));
            let told = state.notice.as_ref().map(|notice| notice.kind);
            told == refused && storage(state) == Some(Storage::Failed)
        });

        disk.fail(None);
        wait_until(&seen, |state| storage(state) == Some(Storage::Ok));
        tap();
        wait_until(&seen, |state| {
            state.profile.as_ref().is_some_and(|profile| profile.waiting().is_some())
        });
        disk.leave_alone();
    }
}
