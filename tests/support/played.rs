//! The device: the app as it runs behind the window, with clock, keyring and sounds played.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::{Duration, Instant};

use wareswitch::app::device::Device as Opened;
use wareswitch::app::feedback::{Feedback, Signal};
use wareswitch::app::host::{Host, Parts};
use wareswitch::app::platform::{DeviceEvent, Platform, Watch};
use wareswitch::app::state::{AppState, Command, Progress};
use wareswitch::app::{Password, Pin};
use wareswitch::clock::{Clock, SharedClock};
use wareswitch::config::Config;
use wareswitch::domain::change::Origin;
use wareswitch::domain::ids::{ProfileId, ServerOrigin};
use wareswitch::domain::protection::SecretStoreChoice;
use wareswitch::domain::time::{Reading, UnixMillis};
use wareswitch::platform::SystemPlatform;
use wareswitch::session::patient_store::PatientStore;
use wareswitch::session::secret_places::SecretPlaces;
use wareswitch::session::secret_store::{SecretStore, SecretStoreError, StoredToken};
use wareswitch::sync::ports::SenderLock;
use zeroize::Zeroizing;

use super::{PASSWORD, Server};

/// Longer than anything here takes; only a failure waits for it.
const LIMIT: Duration = Duration::from_secs(120);

/// The real clock, moved.
pub(crate) struct PlayedClock {
    real: SharedClock,
    moved: Mutex<(Duration, i64)>,
}

impl PlayedClock {
    /// Lets time pass, as in a suspend.
    pub(crate) fn pass(&self, time: Duration) {
        self.moved.lock().unwrap().0 += time;
    }

    /// Sets the calendar back.
    pub(crate) fn set_calendar_back(&self, time: Duration) {
        self.moved.lock().unwrap().1 -= i64::try_from(time.as_millis()).unwrap();
    }
}

impl Clock for PlayedClock {
    fn read(&self) -> Reading {
        let (passed, calendar) = *self.moved.lock().unwrap();
        let real = self.real.read();
        Reading {
            since_boot: real.since_boot + passed,
            wall: UnixMillis(real.wall.plus(passed).0 + calendar),
            ..real
        }
    }
}

/// What the keyring does when it is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Work,
    Hang,
    Locked,
    Missing,
}

/// A keyring in memory, which outlives the app.
pub(crate) struct PlayedKeyring {
    played: Mutex<(Behaviour, HashMap<ProfileId, StoredToken>)>,
    changed: Condvar,
}

impl PlayedKeyring {
    pub(crate) fn behave(&self, behaviour: Behaviour) {
        self.played.lock().unwrap().0 = behaviour;
        self.changed.notify_all();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.played.lock().unwrap().1.is_empty()
    }

    fn ask<T>(
        &self,
        answer: impl FnOnce(&mut HashMap<ProfileId, StoredToken>) -> T,
    ) -> Result<T, SecretStoreError> {
        let played = self.played.lock().unwrap();
        let mut played =
            self.changed.wait_while(played, |played| played.0 == Behaviour::Hang).unwrap();
        match played.0 {
            Behaviour::Locked => Err(SecretStoreError::Locked),
            Behaviour::Missing => Err(SecretStoreError::Missing),
            Behaviour::Work | Behaviour::Hang => Ok(answer(&mut played.1)),
        }
    }
}

impl SecretStore for PlayedKeyring {
    fn load(&self, profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError> {
        self.ask(|tokens| tokens.get(profile).cloned())
    }

    fn store(&self, profile: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError> {
        self.ask(|tokens| drop(tokens.insert(profile.clone(), token.clone())))
    }

    fn forget(&self, profile: &ProfileId) -> Result<(), SecretStoreError> {
        self.ask(|tokens| drop(tokens.remove(profile)))
    }

    fn ask_to_unlock(&self) -> Result<(), SecretStoreError> {
        let mut played = self.played.lock().unwrap();
        if played.0 == Behaviour::Locked {
            played.0 = Behaviour::Work;
        }
        Ok(())
    }
}

/// What was given to ear and hand, with its volume.
#[derive(Default)]
pub(crate) struct Heard(Mutex<Vec<(Signal, u8)>>);

impl Heard {
    /// Everything since the last call.
    pub(crate) fn take(&self) -> Vec<(Signal, u8)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Feedback for Heard {
    fn give(&self, signal: Signal, volume: u8) {
        self.0.lock().unwrap().push((signal, volume));
    }
}

struct PlayedPlatform {
    real: SystemPlatform,
    clock: Arc<PlayedClock>,
    keyring: Arc<PlayedKeyring>,
    heard: Arc<Heard>,
}

impl Platform for PlayedPlatform {
    fn clock(&self) -> SharedClock {
        Arc::clone(&self.clock) as _
    }

    fn secrets(&self, data_dir: &Path) -> SecretPlaces {
        let keyring = Arc::clone(&self.keyring) as Arc<dyn SecretStore>;
        SecretPlaces {
            keyring: Arc::new(PatientStore::new(keyring, Duration::from_millis(200))),
            ..self.real.secrets(data_dir)
        }
    }

    fn feedback(&self) -> Arc<dyn Feedback> {
        Arc::clone(&self.heard) as _
    }

    fn sender_lock(&self, profile_folder: &Path) -> Arc<dyn SenderLock> {
        self.real.sender_lock(profile_folder)
    }

    fn notify_others(&self, profile_folder: &Path) {
        self.real.notify_others(profile_folder);
    }

    fn watch_others(
        &self,
        profile_folder: &Path,
        on_recorded: Box<dyn Fn() + Send + Sync>,
    ) -> Option<Watch> {
        self.real.watch_others(profile_folder, on_recorded)
    }

    fn watch_device(&self, _on_event: Box<dyn Fn(DeviceEvent) + Send + Sync>) -> Option<Watch> {
        None
    }
}

/// What outlives the app: its files, its clock, its keyring, its configuration.
pub(crate) struct Device {
    folder: tempfile::TempDir,
    pub(crate) clock: Arc<PlayedClock>,
    pub(crate) keyring: Arc<PlayedKeyring>,
    pub(crate) heard: Arc<Heard>,
    pub(crate) config: Config,
}

impl Device {
    /// A device that is set up for a server.
    pub(crate) fn new(server: &Server) -> Self {
        let mut device = Self::without_server();
        device.config.server_url.value = Some(ServerOrigin::parse(&server.origin()).unwrap());
        device
    }

    /// A device as it comes out of the box, with a file for its secrets.
    pub(crate) fn without_server() -> Self {
        let mut config = Config::default();
        config.secret_store.value = SecretStoreChoice::File;
        let real = SystemPlatform::new().clock();
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(PlayedClock { real, moved: Mutex::default() }),
            keyring: Arc::new(PlayedKeyring {
                played: Mutex::new((Behaviour::Work, HashMap::new())),
                changed: Condvar::new(),
            }),
            heard: Arc::default(),
            config,
        }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    fn platform(&self) -> Arc<PlayedPlatform> {
        Arc::new(PlayedPlatform {
            real: SystemPlatform::new(),
            clock: Arc::clone(&self.clock),
            keyring: Arc::clone(&self.keyring),
            heard: Arc::clone(&self.heard),
        })
    }

    /// What is kept, without a window.
    pub(crate) fn open(&self) -> Opened {
        Opened::open(self.config.clone(), self.data_dir(), self.platform()).unwrap()
    }

    /// Starts the app.
    pub(crate) fn start(&self) -> App {
        let (publish, states) = mpsc::channel();
        let (config, data_dir, platform) = (self.config.clone(), self.data_dir(), self.platform());
        let opened = config.clone();
        let (host, first) = Host::start(Parts {
            config: config.clone(),
            platform: Arc::clone(&platform) as _,
            open: Box::new(move || {
                Opened::open(opened.clone(), data_dir.clone(), Arc::clone(&platform) as _)
            }),
            outside: Box::new(move |origin: &ServerOrigin| {
                let mut changed = config.clone();
                changed.server_url.value = Some(origin.clone());
                Ok(changed)
            }),
            demo: None,
            publish: Box::new(move |state| {
                // After the test nobody looks any more.
                let _ = publish.send(state);
            }),
        })
        .unwrap();
        App { host, states, latest: RefCell::new(first.wait().unwrap()) }
    }
}

/// The running app.
pub(crate) struct App {
    pub(crate) host: Host,
    states: mpsc::Receiver<Arc<AppState>>,
    latest: RefCell<Arc<AppState>>,
}

impl App {
    /// The latest state that was looked at.
    pub(crate) fn state(&self) -> Arc<AppState> {
        self.latest.borrow().clone()
    }

    /// Waits for the next state that the app publishes; `None` if it is silent for too long.
    pub(crate) fn next(&self) -> Option<Arc<AppState>> {
        let next = self.states.recv_timeout(LIMIT).ok()?;
        self.latest.replace(Arc::clone(&next));
        Some(next)
    }

    /// Waits until the app shows what is asked for, and returns that state.
    pub(crate) fn sees(&self, what: &str, is_so: impl Fn(&AppState) -> bool) -> Arc<AppState> {
        let until = Instant::now() + LIMIT;
        loop {
            let state = self.state();
            if is_so(&state) {
                return state;
            }
            let next = self.next().filter(|_| Instant::now() < until);
            assert!(next.is_some(), "never seen: {what}; last: {state:?}");
        }
    }

    /// Signs somebody in, and waits for their list.
    pub(crate) fn sign_in(&self, user: &str) {
        self.host.send(Command::SignIn {
            username: user.into(),
            password: Password::new(PASSWORD.into()),
        });
        self.sees("the sign-in begins", |state| state.sign_in == Progress::Busy);
        self.sees("the list after the sign-in", |state| {
            assert!(!matches!(state.sign_in, Progress::Failed(_)), "{:?}", state.sign_in);
            state.sign_in == Progress::Idle
                && in_front(state) == Some(user)
                && !state.is_locked
                && state.profile.as_ref().is_some_and(|profile| profile.snapshot.is_some())
        });
    }

    pub(crate) fn set_pin(&self, text: &str) {
        self.host.send(Command::SetPin { current: None, new: Some(pin(text)) });
        self.sees("the PIN is set", |state| {
            state.setting_pin == Progress::Idle && state.pin.is_set
        });
    }

    pub(crate) fn lock(&self) {
        self.host.send(Command::Lock);
        self.sees("the lock", |state| state.is_locked);
    }

    /// Tries to open somebody's profile, and returns what came of it.
    pub(crate) fn try_to_open(&self, user: &str, typed: Option<&str>) -> Progress {
        let profile = self.profile_of(user);
        self.host.send(Command::Unlock { profile, pin: typed.map(pin) });
        self.sees("the try begins", |state| state.unlocking == Progress::Busy);
        self.sees("the try ends", |state| state.unlocking != Progress::Busy).unlocking
    }

    pub(crate) fn profile_of(&self, user: &str) -> ProfileId {
        let state = self.state();
        let known = state.users.iter().find(|known| known.username == user);
        known.unwrap_or_else(|| panic!("{user} is not known")).profile.clone()
    }

    /// Taps a warehouse of the list, and waits until that is recorded.
    pub(crate) fn tap(&self, name: &str) {
        let state = self.state();
        let profile = state.profile.as_ref().expect("somebody is signed in");
        let rows = &profile.snapshot.as_ref().expect("there is a list").assignments;
        let warehouse = rows.iter().find(|row| row.warehouse.name == name).unwrap().warehouse.uuid;
        self.host.send(Command::Activate { warehouse, origin: Origin::Tap });
        self.sees("the tap is recorded", |state| {
            state.profile.as_ref().is_some_and(|profile| {
                profile.changes.iter().any(|change| {
                    change.wish.target().is_some_and(|target| target.warehouse_name == name)
                })
            })
        });
    }

    /// Waits until nothing waits any more.
    pub(crate) fn rests(&self) {
        self.sees("nothing waits", |state| {
            state.profile.as_ref().is_some_and(|profile| profile.waiting().is_none())
        });
    }

    /// The device wakes up or comes to the front: everything that waits is tried.
    pub(crate) fn wake(&self) {
        self.host.send(Command::InFront(true));
    }
}

pub(crate) fn pin(text: &str) -> Pin {
    Pin::parse(Zeroizing::new(text.to_owned())).unwrap()
}

/// Whose profile is in front.
pub(crate) fn in_front(state: &AppState) -> Option<&str> {
    state.profile.as_ref().map(|profile| profile.username.as_str())
}

/// Waits until something is so that the app does not tell.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::yield_now();
    }
}
