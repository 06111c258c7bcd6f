//! The window on what is kept on this device.

use std::rc::Rc;
use std::sync::{Arc, Mutex};

use crate::app::host::{FirstState, Host};
use crate::app::keyboard_wedge::{Terminator, WedgeSettings};
use crate::app::platform::Supervisor;
use crate::app::state::AppState;
use crate::app::worker::Publish;
use crate::cli::args::GlobalOptions;
use crate::config::Config;
use crate::config::value::Keypad;
use crate::error::{UserError, exit_code};
use crate::gui::{self, AppHandle, Appearance, Language, Locked, StateListener};
use crate::platform::time_zone;

use super::behind_window;

/// How the window looks at its start, and what there is to type and scan with.
#[derive(Default)]
pub(super) struct Look {
    appearance: Appearance,
    scanner: WedgeSettings,
    has_keypad: bool,
}

/// Opens the window, unless one is open on the same data.
pub(super) fn open(global: &GlobalOptions) -> Result<u8, UserError> {
    let (prepared, _only) = behind_window::prepare(global)?;
    let look = Look {
        appearance: appearance(prepared.config()),
        scanner: scanner(prepared.config()),
        has_keypad: has_keypad(prepared.config()),
    };
    #[cfg(target_os = "android")]
    let (look, added_scanner) = (
        Look { appearance: super::android::with_language_of_device(look.appearance), ..look },
        super::android::added_scanner(prepared.config()),
    );
    let start = move |publish: Publish| {
        let started = prepared.start(publish)?;
        #[cfg(target_os = "android")]
        super::android::connect(&started.0, added_scanner);
        Ok(started)
    };
    show(start, look)?;
    Ok(exit_code::DONE)
}

/// Starts an app and shows the window on it until it is closed.
pub(super) fn show(
    start: impl FnOnce(Publish) -> Result<(Host, FirstState), UserError>,
    look: Look,
) -> Result<(), UserError> {
    let relay = Arc::new(Relay::default());
    let publishing = Arc::clone(&relay);
    let (host, first) = start(Box::new(move |state| publishing.publish(state)))?;
    let Look { appearance, scanner, has_keypad } = look;
    gui::run(AppHandle {
        send: Box::new(move |command| host.send(command)),
        subscribe: Box::new(move |listener| relay.listen(listener)),
        initial: Box::new(move || first.wait()),
        appearance,
        scanner,
        has_keypad,
        zone: time_zone::of_this_device(),
        supervisor: supervisor(),
    })
}

#[cfg(target_os = "linux")]
fn supervisor() -> Option<Rc<dyn Supervisor>> {
    Some(Rc::new(crate::platform::linux::supervisor::Systemd::new()))
}

/// Android looks after its apps itself.
#[cfg(not(target_os = "linux"))]
fn supervisor() -> Option<Rc<dyn Supervisor>> {
    None
}

/// Keeps the newest state until somebody listens, then passes each on.
#[derive(Default)]
struct Relay(Mutex<Relayed>);

#[derive(Default)]
struct Relayed {
    listener: Option<StateListener>,
    kept: Option<Arc<AppState>>,
}

impl Relay {
    fn publish(&self, state: Arc<AppState>) {
        // A listener that panicked has taken the window with it.
        let Ok(mut relayed) = self.0.lock() else { return };
        match &relayed.listener {
            Some(listener) => listener(state),
            None => relayed.kept = Some(state),
        }
    }

    fn listen(&self, listener: StateListener) {
        let Ok(mut relayed) = self.0.lock() else { return };
        if let Some(state) = relayed.kept.take() {
            listener(state);
        }
        relayed.listener = Some(listener);
    }
}

/// How the window looks, speaks and sounds, as configured.
pub(super) fn appearance(config: &Config) -> Appearance {
    let language = config.language.value.as_deref().map(Language::of_locale);
    Appearance {
        theme: config.theme.value,
        language: language.unwrap_or_default(),
        text_scale: config.text_scale.value,
        volume: config.sound.value,
        locked: Locked {
            theme: config.theme.is_locked(),
            language: config.language.is_locked(),
            text_scale: config.text_scale.is_locked(),
            volume: config.sound.is_locked(),
        },
    }
}

/// Whether the window has to bring keys of its own. Android brings some for every app.
fn has_keypad(config: &Config) -> bool {
    let is_wanted = match config.keypad.value {
        Keypad::Auto => config.kiosk.value,
        Keypad::On => true,
        Keypad::Off => false,
    };
    is_wanted && !cfg!(target_os = "android")
}

/// How the scanner types, as configured.
fn scanner(config: &Config) -> WedgeSettings {
    let mut terminators = config.scan_terminators.value.clone();
    // To a window both are the Enter key.
    if terminators.contains(&Terminator::Lf) && !terminators.contains(&Terminator::Cr) {
        terminators.push(Terminator::Cr);
    }
    WedgeSettings {
        gap: config.scan_gap.value,
        length_min: config.scan_min_length.value,
        length_max: config.scan_max_length.value,
        prefix: config.scan_prefix.value.clone(),
        terminators,
    }
}
