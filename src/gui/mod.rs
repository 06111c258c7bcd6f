//! The window: the only module that names Slint.
//!
//! [`intent`] is what a person does, [`controller`] decides what follows, [`presenter`] says what
//! there is to see, [`bridge`] alone talks to Slint. The window holds no truth of its own: it shows
//! the latest [`AppState`] and sends [`Command`]s.

pub mod bridge;
pub mod compose_cache;
pub mod controller;
pub mod font_guard;
pub mod headless;
pub mod intent;
pub mod presenter;
#[cfg(test)]
#[path = "../../tests/gui/samples.rs"]
mod samples;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::app::keyboard_wedge::WedgeSettings;
use crate::app::platform::Supervisor;
use crate::app::state::{AppState, Command};
use crate::error::UserError;
pub use controller::window_state::{Appearance, Language, Locked, Page, TextScale, Theme, Volume};
pub use headless::{Painter, Picture, Scene, Screen, render_pages};

/// What Slint's compiler makes of `ui/`.
pub mod generated {
    #![allow(
        missing_docs,
        unreachable_pub,
        unsafe_code,
        clippy::all,
        clippy::pedantic,
        clippy::restriction,
        reason = "made by Slint's compiler"
    )]
    slint::include_modules!();
}

/// Takes each new state of the app, from whatever thread makes it.
pub type StateListener = Box<dyn Fn(Arc<AppState>) + Send + Sync>;

/// The app, as the window needs it.
pub struct AppHandle {
    /// Takes a command. Called on the window's thread, so it must not wait for anything.
    pub send: Box<dyn Fn(Command)>,
    /// Told once where to send each new state.
    pub subscribe: Box<dyn FnOnce(StateListener)>,
    /// Waits for the state to begin with. It is read from the disk while the display is connected
    /// to, which takes as long.
    pub initial: Box<dyn FnOnce() -> Result<Arc<AppState>, UserError>>,
    /// Theme and language to begin with.
    pub appearance: Appearance,
    /// How the scanner types.
    pub scanner: WedgeSettings,
    /// Whether the window has to bring keys of its own.
    pub has_keypad: bool,
    /// Where the device is.
    pub zone: jiff::tz::TimeZone,
    /// Who is told that the window is there and answers, if anybody wants to know.
    pub supervisor: Option<Rc<dyn Supervisor>>,
}

/// Shows the window until it is closed. Must be called on the main thread.
///
/// # Errors
/// There is no display, or it can't be drawn on.
pub fn run(handle: AppHandle) -> Result<(), UserError> {
    select_backend()?;
    let initial = (handle.initial)()?;
    let window = bridge::Window::new(initial, handle.appearance, handle.zone, handle.send)?;
    window.set_scanner(handle.scanner);
    window.set_keypad(handle.has_keypad);
    (handle.subscribe)(window.listener());
    window.send(Command::InFront(true));
    let _heartbeat = handle.supervisor.map(supervise);
    let outcome = window.run();
    window.send(Command::InFront(false));
    outcome
}

/// Says that the window is there once the event loop turns, and then as often as is asked for that
/// it still does. Where nobody asks there is no timer, and so no wake-up.
fn supervise(supervisor: Rc<dyn Supervisor>) -> slint::Timer {
    let ready = Rc::clone(&supervisor);
    slint::Timer::single_shot(Duration::ZERO, move || ready.tell_ready());
    let heartbeat = slint::Timer::default();
    if let Some(period) = supervisor.heartbeat_period() {
        heartbeat.start(slint::TimerMode::Repeated, period, move || supervisor.tell_alive());
    }
    heartbeat
}

/// Draws with the software renderer unless told otherwise: it needs a fifth of the memory and a
/// tenth of the time of a graphics library that has no graphics processor below it. A kiosk build
/// draws on the screen itself where there is no window system.
fn select_backend() -> Result<(), UserError> {
    if std::env::var_os("SLINT_BACKEND").is_some() || cfg!(target_os = "android") {
        return Ok(());
    }
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_window_system = is_set("WAYLAND_DISPLAY") || is_set("DISPLAY");
    let backend = if cfg!(feature = "kiosk") && !has_window_system { "linuxkms" } else { "winit" };
    slint::BackendSelector::new()
        .backend_name(backend.into())
        .renderer_name("software".into())
        .select()
        .map_err(no_display)
}

fn no_display(error: slint::PlatformError) -> UserError {
    UserError::internal(format!("The window can't be shown: {error}"))
}

/// The language that the environment names; `None` leaves it to Slint, which asks the system.
fn language_of_system() -> Option<Language> {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.map(|locale| Language::of_locale(&locale))
}
