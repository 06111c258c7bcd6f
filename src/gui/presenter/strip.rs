//! The status strip.

use super::times::Times;
use super::view::{StripKind, StripView};
use super::{is_rejected_unseen, needs_sign_in, open_question, waiting_count};
use crate::app::state::{AppState, ServerSetting};
use crate::domain::connection::Connection;
use crate::domain::view::{Activity, ProfileView, Storage};

pub(super) fn strip(state: &AppState, times: &Times<'_>) -> StripView {
    let kind = kind(state);
    let Some(profile) = &state.profile else {
        return StripView { kind, waiting: 0, since: None, list_from: None };
    };
    let waiting = waiting_count(profile);
    let since = matches!(kind, StripKind::Offline | StripKind::ServerTrouble)
        .then_some(profile.sync.connection_since.as_ref())
        .flatten()
        .and_then(|moment| times.seen(moment));
    let list_from = profile.snapshot.as_ref().and_then(|snapshot| times.seen(&snapshot.fetched_at));
    StripView { kind, waiting, since, list_from }
}

/// Exactly one kind: first what the worker must not miss, then what they can do something about,
/// then how it stands.
pub(in crate::gui) fn kind(state: &AppState) -> StripKind {
    if state.unopened.is_some() {
        return StripKind::CannotSave;
    }
    match (&state.profile, &state.server) {
        (Some(profile), _) => kind_for(state, profile),
        (None, ServerSetting::Set { .. }) => StripKind::SignedOut,
        (None, ServerSetting::Missing | ServerSetting::Unusable { .. }) => StripKind::NotSetUp,
    }
}

fn kind_for(state: &AppState, profile: &ProfileView) -> StripKind {
    let waiting = waiting_count(profile);
    if profile.storage == Storage::Failed {
        return StripKind::CannotSave;
    }
    if open_question(profile).is_some() {
        return StripKind::NeedsDecision;
    }
    if waiting == 0 && super::rows::active_count(profile) > 1 {
        return StripKind::TwoActive;
    }
    if profile.changes.iter().any(is_rejected_unseen) {
        return StripKind::Refused;
    }
    if needs_sign_in(state) {
        return StripKind::SignInAgain;
    }
    if profile.activity == Activity::Sending {
        return StripKind::Sending;
    }
    match profile.sync.connection {
        Connection::Offline => StripKind::Offline,
        Connection::SignInAgain => StripKind::SignInAgain,
        Connection::NeedsCode if waiting > 0 => StripKind::NeedsCode,
        Connection::NeedsCode => StripKind::AllSent,
        Connection::ServerTrouble => StripKind::ServerTrouble,
        Connection::WifiSignIn => StripKind::WifiSignIn,
        Connection::ProxySignIn => StripKind::ProxySignIn,
        Connection::WrongServer => StripKind::WrongServer,
        Connection::TlsFailed(problem) => StripKind::Unsafe(problem),
        Connection::NotAllowed => StripKind::NotAllowed,
        Connection::AccountUnknown => StripKind::AccountUnknown,
        Connection::Unknown | Connection::Online if waiting > 0 => StripKind::Sending,
        Connection::Unknown | Connection::Online if profile.snapshot.is_none() => {
            StripKind::Fetching
        }
        Connection::Unknown | Connection::Online => StripKind::AllSent,
    }
}
