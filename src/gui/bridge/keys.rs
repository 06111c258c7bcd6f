//! Hears every key before any control gets it, and puts text fields back that a scanner typed into.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use slint::platform::{Key as SlintKey, WindowEvent};
use slint::{ComponentHandle, SharedString, Timer, TimerMode};

use super::{Shared, Window, ui};
use crate::app::keyboard_wedge::{SILENCE, Terminator, WedgeKey, WedgeSettings};
use crate::app::state::Command;
use crate::app::with_shift;
use crate::gui::controller::Captured;
use crate::gui::intent::Intent;

/// Whether the text of a key is the one without Shift (see [`with_shift`]).
const IS_SHIFT_MISSING: bool = cfg!(target_os = "android");

/// What was held down with a key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Modifiers {
    pub(super) has_shift: bool,
    pub(super) has_control: bool,
    pub(super) has_alt: bool,
}

/// What there is to listen with.
pub(super) struct KeyListener {
    silence: Timer,
    clock: RefCell<Box<dyn Fn() -> Duration>>,
    /// What was typed before the keys that may be a scan.
    remembered: RefCell<Option<TypedTexts>>,
    /// Whether the key on its way is one of the window's own.
    is_of_window: Cell<bool>,
}

impl Default for KeyListener {
    fn default() -> Self {
        let start = Instant::now();
        Self {
            silence: Timer::default(),
            clock: RefCell::new(Box::new(move || start.elapsed())),
            remembered: RefCell::default(),
            is_of_window: Cell::default(),
        }
    }
}

/// The contents of every text field.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TypedTexts {
    search: SharedString,
    address: SharedString,
    username: SharedString,
    password: SharedString,
}

impl TypedTexts {
    fn of(app: &ui::App<'_>) -> Self {
        Self {
            search: app.get_search_text(),
            address: app.get_typed_address(),
            username: app.get_typed_username(),
            password: app.get_typed_password(),
        }
    }

    fn put_back(self, app: &ui::App<'_>) {
        app.set_search_text(self.search);
        app.set_typed_address(self.address);
        app.set_typed_username(self.username);
        app.set_typed_password(self.password);
    }
}

impl Window {
    /// Listens to a scanner that types so.
    pub fn set_scanner(&self, settings: WedgeSettings) {
        self.shared.controller.borrow_mut().set_scanner(settings);
    }

    /// Tells the time of keys by another clock, which must run forwards: for tests.
    pub fn set_key_clock(&self, clock: impl Fn() -> Duration + 'static) {
        *self.shared.keys.clock.borrow_mut() = Box::new(clock);
    }
}

impl Shared {
    /// Takes a key before any control gets it; true if none must.
    pub(super) fn capture_key(
        self: &Rc<Self>,
        text: &str,
        is_repeated: bool,
        modifiers: Modifiers,
    ) -> bool {
        if self.keys.is_of_window.get() {
            return false;
        }
        let at = (self.keys.clock.borrow())();
        let captured = {
            let mut controller = self.controller.borrow_mut();
            match digit(text).filter(|_| modifiers.has_alt && !is_repeated) {
                Some(digit) => controller.capture_alt_digit(digit, at),
                None => controller.capture(wedge_key(text, is_repeated, modifiers), at),
            }
        };
        // An Enter that is held down, be it by a stuck trigger, is one Enter.
        let is_held_enter = is_repeated && is_enter(text);
        let is_swallowed = captured.is_swallowed || is_held_enter;
        self.follow(captured);
        is_swallowed
    }

    /// A key of the window itself goes the way of any key, but is never taken for a scanner's.
    pub(super) fn press_by_window(&self, text: &SharedString) {
        let window = self.component.window();
        self.keys.is_of_window.set(true);
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text: text.clone() });
        self.keys.is_of_window.set(false);
    }

    /// The arrow keys of a device without a Tab key move the focus.
    pub(super) fn move_focus(&self, is_forward: bool) {
        let key = if is_forward { SlintKey::Tab } else { SlintKey::Backtab };
        self.press_by_window(&key.into());
    }

    fn follow(self: &Rc<Self>, captured: Captured) {
        let app = self.component.global::<ui::App>();
        if captured.remember_texts {
            // Somebody is there.
            (self.send)(Command::Touched);
            self.keys.remembered.replace(Some(TypedTexts::of(&app)));
        }
        if captured.restore_texts
            && let Some(texts) = self.keys.remembered.take()
        {
            let search = texts.search.to_string();
            texts.put_back(&app);
            self.controller.borrow_mut().handle(Intent::Search(search));
        }
        self.refresh();
        if let Some(command) = captured.command {
            (self.send)(command);
        }
        if self.controller.borrow().has_keys_running() {
            self.wait_for_silence();
        } else {
            self.keys.silence.stop();
        }
    }

    fn wait_for_silence(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let last_key = (self.keys.clock.borrow())();
        self.keys.silence.start(TimerMode::SingleShot, SILENCE, move || {
            let Some(shared) = weak.upgrade() else { return };
            // The timer is the witness of the silence, whatever the clock says.
            let at = (shared.keys.clock.borrow())().max(last_key + SILENCE);
            let captured = shared.controller.borrow_mut().keys_silent(at);
            shared.follow(captured);
        });
    }
}

fn digit(text: &str) -> Option<u8> {
    let mut characters = text.chars();
    let digit = characters.next()?.to_digit(10).filter(|_| characters.next().is_none())?;
    u8::try_from(digit).ok()
}

fn is_enter(text: &str) -> bool {
    text.starts_with(char::from(SlintKey::Return)) || text.starts_with('\r')
}

fn wedge_key(text: &str, is_repeated: bool, modifiers: Modifiers) -> WedgeKey {
    let mut characters = text.chars();
    let (Some(first), None) = (characters.next(), characters.next()) else {
        return WedgeKey::Other;
    };
    let is = |key: SlintKey| char::from(key) == first;
    if is_repeated {
        WedgeKey::Held
    } else if first == '\r' || is(SlintKey::Return) {
        WedgeKey::Terminator(Terminator::Cr)
    } else if is(SlintKey::Tab) {
        WedgeKey::Terminator(Terminator::Tab)
    } else if is_key_without_character(first) {
        WedgeKey::Other
    } else if let Some(separator) = separator(first).filter(|_| modifiers.has_control) {
        WedgeKey::Character(separator)
    } else if modifiers.has_shift && IS_SHIFT_MISSING {
        WedgeKey::Character(with_shift(first))
    } else {
        WedgeKey::Character(first)
    }
}

/// The separators of a code as scanners type them, with Control: FS to US (ASCII, as terminals
/// have it). GS, which separates the elements of a GS1 code, is Control and `]`.
fn separator(key: char) -> Option<char> {
    match key {
        '\\' => Some('\u{1c}'),
        ']' => Some('\u{1d}'),
        '^' | '6' => Some('\u{1e}'),
        '_' | '-' => Some('\u{1f}'),
        _ => None,
    }
}

/// Slint tells keys without a character as private characters, and as the control characters that
/// no scanner sends but as separators within a code (FS to US).
fn is_key_without_character(character: char) -> bool {
    ('\u{f700}'..='\u{f8ff}').contains(&character)
        || character.is_control() && !('\u{1c}'..='\u{1f}').contains(&character)
}
