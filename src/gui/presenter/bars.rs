//! The banner above the page, the line below it, and the question that covers it.

use super::times::Times;
use super::view::{BannerView, BarKind, BarView, QuestionView};
use super::{changes, needs_sign_in, open_question};
use crate::app::state::{AppState, NoticeKind, SecretsNote};
use crate::domain::change::{Change, Reason, Wish};
use crate::domain::view::Storage;
use crate::gui::controller::window_state::WindowState;

pub(super) fn banner(state: &AppState) -> Option<BannerView> {
    let profile = state.profile.as_ref()?;
    if state.secrets == SecretsNote::OutOfReach {
        return Some(BannerView::KeyringOutOfReach);
    }
    if needs_sign_in(state) {
        return Some(BannerView::SignInAgain);
    }
    if let Some(minutes) = state.token_ends_in_minutes {
        return Some(BannerView::TokenEnds { minutes });
    }
    if profile.storage == Storage::Recovered {
        return Some(BannerView::StorageRecovered);
    }
    let waiting = state.other_servers;
    (waiting > 0).then_some(BannerView::OtherServers { waiting })
}

/// What must not be missed comes before the undo, and the undo before what merely went well.
pub(super) fn bar(state: &AppState, window: &WindowState) -> Option<BarView> {
    if state.is_locked {
        return None;
    }
    let undo = undo(state);
    let notice =
        state.notice.as_ref().filter(|notice| window.dismissed_notice != Some(notice.number));
    let Some(notice) = notice else { return undo };
    let undo_seq = undo.as_ref().and_then(|bar| bar.undo);
    let (kind, seq) = match notice.kind {
        NoticeKind::NotAccepted(error) => (BarKind::NotAccepted(error), None),
        NoticeKind::RefusedLater => (BarKind::RefusedLater, None),
        NoticeKind::ActiveElsewhere => (BarKind::ActiveElsewhere, None),
        NoticeKind::Replaced => (BarKind::Replaced, undo_seq),
        NoticeKind::Accepted
        | NoticeKind::AlreadySo
        | NoticeKind::SameScan
        | NoticeKind::Undone
            if undo.is_some() =>
        {
            return undo;
        }
        NoticeKind::Accepted => (BarKind::Accepted, None),
        NoticeKind::AlreadySo => (BarKind::AlreadySo, None),
        NoticeKind::SameScan => (BarKind::SameScan, None),
        NoticeKind::Undone => (BarKind::Undone, None),
        NoticeKind::PinSet => (BarKind::PinSet, None),
        NoticeKind::PinRemoved => (BarKind::PinRemoved, None),
    };
    Some(BarView { kind, name: notice.warehouse_name.clone(), undo: seq })
}

fn undo(state: &AppState) -> Option<BarView> {
    let seq = state.undo?;
    let change = state.profile.as_ref()?.changes.iter().find(|change| change.seq == seq)?;
    Some(match &change.wish {
        Wish::Activate(target) => BarView {
            kind: BarKind::Switched,
            name: Some(target.warehouse_name.clone()),
            undo: Some(seq),
        },
        Wish::Leave => BarView { kind: BarKind::Left, name: None, undo: Some(seq) },
    })
}

pub(super) fn question(
    state: &AppState,
    window: &WindowState,
    times: &Times<'_>,
) -> Option<QuestionView> {
    let profile = state.profile.as_ref().filter(|_| !state.is_locked)?;
    let change = open_question(profile)?;
    (window.closed_question != Some(change.seq)).then(|| question_of(change, times))
}

fn question_of(change: &Change, times: &Times<'_>) -> QuestionView {
    QuestionView {
        seq: change.seq,
        is_stale: matches!(change.reason, Some(Reason::Stale { .. })),
        wished: change.wish.target().map(|target| target.warehouse_name.clone()),
        active: change.reason.as_ref().map(changes::names).unwrap_or_default(),
        wished_at: times.clock(&change.recorded_at),
    }
}
