//! Opening a profile, handing the device over, and setting a PIN.

use std::mem;

use super::Controller;
use super::typed_digits::TypedDigits;
use super::window_state::{Page, PinDialog, PinProblem, PinStep, WindowState};
use crate::app::device::KnownUser;
use crate::app::state::{AppState, Command, Progress};
use crate::app::{PIN_DIGITS_MIN, Pin};
use crate::domain::ids::UserUuid;
use crate::domain::protection::Unlock;
use crate::gui::intent::Key;
use crate::gui::presenter;

impl Controller {
    /// Whether digits go to a PIN.
    pub(super) fn is_pin_typed(&self) -> bool {
        matches!(presenter::page(&self.state, &self.window), Page::Unlock | Page::Pin)
    }

    /// Hides all names and shows whoever is known: the device changes hands.
    pub(super) fn hand_over(&mut self) -> Option<Command> {
        self.window.page = Some(Page::Users);
        self.window.chosen = None;
        self.window.is_other_wanted = false;
        let is_open = self.state.profile.is_some() && !self.state.is_locked;
        is_open.then_some(Command::Lock)
    }

    /// While no profile is open, the way back leads to whoever is known.
    pub(super) fn is_way_back_to_users(&self) -> bool {
        let is_closed = self.state.profile.is_none() || self.state.is_locked;
        let page = presenter::page(&self.state, &self.window);
        is_closed && page != Page::Users && self.state.users.iter().any(is_offered)
    }

    /// Opens the profile of one who is known, or asks for what that takes.
    pub(super) fn choose_user(&mut self, id: UserUuid) -> Option<Command> {
        let user = self.state.users.iter().find(|user| user.profile.user == id)?;
        let (profile, unlock) = (user.profile.clone(), user.unlock);
        self.window.chosen = Some(profile.clone());
        self.window.pin = PinDialog::default();
        match unlock {
            Unlock::Tap => return Some(Command::Unlock { profile, pin: None }),
            Unlock::Pin { .. } => self.window.page = Some(Page::Unlock),
            Unlock::Password => self.window.page = Some(Page::SignIn),
        }
        None
    }

    /// Begins to set a PIN, or to remove it.
    pub(super) fn open_pin(&mut self, is_removed: bool) -> Option<Command> {
        let step = match (is_removed, self.state.pin.needs_current) {
            (true, true) => PinStep::Remove,
            (true, false) => return Some(Command::SetPin { current: None, new: None }),
            (false, true) => PinStep::Current,
            (false, false) => PinStep::New,
        };
        self.window.pin = PinDialog { step, ..PinDialog::default() };
        self.window.page = Some(Page::Pin);
        None
    }

    pub(super) fn pin_key(&mut self, key: Key) -> (bool, Option<Command>) {
        match key {
            Key::Text(digit) => {
                if let Some(digit) = digit {
                    self.window.pin.typed.push(digit);
                }
                (true, None)
            }
            Key::Erase => {
                self.window.pin.typed.erase();
                (true, None)
            }
            Key::Enter => (true, self.submit_pin()),
            Key::Up | Key::Down | Key::Left | Key::Right | Key::Back | Key::Other => (false, None),
        }
    }

    /// The PIN is typed, or the page asks for a tap alone.
    pub(super) fn submit_pin(&mut self) -> Option<Command> {
        if presenter::page(&self.state, &self.window) == Page::Unlock {
            return self.submit_unlock();
        }
        let dialog = &mut self.window.pin;
        if dialog.typed.count() < PIN_DIGITS_MIN {
            return None;
        }
        dialog.problem = None;
        match presenter::pin_step(&self.state, dialog) {
            PinStep::Current => {
                dialog.current = mem::take(&mut dialog.typed);
                dialog.step = PinStep::New;
                None
            }
            PinStep::New | PinStep::Unlock => {
                match Pin::parse_new(dialog.typed.clone().take()) {
                    Ok(_) => {
                        dialog.new = mem::take(&mut dialog.typed);
                        dialog.step = PinStep::Repeat;
                    }
                    Err(_) => {
                        dialog.typed = TypedDigits::default();
                        dialog.problem = Some(PinProblem::Unfit);
                    }
                }
                None
            }
            PinStep::Repeat => {
                let (first, mut again) = (mem::take(&mut dialog.new), mem::take(&mut dialog.typed));
                if first != again {
                    dialog.step = PinStep::New;
                    dialog.problem = Some(PinProblem::Mismatch);
                    return None;
                }
                let current = Pin::parse(dialog.current.take()).ok();
                Some(Command::SetPin { current, new: Pin::parse_new(again.take()).ok() })
            }
            PinStep::Remove => {
                let current = Pin::parse(dialog.typed.take()).ok();
                Some(Command::SetPin { current, new: None })
            }
        }
    }

    fn submit_unlock(&mut self) -> Option<Command> {
        let user = presenter::user_to_unlock(&self.state, &self.window)?;
        let (profile, unlock) = (user.profile.clone(), user.unlock);
        match unlock {
            Unlock::Tap => Some(Command::Unlock { profile, pin: None }),
            Unlock::Pin { .. } => {
                let pin = Pin::parse(self.window.pin.typed.take()).ok()?;
                Some(Command::Unlock { profile, pin: Some(pin) })
            }
            Unlock::Password => None,
        }
    }

    /// What became of a PIN that was set, and of a window that was locked or opened.
    pub(super) fn take_protection(&mut self, old: &AppState) {
        if old.is_locked != self.state.is_locked {
            let page = self
                .window
                .page
                .filter(|page| self.state.is_locked && matches!(page, Page::Users | Page::SignIn));
            let WindowState { appearance, dismissed_notice, .. } = self.window;
            self.window =
                WindowState { page, appearance, dismissed_notice, ..WindowState::default() };
        }
        if old.setting_pin != Progress::Busy {
            return;
        }
        match self.state.setting_pin {
            Progress::Idle if self.window.page == Some(Page::Pin) => {
                self.window.page = Some(Page::Settings);
                self.window.pin = PinDialog::default();
            }
            Progress::Failed(_) if self.window.pin.step != PinStep::Remove => {
                let step = match self.state.pin.needs_current {
                    true => PinStep::Current,
                    false => PinStep::New,
                };
                self.window.pin = PinDialog { step, ..PinDialog::default() };
            }
            _ => {}
        }
    }
}

/// The user of a list whose profile that is.
pub(in crate::gui) fn is_offered(user: &KnownUser) -> bool {
    !user.is_signing_out || user.waiting > 0
}
