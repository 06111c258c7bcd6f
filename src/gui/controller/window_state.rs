//! What only the window knows: the page in front, the search, the chosen row.

use crate::app::state::ServerSetting;
use crate::domain::ids::{ProfileId, Seq, WarehouseUuid};
use crate::domain::view::ProfileView;
use crate::gui::presenter::SEARCH_FROM_ROWS;

use super::typed_digits::TypedDigits;

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
    /// Whoever is known on this device.
    Users,
    /// Opening the profile of one of them.
    Unlock,
    /// Setting a PIN.
    Pin,
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

/// Which PIN is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinStep {
    /// The one that opens a profile.
    #[default]
    Unlock,
    /// The one until now, before it is changed.
    Current,
    /// The one until now, before it is removed.
    Remove,
    /// A new one.
    New,
    /// The new one again.
    Repeat,
}

/// The page on which a PIN is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PinDialog {
    /// Which one is typed.
    pub step: PinStep,
    /// As much of it as is typed.
    pub typed: TypedDigits,
    /// The one until now.
    pub current: TypedDigits,
    /// The new one, to be repeated.
    pub new: TypedDigits,
    /// Why it has to be typed again.
    pub problem: Option<PinProblem>,
}

/// Why a PIN has to be typed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinProblem {
    /// It can't be one.
    Unfit,
    /// The second time was not as the first.
    Mismatch,
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
    pub code: TypedDigits,
    /// Whether the sheet for the code was put aside.
    pub is_code_closed: bool,
    /// Whose profile is to be opened; `None`: the one in front.
    pub chosen: Option<ProfileId>,
    /// Whether somebody wants to sign in who is not known on the device.
    pub is_other_wanted: bool,
    /// The PIN that is typed.
    pub pin: PinDialog,
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
