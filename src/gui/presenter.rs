//! From the app's state to what the window shows. Pure: kinds, numbers and names come out, never a
//! sentence and nothing of Slint, so that all of it is tested without a window.

mod bars;
mod changes;
pub mod keypad;
mod people;
mod rows;
mod scanner_test;
mod strip;
mod times;
pub mod view;

use jiff::tz::TimeZone;

use super::controller::window_state::{Page, SignOut, WindowState};
use crate::app::state::{AppState, Progress, ServerSetting};
use crate::config::set_up::SetUp;
use crate::domain::change::{Change, ChangeState};
use crate::domain::connection::Connection;
use crate::domain::view::{Activity, ProfileView};
use crate::error::UserErrorKind;
pub(super) use people::{pin_step, user_to_unlock, username_to_edit};
pub(super) use rows::choices;
pub(super) use strip::kind as strip_kind;
use view::{
    ChangeRow, CodeView, EmptyView, FormView, HomeView, OutboxView, ServerView, SetUpCodeView,
    SettingsView, SignOutView, WindowView,
};

/// Lists of this length and longer can be searched.
pub const SEARCH_FROM_ROWS: usize = 8;

/// What the window shows for a state of the app and of the window itself.
pub fn present(state: &AppState, window: &WindowState, zone: &TimeZone) -> WindowView {
    let times = times::Times { now: state.now, zone };
    // A locked window shows nobody's names.
    let profile = state.profile.as_ref().filter(|_| !state.is_locked);
    WindowView {
        page: page(state, window),
        strip: strip::strip(state, &times),
        banner: bars::banner(state),
        bar: bars::bar(state, window),
        question: bars::question(state, window, &times),
        code: code(state, window),
        home: home(profile, window),
        outbox: outbox(profile, &times),
        set_up: FormView {
            is_busy: state.set_up == Progress::Busy,
            error: failure(state.set_up),
            can_go_back: matches!(state.server, ServerSetting::Set { .. }),
        },
        sign_in: people::sign_in(state, window),
        server: server(&state.server),
        set_up_code: state
            .set_up_code
            .as_ref()
            .filter(|_| page(state, window) == Page::SetUp)
            .map(set_up_code),
        users: people::users(state),
        pin: people::pin(state, window),
        scanner_test: scanner_test::scanner_test(state, profile, window),
        settings: settings(state, profile, window),
        unopened: state.unopened,
        demo: state.demo,
        support_text: state.support_text.clone().unwrap_or_default(),
    }
}

/// The page there is to see. What the worker opened counts as long as it makes sense.
pub fn page(state: &AppState, window: &WindowState) -> Page {
    if state.unopened.is_some() {
        return Page::Unopened;
    }
    let ServerSetting::Set { is_locked: is_server_locked, .. } = &state.server else {
        return Page::SetUp;
    };
    if state.profile.is_none() || state.is_locked {
        let can_change_server = state.profile.is_none() && !is_server_locked;
        return people::closed_page(state, window, can_change_server);
    }
    match window.page {
        _ if state.pin.must_be_set => Page::Pin,
        Some(Page::SetUp | Page::Users | Page::Unlock | Page::Unopened) | None => Page::Home,
        Some(opened) => opened,
    }
}

/// Whether signing in again is the only way to send anything.
pub(super) fn needs_sign_in(state: &AppState) -> bool {
    state.profile.as_ref().is_some_and(|profile| {
        state.is_token_over || profile.sync.connection == Connection::SignInAgain
    })
}

/// Whether what waits can go on only with a code of the second factor.
pub(super) fn is_code_wanted(state: &AppState) -> bool {
    state.profile.as_ref().is_some_and(|profile| {
        profile.sync.connection == Connection::NeedsCode
            && profile.waiting().is_some_and(|change| change.state != ChangeState::NeedsDecision)
            && !needs_sign_in(state)
    })
}

/// Whether the sheet for the code is in front.
pub(super) fn is_code_open(state: &AppState, window: &WindowState) -> bool {
    let is_covered = window.sign_out != SignOut::Closed
        || !matches!(page(state, window), Page::Home | Page::Outbox | Page::Settings);
    is_code_wanted(state) && !window.is_code_closed && !is_covered
}

/// The question that is open, whether its sheet is closed or not.
pub(super) fn open_question(profile: &ProfileView) -> Option<&Change> {
    profile.waiting().filter(|change| change.state == ChangeState::NeedsDecision)
}

/// How many changes have not settled.
pub(super) fn waiting_count(profile: &ProfileView) -> usize {
    profile.changes.iter().filter(|change| !change.state.is_settled()).count()
}

fn is_rejected_unseen(change: &Change) -> bool {
    change.state == ChangeState::Rejected && !change.is_seen
}

fn failure(progress: Progress) -> Option<UserErrorKind> {
    match progress {
        Progress::Failed(kind) => Some(kind),
        Progress::Idle | Progress::Busy => None,
    }
}

fn code(state: &AppState, window: &WindowState) -> Option<CodeView> {
    is_code_open(state, window).then(|| CodeView {
        typed: window.code.clone(),
        is_busy: state.profile.as_ref().is_some_and(|view| view.activity != Activity::Idle),
        is_refused: state.second_factor.is_code_refused,
        new_code: state.second_factor.new_code,
    })
}

fn home(profile: Option<&ProfileView>, window: &WindowState) -> HomeView {
    let Some(profile) = profile else { return HomeView::default() };
    let Some(snapshot) = &profile.snapshot else {
        return HomeView { empty: Some(EmptyView::NeverSynced), ..HomeView::default() };
    };
    if snapshot.assignments.is_empty() && profile.waiting().is_none() {
        return HomeView { empty: Some(EmptyView::NoneAssigned), ..HomeView::default() };
    }
    let is_search_shown = snapshot.assignments.len() >= SEARCH_FROM_ROWS;
    let rows = rows::rows(profile, window.search_in(profile));
    let selected = window.selected.and_then(|selected| {
        rows.iter().position(|row| row.warehouse == Some(selected) && row.is_choice())
    });
    HomeView { rows, selected, is_search_shown, empty: None }
}

fn outbox(profile: Option<&ProfileView>, times: &times::Times<'_>) -> OutboxView {
    let Some(profile) = profile else { return OutboxView::default() };
    let waiting = waiting_count(profile);
    let refused = profile.changes.iter().filter(|change| is_rejected_unseen(change)).count();
    OutboxView {
        changes: profile
            .changes
            .iter()
            .map(|change| changes::row(profile, change, times))
            .collect::<Vec<ChangeRow>>(),
        can_send_now: waiting > 0 && open_question(profile).is_none(),
        attention: waiting + refused,
    }
}

fn server(server: &ServerSetting) -> ServerView {
    match server {
        ServerSetting::Missing => ServerView { can_change: true, ..ServerView::default() },
        ServerSetting::Unusable { text, problem } => ServerView {
            text: text.clone(),
            problem: problem.clone(),
            can_change: true,
            ..ServerView::default()
        },
        ServerSetting::Set { origin, is_locked } => ServerView {
            text: origin.to_string(),
            host: origin.host().to_owned(),
            problem: String::new(),
            is_cleartext: origin.is_cleartext() && !origin.is_loopback(),
            can_change: !is_locked,
        },
    }
}

fn set_up_code(code: &SetUp) -> SetUpCodeView {
    let server = code.server.as_ref();
    SetUpCodeView {
        host: server.map(|origin| origin.host().to_owned()).unwrap_or_default(),
        is_cleartext: server.is_some_and(|origin| origin.is_cleartext() && !origin.is_loopback()),
        is_signed: code.is_signed(),
        others: code.settings.len().saturating_sub(usize::from(server.is_some())),
    }
}

fn settings(state: &AppState, profile: Option<&ProfileView>, window: &WindowState) -> SettingsView {
    let waiting = profile.map_or(0, waiting_count);
    SettingsView {
        appearance: window.appearance_for(state),
        username: profile.map(|profile| profile.username.clone()).unwrap_or_default(),
        sign_out: sign_out(profile, window),
        waiting,
        pin: state.pin,
        secrets: state.secrets,
        report: state.report.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
    }
}

/// Which step of signing out is in front.
pub(super) fn sign_out(profile: Option<&ProfileView>, window: &WindowState) -> SignOutView {
    match (profile, window.sign_out) {
        (None, _) | (_, SignOut::Closed) => SignOutView::Closed,
        (Some(profile), _) if waiting_count(profile) == 0 => SignOutView::NothingWaits,
        (Some(profile), SignOut::Asked) if open_question(profile).is_some() => {
            SignOutView::QuestionOpen
        }
        (Some(_), SignOut::Asked) => SignOutView::SomethingWaits,
        (Some(_), SignOut::Sure) => SignOutView::Sure,
    }
}

#[cfg(test)]
mod tests;
