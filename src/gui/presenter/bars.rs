//! The banner above the page, the line below it, and the question that covers it.

use super::times::Times;
use super::view::{BannerView, BarKind, BarView, QuestionView};
use super::{changes, needs_sign_in, open_question, page};
use crate::app::state::{AppState, NoticeKind, Progress, SecretsNote};
use crate::domain::change::{Change, Reason, Wish};
use crate::domain::view::Storage;
use crate::error::UserErrorKind;
use crate::gui::controller::window_state::{Page, WindowState};

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
    let is_open = state.profile.is_some() && !state.is_locked;
    let undo = undo(state).filter(|_| is_open);
    let notice = state.notice.as_ref().filter(|notice| {
        window.dismissed_notice != Some(notice.number)
            && is_for_this_page(notice.kind, is_open)
            && !is_told_by_form(state, window, notice.kind)
    });
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
        NoticeKind::LongScan => (BarKind::LongScan, None),
        NoticeKind::UnclearScan => (BarKind::UnclearScan, None),
        NoticeKind::Undone => (BarKind::Undone, None),
        NoticeKind::PinSet => (BarKind::PinSet, None),
        NoticeKind::PinRemoved => (BarKind::PinRemoved, None),
    };
    Some(BarView { kind, name: notice.warehouse_name.clone(), undo: seq })
}

/// Where no profile is open only a scan is answered, and nobody's warehouses are named.
fn is_for_this_page(kind: NoticeKind, is_open: bool) -> bool {
    match kind {
        NoticeKind::NotAccepted(UserErrorKind::Locked | UserErrorKind::NotSignedIn) => !is_open,
        NoticeKind::SameScan | NoticeKind::LongScan | NoticeKind::UnclearScan => true,
        _ => is_open,
    }
}

/// Whether the set-up page says so itself.
fn is_told_by_form(state: &AppState, window: &WindowState, kind: NoticeKind) -> bool {
    let NoticeKind::NotAccepted(error) = kind else { return false };
    page(state, window) == Page::SetUp && state.set_up == Progress::Failed(error)
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
        wished_at: times.seen(&change.recorded_at),
    }
}
