//! The outbox.

use super::is_rejected_unseen;
use super::times::Times;
use super::view::{ChangeRow, ReasonKind};
use crate::domain::change::{Change, ChangeState, Reason};
use crate::domain::view::ProfileView;

pub(super) fn row(profile: &ProfileView, change: &Change, times: &Times<'_>) -> ChangeRow {
    let is_waiting = profile.waiting().is_some_and(|waiting| waiting.seq == change.seq);
    let is_question = change.state == ChangeState::NeedsDecision;
    let is_untouched = change.shown_before_is_server_word && change.attempts == 0;
    ChangeRow {
        seq: change.seq,
        name: change.wish.target().map(|target| target.warehouse_name.clone()),
        state: change.state,
        recorded_at: times.seen(&change.recorded_at),
        attempts: change.attempts,
        reason: change.reason.as_ref().map(kind),
        reason_names: change.reason.as_ref().map(names).unwrap_or_default(),
        small_print: change.reason.as_ref().map(small_print).unwrap_or_default(),
        can_undo: is_waiting && !is_question && (is_untouched || change.shown_before.is_some()),
        can_decide: is_waiting && is_question,
        can_mark_seen: is_rejected_unseen(change),
    }
}

fn kind(reason: &Reason) -> ReasonKind {
    match reason {
        Reason::NoLongerAssigned => ReasonKind::NoLongerAssigned,
        Reason::WarehouseClosed => ReasonKind::WarehouseClosed,
        Reason::ServerRefused { .. } => ReasonKind::ServerRefused,
        Reason::SwitchedMeanwhile { .. } => ReasonKind::SwitchedMeanwhile,
        Reason::Stale { .. } => ReasonKind::Stale,
        Reason::ActiveElsewhere { .. } => ReasonKind::ActiveElsewhere,
        Reason::Replaced { .. } => ReasonKind::Replaced,
        Reason::Undone => ReasonKind::Undone,
        Reason::Theirs => ReasonKind::Theirs,
        Reason::SignedOut => ReasonKind::SignedOut,
    }
}

/// The warehouses that a reason speaks of.
pub(super) fn names(reason: &Reason) -> Vec<String> {
    match reason {
        Reason::SwitchedMeanwhile { warehouse_names }
        | Reason::Stale { warehouse_names }
        | Reason::ActiveElsewhere { warehouse_names }
        | Reason::Replaced { warehouse_names } => warehouse_names.clone(),
        Reason::NoLongerAssigned
        | Reason::WarehouseClosed
        | Reason::ServerRefused { .. }
        | Reason::Undone
        | Reason::Theirs
        | Reason::SignedOut => Vec::new(),
    }
}

fn small_print(reason: &Reason) -> String {
    match reason {
        Reason::ServerRefused { code, message } => format!("{code} {message}"),
        _ => String::new(),
    }
}
