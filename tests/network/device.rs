//! The device: the app as it runs behind the window, with the real platform.

use std::cell::RefCell;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use wareswitch::app::Password;
use wareswitch::app::device::Device as Opened;
use wareswitch::app::host::{Host, Parts};
use wareswitch::app::state::{AppState, Command, Progress};
use wareswitch::config::Config;
use wareswitch::domain::change::Origin;
use wareswitch::domain::ids::{ServerOrigin, WarehouseUuid};
use wareswitch::domain::protection::SecretStoreChoice;
use wareswitch::domain::time::Moment;
use wareswitch::platform::SystemPlatform;
use wareswitch::sandbox::SAMPLE_PASSWORD;

use super::cable;

/// Longer than anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(120);
/// The next timer must lie further ahead than this before the network comes back.
const TIMER_FAR: Duration = Duration::from_secs(150);

pub(crate) struct Device {
    host: Host,
    states: mpsc::Receiver<Arc<AppState>>,
    latest: RefCell<Arc<AppState>>,
    _folder: tempfile::TempDir,
}

impl Device {
    /// Harald signs in on a device that is new to him.
    pub(crate) fn signed_in(server: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let mut config = Config::default();
        config.server_url.value = Some(ServerOrigin::parse(server).expect("an address"));
        // The cable is ours, from end to end.
        config.cleartext_hosts.value = vec![cable::SERVER.to_owned()];
        // Nobody's own keyring is asked for the sake of a test.
        config.secret_store.value = SecretStoreChoice::File;
        config.sync_spread.value = Duration::from_millis(200);
        let (publish, states) = mpsc::channel();
        let (data_dir, opened) = (folder.path().to_owned(), config.clone());
        let (host, first) = Host::start(Parts {
            config: config.clone(),
            platform: Arc::new(SystemPlatform::new()),
            open: Box::new(move || {
                Opened::open(opened.clone(), data_dir.clone(), Arc::new(SystemPlatform::new()))
            }),
            outside: Box::new(move |_: &ServerOrigin| Ok(config.clone())),
            demo: None,
            publish: Box::new(move |state| {
                // After the last scene nobody looks any more.
                let _ = publish.send(state);
            }),
        })
        .expect("the app starts");
        let device =
            Self { host, states, latest: RefCell::new(first.wait().unwrap()), _folder: folder };
        device.host.send(Command::SignIn {
            username: "harald@spryker.com".into(),
            password: Password::new(SAMPLE_PASSWORD.into()),
        });
        device.sees("the list after the sign-in", |state| {
            assert!(!matches!(state.sign_in, Progress::Failed(_)), "{:?}", state.sign_in);
            state.profile.as_ref().is_some_and(|profile| profile.snapshot.is_some())
        });
        device
    }

    /// A change is recorded without a network, and goes by itself once it is back.
    pub(crate) fn loses_and_regains_its_network(&self, name: &str, connect: fn(bool)) {
        connect(false);
        let warehouse = self.taps_a_warehouse_that_is_not_active();
        self.tries_until_the_next_timer_is_far_ahead();

        connect(true);
        let since = Instant::now();
        self.sees(&format!("'{name}': what waited is confirmed"), |state| {
            active(state) == Some(warehouse) && !is_waiting(state)
        });

        println!(
            "{name}: what waited was confirmed {:?} after the network was back",
            since.elapsed()
        );
    }

    fn taps_a_warehouse_that_is_not_active(&self) -> WarehouseUuid {
        let state = self.latest.borrow().clone();
        let profile = state.profile.as_ref().expect("somebody is signed in");
        let snapshot = profile.snapshot.as_ref().expect("there is a list");
        let warehouse = snapshot
            .assignments
            .iter()
            .find(|row| row.warehouse.is_active && Some(row.warehouse.uuid) != active(&state))
            .expect("another open warehouse")
            .warehouse
            .uuid;
        self.host.send(Command::Activate { warehouse, origin: Origin::Tap });
        self.sees("the tap is recorded", is_waiting);
        warehouse
    }

    /// Each try that finds nobody makes the next timer later, by chance more or less.
    fn tries_until_the_next_timer_is_far_ahead(&self) {
        let mut failures = 0;
        loop {
            let state = self.sees("a try fails", |state| server_failures(state) > failures);
            if next_timer(&state).is_some_and(|wait| wait > TIMER_FAR) {
                return;
            }
            failures = server_failures(&state);
            self.host.send(Command::SendNow);
        }
    }

    /// Waits until the app shows what is asked for, and returns that state.
    fn sees(&self, what: &str, is_so: impl Fn(&AppState) -> bool) -> Arc<AppState> {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let state =
                self.states.recv_timeout(left).unwrap_or_else(|_| panic!("never seen: {what}"));
            self.latest.replace(Arc::clone(&state));
            if is_so(&state) {
                return state;
            }
        }
    }
}

/// The warehouse that the server last said is active.
fn active(state: &AppState) -> Option<WarehouseUuid> {
    let snapshot = state.profile.as_ref()?.snapshot.as_ref()?;
    snapshot.assignments.iter().find(|row| row.is_active).map(|row| row.warehouse.uuid)
}

fn is_waiting(state: &AppState) -> bool {
    state.profile.as_ref().is_some_and(|profile| profile.waiting().is_some())
}

fn server_failures(state: &AppState) -> u32 {
    state.profile.as_ref().map_or(0, |profile| profile.sync.server_failures)
}

fn next_timer(state: &AppState) -> Option<Duration> {
    let until: Moment = state.profile.as_ref()?.sync.backoff_until?;
    Some(until.remaining_at(&state.now, PATIENCE * 10))
}
