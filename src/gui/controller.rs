//! Decides what follows from a person's action: a change of the window's own state, a command to
//! the app, or both. Pure, so that it is tested without a window.

mod keys;
pub(in crate::gui) mod pin_page;
mod sheets;
pub mod typed_digits;
pub mod window_state;

use std::sync::Arc;

use super::intent::{Intent, Key};
use super::presenter;
use super::presenter::view::StripKind;
use crate::app::SecondFactorCode;
use crate::app::state::{AppState, Command, Progress};
use crate::domain::change::{ChangeState, Origin};
use crate::domain::ids::WarehouseUuid;
pub use keys::Captured;
use keys::Keys;
use typed_digits::TypedDigits;
use window_state::{Appearance, Page, SignOut, WindowState};

/// The window's side of the conversation.
#[derive(Debug)]
pub struct Controller {
    state: Arc<AppState>,
    window: WindowState,
    keys: Keys,
}

impl Controller {
    /// Begins with what the app knows at the start.
    pub fn new(state: Arc<AppState>, appearance: Appearance) -> Self {
        let window = WindowState { appearance, ..WindowState::default() };
        Self { state, window, keys: Keys::default() }
    }

    /// The app's latest state.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// The window's own state.
    pub fn window(&self) -> &WindowState {
        &self.window
    }

    /// Takes over a newer state. A form that did its work gives way to the page that fits.
    pub fn take_state(&mut self, state: Arc<AppState>) {
        let old = std::mem::replace(&mut self.state, state);
        let is_signed_in = old.sign_in == Progress::Busy && self.state.sign_in == Progress::Idle
            || presenter::needs_sign_in(&old) && !presenter::needs_sign_in(&self.state);
        let is_set_up = old.set_up == Progress::Busy && self.state.set_up == Progress::Idle;
        let profile_of = |state: &AppState| state.profile.as_ref().map(|view| view.profile.clone());
        if profile_of(&old) != profile_of(&self.state) {
            let appearance = self.window.appearance;
            let dismissed_notice = self.window.dismissed_notice;
            self.window = WindowState { appearance, dismissed_notice, ..WindowState::default() };
        } else if is_signed_in && self.window.page == Some(Page::SignIn)
            || is_set_up && self.window.page == Some(Page::SetUp)
        {
            self.window.page = None;
        }
        self.take_protection(&old);
        if !presenter::is_code_wanted(&self.state) {
            self.window.code = TypedDigits::default();
            self.window.is_code_closed = false;
        }
    }

    /// What follows from an action.
    pub fn handle(&mut self, intent: Intent) -> Option<Command> {
        match intent {
            Intent::Activate(warehouse) => {
                self.window.search.clear();
                self.window.selected = None;
                Some(Command::Activate { warehouse, origin: Origin::Tap })
            }
            Intent::Leave => Some(Command::Leave),
            Intent::Undo(seq) => Some(Command::Undo { seq }),
            Intent::Decide(seq, decision) => Some(Command::Decide { seq, decision }),
            Intent::Answer(index) => self.answer(index),
            Intent::OpenStrip => self.open_strip(),
            Intent::MarkSeen(seq) => Some(Command::MarkSeen { seq }),
            Intent::SendNow => Some(Command::SendNow),
            Intent::SubmitCode => self.submit_code(),
            Intent::SendNewCode => Some(Command::SendNewCode),
            Intent::Touched => Some(Command::Touched),
            Intent::Connect(address) => Some(Command::SetServer { address: with_scheme(address) }),
            Intent::SignIn { username, password } => Some(Command::SignIn { username, password }),
            Intent::UseSetUpCode => Some(Command::UseSetUpCode),
            Intent::DropSetUpCode => Some(Command::DropSetUpCode),
            Intent::SaveReport => Some(Command::SaveReport),
            Intent::DemoOffline(is_offline) => Some(Command::DemoOffline(is_offline)),
            Intent::DemoOtherDevice => Some(Command::DemoOtherDevice),
            Intent::SignOut { discard } => self.sign_out(discard),
            Intent::Scanned(scan) => self.scanned(scan),
            Intent::ScannedInVain(why) => Some(Command::ScannedInVain(why)),
            Intent::HandOver => self.hand_over(),
            Intent::ChooseUser(user) => self.choose_user(user),
            Intent::OpenPin => self.open_pin(false),
            Intent::RemovePin => self.open_pin(true),
            Intent::SubmitPin => self.submit_pin(),
            Intent::Choose(preference) => {
                self.window.preferred.choose(preference);
                Some(Command::Choose(preference))
            }
            Intent::UnlockKeyring => Some(Command::UnlockKeyring),
            local => {
                self.handle_local(local);
                None
            }
        }
    }

    /// A key that no control wanted: whether it was used, and the command that follows.
    pub fn key(&mut self, key: Key) -> (bool, Option<Command>) {
        if key == Key::Back && self.is_set_up_code_open() {
            return (true, Some(Command::DropSetUpCode));
        }
        if key == Key::Back {
            return (self.back(), None);
        }
        if presenter::is_code_open(&self.state, &self.window) {
            return self.code_key(key);
        }
        if self.is_pin_typed() {
            return self.pin_key(key);
        }
        if let Key::Text(digit) = key {
            self.keys.nobody_wants(digit);
            return (true, None);
        }
        if key == Key::Enter && self.keys.enter_ends_fast_keys() {
            // The end of a code too short to be one, not a choice.
            return (true, None);
        }
        if !self.is_list_in_front() {
            return (false, None);
        }
        self.list_key(key)
    }

    fn list_key(&mut self, key: Key) -> (bool, Option<Command>) {
        match key {
            Key::Up => (self.select(-1), None),
            Key::Down => (self.select(1), None),
            Key::Enter => {
                let choice = self.window.selected.filter(|row| self.choices().contains(row));
                (choice.is_some(), choice.and_then(|row| self.handle(Intent::Activate(row))))
            }
            Key::Text(_) | Key::Back | Key::Erase | Key::Left | Key::Right | Key::Other => {
                (false, None)
            }
        }
    }

    /// A key while the code is asked for. What a scanner types is taken back again.
    fn code_key(&mut self, key: Key) -> (bool, Option<Command>) {
        match key {
            Key::Text(digit) => {
                if let Some(digit) = digit {
                    self.window.code.push(digit);
                }
                (true, None)
            }
            Key::Erase => {
                self.window.code.erase();
                (true, None)
            }
            Key::Enter => (true, self.handle(Intent::SubmitCode)),
            Key::Up | Key::Down | Key::Left | Key::Right | Key::Back | Key::Other => (false, None),
        }
    }

    fn submit_code(&mut self) -> Option<Command> {
        let mut digits = self.window.code.take();
        let code = SecondFactorCode::new(std::mem::take(&mut digits));
        (!code.expose().is_empty()).then_some(Command::EnterCode(code))
    }

    fn handle_local(&mut self, intent: Intent) {
        match intent {
            Intent::OpenPage(page) => self.open(Some(page)),
            Intent::Back => {
                self.back();
            }
            Intent::Search(text) => {
                self.window.search = text;
                self.window.selected = None;
            }
            Intent::DismissBar => {
                self.window.dismissed_notice = self.state.notice.as_ref().map(|n| n.number);
            }
            Intent::PinDigit(digit) => self.window.pin.typed.push(digit),
            Intent::SignInAnother => {
                self.open(Some(Page::SignIn));
                self.window.is_other_wanted = true;
            }
            Intent::ErasePinDigit => self.window.pin.typed.erase(),
            Intent::AnswerFirst => {
                self.open(None);
                self.window.closed_question = None;
            }
            Intent::CodeDigit(digit) => self.window.code.push(digit),
            Intent::EraseCodeDigit => self.window.code.erase(),
            Intent::CloseCode => self.window.is_code_closed = true,
            Intent::CloseQuestion => self.window.closed_question = self.question(),
            Intent::AskSignOut => self.window.sign_out = SignOut::Asked,
            Intent::CancelSignOut => self.window.sign_out = SignOut::Closed,
            _ => {}
        }
    }

    fn open(&mut self, page: Option<Page>) {
        self.window.page = page;
        self.window.scan_test = None;
        self.window.sign_out = SignOut::Closed;
        self.window.selected = None;
    }

    /// The strip leads to what it speaks of; where it speaks of nothing but the list, to a new one.
    fn open_strip(&mut self) -> Option<Command> {
        if self.state.is_locked {
            return None;
        }
        match presenter::strip_kind(&self.state) {
            StripKind::NotSetUp | StripKind::SignedOut => {}
            StripKind::NeedsDecision => self.window.closed_question = None,
            StripKind::NeedsCode => self.window.is_code_closed = false,
            StripKind::SignInAgain => self.open(Some(Page::SignIn)),
            StripKind::TwoActive => self.open(None),
            _ if self.has_news() => self.open(Some(Page::Outbox)),
            _ => return Some(Command::SendNow),
        }
        None
    }

    fn has_news(&self) -> bool {
        let mut changes = self.state.profile.iter().flat_map(|profile| profile.changes.iter());
        changes.any(|change| {
            !change.state.is_settled() || change.state == ChangeState::Rejected && !change.is_seen
        })
    }

    /// One step back: a sheet, the search, the page. False if there is none.
    fn back(&mut self) -> bool {
        let question = self.question();
        if self.window.sign_out != SignOut::Closed {
            self.window.sign_out = SignOut::Closed;
        } else if presenter::page(&self.state, &self.window) == Page::ScannerTest {
            self.open(Some(Page::Settings));
        } else if question.is_some() && question != self.window.closed_question {
            self.window.closed_question = question;
        } else if presenter::is_code_open(&self.state, &self.window) {
            self.window.is_code_closed = true;
        } else if self.is_way_back_to_users() {
            self.hand_over();
        } else if self.window.page.is_some_and(|page| page != Page::Home) {
            self.open(None);
        } else if !self.window.search.is_empty() {
            self.window.search.clear();
        } else {
            return false;
        }
        true
    }

    fn sign_out(&mut self, discard: bool) -> Option<Command> {
        let is_first_tap = discard && self.window.sign_out != SignOut::Sure;
        if is_first_tap && self.state.profile.as_ref().is_some_and(|view| view.waiting().is_some())
        {
            self.window.sign_out = SignOut::Sure;
            return None;
        }
        self.window.sign_out = SignOut::Closed;
        Some(Command::SignOut { discard })
    }

    fn select(&mut self, step: isize) -> bool {
        let choices = self.choices();
        let current = self.window.selected.and_then(|row| choices.iter().position(|c| *c == row));
        let next = match current {
            None => Some(0),
            Some(index) => index.checked_add_signed(step),
        };
        let Some(chosen) = next.and_then(|index| choices.get(index)) else { return false };
        self.window.selected = Some(*chosen);
        true
    }

    fn choices(&self) -> Vec<WarehouseUuid> {
        self.state.profile.as_ref().map_or_else(Vec::new, |profile| {
            presenter::choices(profile, self.window.search_in(profile))
        })
    }

    fn question(&self) -> Option<crate::domain::ids::Seq> {
        presenter::open_question(self.state.profile.as_ref()?).map(|change| change.seq)
    }

    fn is_set_up_code_open(&self) -> bool {
        self.state.set_up_code.is_some()
            && presenter::page(&self.state, &self.window) == Page::SetUp
    }

    /// Whether keys go to the list: the home page, and no sheet over it.
    fn is_list_in_front(&self) -> bool {
        presenter::page(&self.state, &self.window) == Page::Home && self.sheet().is_none()
    }
}

/// Nobody types `https://` with gloves on; whoever needs something else types that.
fn with_scheme(address: String) -> String {
    if address.contains("://") { address } else { format!("https://{}", address.trim()) }
}

#[cfg(test)]
mod people_tests;
#[cfg(test)]
mod tests;
