//! Every key of the window passes here before any control gets it: the router of all scans, and what
//! tells a digit that a person pressed from the digits of a code.

use std::time::Duration;

use super::Controller;
use super::sheets::Sheet;
use super::typed_digits::TypedDigits;
use super::window_state::{Page, ScanTest};
use crate::app::AltCode;
use crate::app::keyboard_wedge::{Heard, KeyboardWedge, Scan, WedgeKey, WedgeSettings};
use crate::app::state::{Command, InVain};
use crate::app::trial::{self, End, Trial};
use crate::gui::{intent::Intent, presenter};

/// The keys since the last silence.
#[derive(Debug, Default)]
pub(super) struct Keys {
    wedge: KeyboardWedge,
    /// A character on its way by its number.
    alt_code: AltCode,
    settings: WedgeSettings,
    /// The same keys, for the scanner's test page.
    trial: Trial,
    /// The digit that no control wanted, if a single one was pressed.
    digit: Option<u8>,
    unwanted: u32,
    has_enter_after_fast_keys: bool,
    /// The sheet that was in front before these keys.
    sheet_before: Option<Sheet>,
    /// What was typed of a code before these keys.
    code_before: TypedDigits,
    /// The same of a PIN.
    pin_before: TypedDigits,
}

impl Keys {
    /// A key that writes something and that no text field took; the digit if it was one of 1 to 9.
    pub(super) fn nobody_wants(&mut self, digit: Option<u8>) {
        self.unwanted = self.unwanted.saturating_add(1);
        self.digit = digit.filter(|_| self.unwanted == 1);
    }

    /// Whether the Enter just pressed came as fast after other keys as a scanner types.
    pub(super) fn enter_ends_fast_keys(&self) -> bool {
        self.has_enter_after_fast_keys
    }

    fn forget(&mut self) {
        self.digit = None;
        self.unwanted = 0;
    }
}

/// What became of a key before any control got it.
#[derive(Debug, Default)]
pub struct Captured {
    /// What is typed must be remembered now: it may turn out that a scanner began to type.
    pub remember_texts: bool,
    /// It was a scanner that typed: what is typed must be put back as it was.
    pub restore_texts: bool,
    /// No control must get the key.
    pub is_swallowed: bool,
    /// The command that follows.
    pub command: Option<Command>,
}

impl Controller {
    /// Listens to a scanner that types so.
    pub fn set_scanner(&mut self, settings: WedgeSettings) {
        self.keys.wedge = KeyboardWedge::new(settings.clone());
        self.keys.settings = settings;
    }

    /// Takes a key before any control gets it. `at` is time of any clock that runs forwards.
    pub fn capture(&mut self, key: WedgeKey, at: Duration) -> Captured {
        let has_begun = self.end_alt_code();
        let captured = self.capture_key(key, at);
        Captured { remember_texts: captured.remember_texts || has_begun, ..captured }
    }

    /// Takes a digit that came with Alt: no control gets it, and the next key or a silence tells
    /// which character it is part of.
    pub fn capture_alt_digit(&mut self, digit: u8, at: Duration) -> Captured {
        self.keys.alt_code.press(digit, at);
        self.keys.wedge.press_part(at);
        if self.is_scanner_tested() {
            self.keys.trial.press_part(at);
        }
        Captured { is_swallowed: true, ..Captured::default() }
    }

    /// Takes the character that digits with Alt came to; whether it is the first of a run.
    fn end_alt_code(&mut self) -> bool {
        let character = self.keys.alt_code.end();
        character.is_some_and(|(character, at)| {
            self.capture_key(WedgeKey::Character(character), at).remember_texts
        })
    }

    fn capture_key(&mut self, key: WedgeKey, at: Duration) -> Captured {
        let pressed = self.keys.wedge.press(key, at);
        self.keys.has_enter_after_fast_keys = pressed.ends_fast_keys;
        if pressed.begins {
            self.keys.forget();
            self.keys.sheet_before = self.sheet();
            self.keys.code_before = self.window.code.clone();
            self.keys.pin_before = self.window.pin.typed.clone();
        }
        let restore_texts = pressed.heard.as_ref().is_some_and(Heard::is_scan);
        let command = match key {
            _ if !self.is_scanner_tested() => pressed.heard.and_then(|heard| self.heard(heard)),
            WedgeKey::Terminator(key) => self.tested(End::Terminator(key), pressed.heard),
            _ => {
                self.keys.trial.press(key, at);
                None
            }
        };
        let (remember_texts, is_swallowed) = (pressed.begins, pressed.is_swallowed);
        Captured { remember_texts, restore_texts, is_swallowed, command }
    }

    /// No key came for a while before `at`.
    pub fn keys_silent(&mut self, at: Duration) -> Captured {
        let remember_texts = self.end_alt_code();
        let Some(heard) = self.keys.wedge.silence(at) else {
            return Captured { remember_texts, ..Captured::default() };
        };
        let restore_texts = heard.is_scan();
        let command = if self.is_scanner_tested() {
            self.tested(End::Silence, Some(heard))
        } else {
            self.heard(heard)
        };
        Captured { remember_texts, restore_texts, command, is_swallowed: false }
    }

    /// Whether [`Self::keys_silent`] must be called after a silence.
    pub fn has_keys_running(&self) -> bool {
        self.keys.wedge.is_running() || self.keys.alt_code.is_pending()
    }

    fn is_scanner_tested(&self) -> bool {
        presenter::page(&self.state, &self.window) == Page::ScannerTest
    }

    /// On the scanner's test page keys are told of, and do nothing else.
    fn tested(&mut self, end: End, heard: Option<Heard>) -> Option<Command> {
        self.keys.forget();
        let report = self.keys.trial.end(end, heard.as_ref())?;
        let code = match heard {
            Some(Heard::Scan(scan)) => scan.code,
            _ => report.text.clone(),
        };
        let tried_before = self.state.tried_scan.as_ref().map(|tried| tried.number);
        let advice = trial::advice(&report, &self.keys.settings);
        self.window.scan_test = Some(ScanTest { report, advice, tried_before });
        Some(Command::TryScan { code })
    }

    fn heard(&mut self, heard: Heard) -> Option<Command> {
        let digit = self.keys.digit;
        self.keys.forget();
        let code_before = std::mem::take(&mut self.keys.code_before);
        let pin_before = std::mem::take(&mut self.keys.pin_before);
        if heard.is_scan() {
            self.window.code = code_before;
            self.window.pin.typed = pin_before;
        }
        match heard {
            Heard::Scan(scan) => self.handle(Intent::Scanned(scan)),
            Heard::SameAgain => self.handle(Intent::ScannedInVain(InVain::SameAgain)),
            Heard::TooLong => self.handle(Intent::ScannedInVain(InVain::TooLong)),
            Heard::Unclear => self.handle(Intent::ScannedInVain(InVain::Unclear)),
            Heard::Typed(_) => self.choose_by_digit(digit?),
        }
    }

    fn choose_by_digit(&mut self, digit: u8) -> Option<Command> {
        let index = usize::from(digit).checked_sub(1)?;
        let sheet = self.sheet();
        if sheet != self.keys.sheet_before {
            // It came while the key was pressed, so the key was not meant for it.
            return None;
        }
        if sheet.is_some() {
            return self.handle(Intent::Answer(index));
        }
        if !self.is_list_in_front() {
            return None;
        }
        let warehouse = *self.choices().get(index)?;
        self.handle(Intent::Activate(warehouse))
    }

    /// All scans go the same way, whatever is in front; a sheet's question is answered by it as by a
    /// tap on the row.
    pub(super) fn scanned(&mut self, scan: Scan) -> Option<Command> {
        if presenter::page(&self.state, &self.window) == Page::SetUp {
            return Some(Command::ReadSetUpCode { text: scan.code });
        }
        self.window.search.clear();
        self.window.selected = None;
        Some(Command::Scanned { code: scan.code })
    }
}
