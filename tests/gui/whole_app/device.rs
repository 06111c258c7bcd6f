//! A device with the real app on it, and the real window in front.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use i_slint_backend_testing::AccessibleRole;
use wareswitch::app::device::Device as Opened;
use wareswitch::app::host::{Host, Parts};
use wareswitch::app::state::AppState;
use wareswitch::config::Config;
use wareswitch::domain::ids::ServerOrigin;
use wareswitch::domain::protection::SecretStoreChoice;
use wareswitch::platform::SystemPlatform;

use crate::screen::Screen;
use crate::support::{PASSWORD, Server};

/// Longer than anything here takes; only a failure waits for it.
const LIMIT: Duration = Duration::from_secs(120);

/// What outlives the window: the files, and the address of the server.
pub(super) struct Device {
    folder: tempfile::TempDir,
    config: Config,
}

impl Device {
    /// A device as it comes out of the box.
    pub(super) fn without_server() -> Self {
        let mut config = Config::default();
        config.secret_store.value = SecretStoreChoice::File;
        Self { folder: tempfile::tempdir().unwrap(), config }
    }

    /// A device that is set up for a server.
    pub(super) fn new(server: &Server) -> Self {
        let mut device = Self::without_server();
        device.config.server_url.value = Some(ServerOrigin::parse(&server.origin()).unwrap());
        device
    }

    /// Starts the app, with its window.
    pub(super) fn open_window(&self) -> Running {
        let (publish, states) = mpsc::channel();
        let (data_dir, platform) = (self.folder.path().to_owned(), Arc::new(SystemPlatform::new()));
        let (config, opened) = (self.config.clone(), self.config.clone());
        let (host, first) = Host::start(Parts {
            config: self.config.clone(),
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
        let screen =
            Screen::of_app(first.wait().unwrap(), Box::new(move |command| host.send(command)));
        Running { screen, states }
    }

    /// Starts the app, signs somebody in by the window, and waits for their list.
    pub(super) fn open_signed_in(&self, username: &str) -> Running {
        let running = self.open_window();
        running.sign_in(username);
        running
    }
}

/// The window on the running app. Closing it ends the app.
pub(super) struct Running {
    pub(super) screen: Screen,
    states: mpsc::Receiver<Arc<AppState>>,
}

impl Running {
    /// Shows whatever the app publishes until the window looks as asked for.
    pub(super) fn until(&self, what: &str, is_so: impl Fn(&Screen) -> bool) {
        let until = Instant::now() + LIMIT;
        while !is_so(&self.screen) {
            let left = until.saturating_duration_since(Instant::now());
            let next = self.states.recv_timeout(left);
            let next = next.unwrap_or_else(|_| {
                panic!("never seen: {what}; there is: {:?}", self.screen.labels())
            });
            self.screen.take(next);
        }
    }

    /// Waits for a text.
    pub(super) fn until_text(&self, text: &str) {
        self.until(text, |screen| screen.has_text(text));
    }

    /// Waits until a warehouse is the active one and the server knows.
    pub(super) fn until_confirmed(&self, name: &str) {
        let words = format!("You are active in {name}");
        self.until(&words, |screen| {
            screen.has_text(&words)
                && !screen.has_text("will be sent")
                && screen.has_text("All sent")
        });
    }

    /// Fills in the sign-in page, and waits for the list.
    pub(super) fn sign_in(&self, username: &str) {
        self.until("the sign-in page", |screen| {
            screen.find(AccessibleRole::TextInput, "User name").is_some()
        });
        self.screen.fill_in("User name", username);
        self.screen.fill_in("Password", PASSWORD);
        self.screen.tap_button("Sign in");
        self.until("the list", |screen| !screen.rows().is_empty());
    }

    /// Sends what waits, from the outbox, and goes back to the warehouses.
    pub(super) fn send_now(&self) {
        self.screen.tap(AccessibleRole::Tab, "Outbox");
        self.screen.tap_button("Send now");
        self.screen.tap(AccessibleRole::Tab, "Warehouses");
    }
}
