//! What an older attempt did late, and how the worker's last word is put in its place (design
//! section 4, step 7).

use super::super::assignment::{ActiveSet, AssignmentList};
use super::super::change::{Change, ChangeState, Origin, Reason, Target, Wish};
use super::super::ids::Seq;
use super::super::outbox::Outbox;
use super::{Circumstances, is_unsure};

/// How many repairs may follow each other before the server is left as it is.
const REPAIRS_IN_A_ROW_MAX: u32 = 2;

/// Whether nothing of a profile waits, and nothing that was sent for it may still take the place of
/// the worker's last word. Until then its engine has something to do, whoever is in front.
pub fn is_at_rest(outbox: &Outbox) -> bool {
    let is_safe = |word: ActiveSet| {
        outbox.attempts.iter().filter(|attempt| is_unsure(attempt)).all(|late| {
            // It would do what is so already, or nothing.
            late.wanted_active == word.contains(&late.warehouse_uuid)
        })
    };
    outbox.unsettled.is_empty() && last_word(outbox).is_none_or(is_safe)
}

/// Records a repair if the list shows the late effect of an older attempt instead of the worker's
/// last word.
pub(super) fn record(
    outbox: &mut Outbox,
    list: &AssignmentList,
    circumstances: &Circumstances,
) -> bool {
    if outbox.repairs_in_a_row >= REPAIRS_IN_A_ROW_MAX {
        return false;
    }
    let Some(wish) = wish_of_last_word(outbox, list) else { return false };
    let remote = list.active();
    if wish.is_fulfilled_by(&remote) || !is_late_effect(outbox, &wish, &remote) {
        return false;
    }
    outbox.repairs_in_a_row = outbox.repairs_in_a_row.saturating_add(1);
    outbox.insert_change(repair(outbox.next_seq, wish, remote, circumstances));
    true
}

fn repair(seq: Seq, wish: Wish, base: ActiveSet, circumstances: &Circumstances) -> Change {
    Change {
        seq,
        id: circumstances.repair_id,
        wish,
        origin: Origin::Repair,
        base,
        shown_before: None,
        shown_before_is_server_word: true,
        state: ChangeState::Queued,
        reason: None,
        question: None,
        decided_at: None,
        recorded_at: circumstances.now,
        settled_at: None,
        superseded_by: None,
        attempts: 0,
        is_seen: false,
    }
}

/// What the worker wanted to be active, as they said last, where nothing waits: a fulfilled wish, or
/// what stood when they took a wish back or gave it up. A rejected wish leaves no last word that could
/// be put right, and neither does a sign-out that gave up what waited.
fn last_word(outbox: &Outbox) -> Option<ActiveSet> {
    let last = outbox.last_settled.as_ref()?;
    match last.state {
        ChangeState::Confirmed => Some(wanted(&last.wish)),
        ChangeState::Discarded => match (&last.question, &last.reason) {
            (_, Some(Reason::SignedOut)) => None,
            (Some(stood), _) => Some(stood.clone()),
            // Its base may have become the late effect that is to be put right.
            (None, Some(Reason::Undone)) => last.shown_before.as_ref().map(wanted),
            (None, _) => Some(last.base.clone()),
        },
        _ => None,
    }
}

fn wanted(wish: &Wish) -> ActiveSet {
    wish.target().map(|target| target.warehouse_uuid).into_iter().collect()
}

/// The wish that would bring the last word about.
fn wish_of_last_word(outbox: &Outbox, list: &AssignmentList) -> Option<Wish> {
    match outbox.last_settled.as_ref()? {
        // Where it is not assigned any more, that is to be told.
        Change { state: ChangeState::Confirmed, wish, .. } => Some(wish.clone()),
        _ => wish_for(&last_word(outbox)?, list),
    }
}

pub(super) fn wish_for(stood: &ActiveSet, list: &AssignmentList) -> Option<Wish> {
    let mut warehouses = stood.iter();
    match (warehouses.next(), warehouses.next()) {
        (None, _) => Some(Wish::Leave),
        (Some(warehouse), None) => {
            let assignment = list.for_warehouse(*warehouse)?;
            Some(Wish::Activate(Target {
                assignment_id: assignment.id,
                warehouse_uuid: *warehouse,
                warehouse_name: assignment.warehouse.name.clone(),
            }))
        }
        (Some(_), Some(_)) => None,
    }
}

/// Whether what the server has now is the late effect of own attempts: instead of the last word, or
/// beside it where two PATCHes met on the server. Whatever else is active is somebody else's choice.
fn is_late_effect(outbox: &Outbox, last_word: &Wish, remote: &ActiveSet) -> bool {
    let wished = last_word.target().map(|target| target.warehouse_uuid);
    let unsure = || outbox.attempts.iter().filter(|attempt| is_unsure(attempt));
    if remote.is_empty() {
        return unsure()
            .any(|attempt| !attempt.wanted_active && wished == Some(attempt.warehouse_uuid));
    }
    remote.iter().all(|warehouse| {
        wished == Some(*warehouse)
            || unsure().any(|late| late.wanted_active && late.warehouse_uuid == *warehouse)
    })
}
