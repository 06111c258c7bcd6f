//! Hears every key before any control gets it, and puts text fields back that a scanner typed into.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use slint::platform::Key as SlintKey;
use slint::{ComponentHandle, SharedString, Timer, TimerMode};

use super::{Shared, Window, ui};
use crate::app::keyboard_wedge::{SILENCE, Terminator, WedgeKey, WedgeSettings};
use crate::app::with_shift;
use crate::gui::controller::Captured;
use crate::gui::intent::Intent;

/// Whether the text of a key is the one without Shift (see [`with_shift`]).
const IS_SHIFT_MISSING: bool = cfg!(target_os = "android");

/// What there is to listen with.
pub(super) struct KeyListener {
    silence: Timer,
    clock: RefCell<Box<dyn Fn() -> Duration>>,
    /// What was typed before the keys that may be a scan.
    remembered: RefCell<Option<TypedTexts>>,
    /// Whether the key on its way is one of the window's own.
    pub(super) is_of_keypad: Cell<bool>,
}

impl Default for KeyListener {
    fn default() -> Self {
        let start = Instant::now();
        Self {
            silence: Timer::default(),
            clock: RefCell::new(Box::new(move || start.elapsed())),
            remembered: RefCell::default(),
            is_of_keypad: Cell::default(),
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
        has_shift: bool,
    ) -> bool {
        if self.keys.is_of_keypad.get() {
            return false;
        }
        let at = (self.keys.clock.borrow())();
        let key = wedge_key(text, is_repeated, has_shift && IS_SHIFT_MISSING);
        let captured = self.controller.borrow_mut().capture(key, at);
        let is_swallowed = captured.is_swallowed;
        self.follow(captured);
        is_swallowed
    }

    fn follow(self: &Rc<Self>, captured: Captured) {
        let app = self.component.global::<ui::App>();
        if captured.remember_texts {
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

fn wedge_key(text: &str, is_repeated: bool, add_shift: bool) -> WedgeKey {
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
    } else if add_shift {
        WedgeKey::Character(with_shift(first))
    } else {
        WedgeKey::Character(first)
    }
}

/// Slint tells keys without a character as private characters, and as the control characters that
/// no scanner sends but as separators within a code (FS to US).
fn is_key_without_character(character: char) -> bool {
    ('\u{f700}'..='\u{f8ff}').contains(&character)
        || character.is_control() && !('\u{1c}'..='\u{1f}').contains(&character)
}
