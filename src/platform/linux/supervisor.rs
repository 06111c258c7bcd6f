//! systemd, if it started the program and asks to be told (sd_notify(3), `Type=notify` and
//! `WatchdogSec=` of the unit).

use std::time::Duration;

use sd_notify::NotifyState;

use crate::app::platform::Supervisor;

/// The service manager of this process.
pub struct Systemd {
    heartbeat_period: Option<Duration>,
}

impl Systemd {
    /// Reads what the service manager asks for from the environment. Tells nobody anything where
    /// there is none.
    pub fn new() -> Self {
        // Half of what is allowed, so that one beat may be late (sd_watchdog_enabled(3)).
        Self { heartbeat_period: sd_notify::watchdog_enabled().map(|allowed| allowed / 2) }
    }
}

impl Default for Systemd {
    fn default() -> Self {
        Self::new()
    }
}

impl Supervisor for Systemd {
    fn tell_ready(&self) {
        tell(NotifyState::Ready);
    }

    fn heartbeat_period(&self) -> Option<Duration> {
        self.heartbeat_period
    }

    fn tell_alive(&self) {
        tell(NotifyState::Watchdog);
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}
