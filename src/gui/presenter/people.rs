//! Who is known on the device, and what it takes to open their profiles.

use super::failure;
use super::view::{FormView, PinStepView, PinView, UserView};
use crate::app::PIN_DIGITS_MIN;
use crate::app::device::KnownUser;
use crate::app::state::{AppState, Progress};
use crate::domain::protection::Unlock;
use crate::error::UserErrorKind;
use crate::gui::controller::pin_page::is_offered;
use crate::gui::controller::window_state::{Page, PinDialog, PinProblem, PinStep, WindowState};

/// The page while no profile is open.
pub(super) fn closed_page(state: &AppState, window: &WindowState, can_change_server: bool) -> Page {
    let takes_password =
        user_to_unlock(state, window).is_some_and(|user| user.unlock == Unlock::Password);
    let has_users = state.users.iter().any(is_offered);
    match window.page {
        Some(Page::SetUp) if can_change_server => Page::SetUp,
        Some(Page::SignIn) => Page::SignIn,
        Some(Page::Users) if has_users => Page::Users,
        _ if takes_password => Page::SignIn,
        _ if user_to_unlock(state, window).is_some() => Page::Unlock,
        _ if has_users => Page::Users,
        _ => Page::SignIn,
    }
}

/// Whose profile is to be opened: the chosen one, else the one in front.
pub(in crate::gui) fn user_to_unlock<'a>(
    state: &'a AppState,
    window: &WindowState,
) -> Option<&'a KnownUser> {
    let front = state.profile.as_ref().map(|view| &view.profile);
    let wanted = window.chosen.as_ref().or(front)?;
    state.users.iter().find(|user| user.profile == *wanted)
}

/// The user name to begin typing from.
pub(in crate::gui) fn username_to_edit(state: &AppState, window: &WindowState) -> String {
    if window.is_other_wanted {
        return String::new();
    }
    let wanted = user_to_unlock(state, window).map(|user| &user.username);
    let front = state.profile.as_ref().map(|profile| &profile.username);
    wanted.or(front).cloned().unwrap_or_default()
}

pub(super) fn sign_in(state: &AppState, window: &WindowState) -> FormView {
    let is_closed = state.profile.is_none() || state.is_locked;
    let is_for_password = is_closed
        && !window.is_other_wanted
        && user_to_unlock(state, window).is_some_and(|user| user.unlock == Unlock::Password);
    FormView {
        is_busy: state.sign_in == Progress::Busy,
        error: failure(state.sign_in).or(is_for_password.then_some(UserErrorKind::PinBlocked)),
        can_go_back: !is_closed || state.users.iter().any(is_offered),
    }
}

pub(super) fn users(state: &AppState) -> Vec<UserView> {
    let front = state.profile.as_ref().map(|view| &view.profile);
    let offered = state.users.iter().filter(|user| is_offered(user));
    offered
        .map(|user| UserView {
            user: user.profile.user,
            name: user.username.clone(),
            waiting: user.waiting,
            is_in_front: Some(&user.profile) == front,
            takes_password: user.unlock == Unlock::Password,
        })
        .collect()
}

/// Which PIN is typed: where IT wants one, the page is there before anybody asked for it.
pub(in crate::gui) fn pin_step(state: &AppState, dialog: &PinDialog) -> PinStep {
    match dialog.step {
        PinStep::Unlock if !state.is_locked => PinStep::New,
        step => step,
    }
}

pub(super) fn pin(state: &AppState, window: &WindowState) -> PinView {
    let is_unlock = super::page(state, window) == Page::Unlock;
    let user = if is_unlock { user_to_unlock(state, window) } else { None };
    let dialog = &window.pin;
    let (step, tries_left) = match user.map(|user| user.unlock) {
        Some(Unlock::Pin { tries_left }) => (PinStepView::Unlock, Some(tries_left)),
        Some(Unlock::Tap | Unlock::Password) => (PinStepView::Tap, None),
        None => (step_view(pin_step(state, dialog)), None),
    };
    let progress = if is_unlock { state.unlocking } else { state.setting_pin };
    let problem = dialog.problem.map(|problem| match problem {
        PinProblem::Unfit => UserErrorKind::PinUnfit,
        PinProblem::Mismatch => UserErrorKind::PinMismatch,
    });
    // Whoever types has read what was wrong.
    let is_read = dialog.typed.count() > 0;
    PinView {
        step,
        name: user.map(|user| user.username.clone()).unwrap_or_default(),
        typed: dialog.typed.count(),
        can_submit: dialog.typed.count() >= PIN_DIGITS_MIN && progress != Progress::Busy,
        is_busy: progress == Progress::Busy,
        error: problem.or(failure(progress)).filter(|_| !is_read),
        tries_left: tries_left.filter(|left| *left < crate::domain::protection::PIN_TRIES_MAX),
        can_go_back: is_unlock || !state.pin.must_be_set,
    }
}

fn step_view(step: PinStep) -> PinStepView {
    match step {
        PinStep::Unlock => PinStepView::Unlock,
        PinStep::Current | PinStep::Remove => PinStepView::Current,
        PinStep::New => PinStepView::New,
        PinStep::Repeat => PinStepView::Repeat,
    }
}
