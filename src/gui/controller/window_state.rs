//! What only the window knows: the page in front, the search, the chosen row.

use crate::app::state::{AppState, ServerSetting};
use crate::app::trial::{Advice, Report};
use crate::domain::ids::{ProfileId, Seq, WarehouseUuid};
use crate::domain::preferences::Preferences;
pub use crate::domain::preferences::{Language, TextScale, Theme, Volume};
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
    /// What a scanner sends.
    ScannerTest,
    /// Nothing on the device could be opened.
    Unopened,
}

/// What arrived last on the scanner's test page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanTest {
    /// How it arrived.
    pub report: Report,
    /// What there is to change.
    pub advice: Vec<Advice>,
    /// The app's last answer before it.
    pub tried_before: Option<u64>,
}

/// How the window looks, speaks and sounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appearance {
    /// Its colours.
    pub theme: Theme,
    /// Its language.
    pub language: Language,
    /// The size of its texts.
    pub text_scale: TextScale,
    /// How loud its sounds are.
    pub volume: Volume,
    /// What of it is not for the worker to choose.
    pub locked: Locked,
}

/// What IT's policy has decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locked {
    /// The colours.
    pub theme: bool,
    /// The language.
    pub language: bool,
    /// The size of texts.
    pub text_scale: bool,
    /// The volume.
    pub volume: bool,
}

impl Appearance {
    /// What of it holds for somebody who has chosen this.
    #[must_use]
    pub fn as_preferred(self, preferences: &Preferences) -> Self {
        fn choose<T: Copy>(configured: T, is_locked: bool, chosen: Option<T>) -> T {
            chosen.filter(|_| !is_locked).unwrap_or(configured)
        }
        let Self { theme, language, text_scale, volume, locked } = self;
        Self {
            theme: choose(theme, locked.theme, preferences.theme),
            language: choose(language, locked.language, preferences.language),
            text_scale: choose(text_scale, locked.text_scale, preferences.text_scale),
            volume: choose(volume, locked.volume, preferences.volume),
            locked,
        }
    }
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
    /// What the device is configured for.
    pub appearance: Appearance,
    /// What the worker chose just now; the app keeps it.
    pub preferred: Preferences,
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
    /// What arrived last on the scanner's test page.
    pub scan_test: Option<ScanTest>,
    /// The PIN that is typed.
    pub pin: PinDialog,
    /// The notice that has been seen.
    pub dismissed_notice: Option<u64>,
}

impl WindowState {
    /// How the window looks, speaks and sounds for the person in front.
    pub fn appearance_for(&self, state: &AppState) -> Appearance {
        let kept = state.profile.as_ref().map(|profile| profile.preferences).unwrap_or_default();
        self.appearance.as_preferred(&kept).as_preferred(&self.preferred)
    }

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
        ServerSetting::Missing => String::new(),
        ServerSetting::Unusable { text, .. } => text.clone(),
        ServerSetting::Set { origin, .. } => origin.to_string(),
    }
}
