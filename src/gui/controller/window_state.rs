//! What only the window knows: the page in front, the search, the chosen row.

use crate::app::SecondFactorCode;
use crate::app::state::ServerSetting;
use crate::domain::ids::{Seq, WarehouseUuid};
use crate::domain::view::ProfileView;
use crate::gui::presenter::SEARCH_FROM_ROWS;

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The server's address.
    SetUp,
    /// User name and password.
    SignIn,
    /// The warehouses.
    Home,
    /// The changes.
    Outbox,
    /// The settings.
    Settings,
}

/// The colours to draw with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// Black on white, for the yard.
    Sunlight,
}

/// The language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// As the system has it.
    #[default]
    Auto,
    /// English.
    English,
    /// German.
    German,
}

impl Language {
    /// The language that a locale such as `de_DE.UTF-8` asks for.
    pub fn of_locale(locale: &str) -> Self {
        match locale.split(['_', '-', '.', '@']).next() {
            Some(code) if code.eq_ignore_ascii_case("de") => Self::German,
            _ => Self::English,
        }
    }
}

/// How the window looks and speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appearance {
    /// Its colours.
    pub theme: Theme,
    /// Its language.
    pub language: Language,
}

/// How far signing out has got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignOut {
    /// Not asked for.
    #[default]
    Closed,
    /// Asked for.
    Asked,
    /// Giving up what waits was tapped once.
    Sure,
}

/// Most digits of a code of the second factor.
const CODE_DIGITS_MAX: usize = 10;

/// As much of a code of the second factor as is typed. Overwritten when it is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedCode(SecondFactorCode);

impl Default for TypedCode {
    fn default() -> Self {
        Self(SecondFactorCode::new(String::new()))
    }
}

impl TypedCode {
    /// The digits, for the worker's eyes.
    pub fn digits(&self) -> &str {
        self.0.expose()
    }

    /// Adds a digit, unless there are too many already.
    pub fn push(&mut self, digit: u8) {
        let digit = char::from_digit(u32::from(digit), 10);
        if let Some(digit) = digit.filter(|_| self.digits().len() < CODE_DIGITS_MAX) {
            let mut longer = String::with_capacity(CODE_DIGITS_MAX);
            longer.push_str(self.digits());
            longer.push(digit);
            self.0 = SecondFactorCode::new(longer);
        }
    }

    /// Takes the last digit back.
    pub fn erase(&mut self) {
        let shorter = self.digits().len().saturating_sub(1);
        let kept = self.digits().get(..shorter).unwrap_or_default().to_owned();
        self.0 = SecondFactorCode::new(kept);
    }

    /// Hands the code out and begins anew; `None` if nothing is typed.
    pub fn take(&mut self) -> Option<SecondFactorCode> {
        let Self(code) = std::mem::take(self);
        (!code.expose().is_empty()).then_some(code)
    }
}

/// Everything that only the window knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowState {
    /// The page that the worker opened; `None` for the one that fits.
    pub page: Option<Page>,
    /// What is searched for.
    pub search: String,
    /// The warehouse that the arrow keys chose.
    pub selected: Option<WarehouseUuid>,
    /// Theme and language.
    pub appearance: Appearance,
    /// Signing out.
    pub sign_out: SignOut,
    /// The question whose sheet was put aside.
    pub closed_question: Option<Seq>,
    /// What is typed of a code.
    pub code: TypedCode,
    /// Whether the sheet for the code was put aside.
    pub is_code_closed: bool,
    /// The notice that has been seen.
    pub dismissed_notice: Option<u64>,
}

impl WindowState {
    /// What this profile's list is searched for: nothing if it is too short for a search field.
    pub fn search_in(&self, profile: &ProfileView) -> &str {
        let is_shown = profile
            .snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.assignments.len() >= SEARCH_FROM_ROWS);
        if is_shown { &self.search } else { "" }
    }
}

/// The address to begin typing from.
pub(in crate::gui) fn address_to_edit(server: &ServerSetting) -> String {
    match server {
        ServerSetting::Missing => "https://".to_owned(),
        ServerSetting::Unusable { text, .. } => text.clone(),
        ServerSetting::Set { origin, .. } => origin.to_string(),
    }
}
