//! One list, applied to everything of a profile that has not settled.
//!
//! This is steps 3, 4 and 7 of a round (design section 4): rebase, judge by the table, settle the
//! attempts, and put right what an older attempt did late. It owns three invariants: a change is
//! confirmed only by a list that shows it, an attempt settles only after a list that must show its
//! effect, and an attempt is part of the outbox before its first byte leaves.

use std::time::Duration;

use super::assignment::{ActiveSet, AssignmentList};
use super::change::{Attempt, AttemptOutcome, Change, ChangeState, Reason, Wish};
use super::decide::{Case, Decision, OnConflict, Patch, decide, is_undisturbed};
use super::ids::{ChangeId, Seq};
use super::outbox::Outbox;
use super::time::Moment;

mod repair;
#[cfg(test)]
mod tests;

pub use repair::is_at_rest;

/// A list that was complete longer ago than this is fetched again before anything is sent.
const LIST_AGE_MAX: Duration = Duration::from_secs(2);

/// The configured rules of judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What happens when somebody else switched meanwhile.
    pub on_conflict: OnConflict,
    /// An unsent wish older than this is asked about.
    pub stale_after: Duration,
    /// How long an attempt of unknown outcome may still take effect.
    pub late_effect: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            on_conflict: OnConflict::Ask,
            stale_after: Duration::from_secs(8 * 3600),
            late_effect: Duration::from_secs(90),
        }
    }
}

/// What a judgement depends on beside outbox and list.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// The configured rules.
    pub rules: Rules,
    /// The change whose own round this is, if a tap asked for it (row 9).
    pub round_of_tap: Option<Seq>,
    /// Whether a PATCH may follow; if not, the change stays queued.
    pub may_send: bool,
    /// The instant of judging.
    pub now: Moment,
    /// The identity of a repair, if one must be recorded.
    pub repair_id: ChangeId,
}

/// What follows from a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing more to ask of the server.
    Rest,
    /// Something should be sent, but the list is too old to rely on.
    LookAgain,
    /// Something should be sent, but this round may not.
    HoldBack,
    /// Send this; it is written down with the judgement.
    Send(Box<Attempt>),
}

/// What a judgement came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What follows.
    pub next: Next,
    /// The changes that settled, or came into question, by it.
    pub moved: Vec<Change>,
    /// Whether the last PATCH turned out to have done nothing although it was answered.
    pub found_odd_answer: bool,
}

/// Judges everything that has not settled by a list.
///
/// No attempt may be on its way: a change that is still `sending` is taken for `queued`.
pub fn judge(
    outbox: &mut Outbox,
    list: &AssignmentList,
    circumstances: &Circumstances,
) -> Judgement {
    let before = outbox.writes.len();
    let found_odd_answer = doubt_contradicted_answers(outbox, list);
    end_overtaken_changes(outbox, list, circumstances);
    let mut next = judge_waiting(outbox, list, circumstances);
    if outbox.waiting().is_none() && repair::record(outbox, list, circumstances) {
        next = judge_waiting(outbox, list, circumstances);
    }
    settle_attempts(outbox, list, circumstances);
    Judgement { next, moved: moved_changes(outbox, before), found_odd_answer }
}

/// When the last of the attempts of unknown outcome was sent; `None` if there is no such attempt. A
/// look is due once it can no longer take effect.
pub fn unsure_since(outbox: &Outbox) -> Option<Moment> {
    let unsure = outbox.attempts.iter().filter(|attempt| is_unsure(attempt));
    unsure.max_by_key(|attempt| attempt.id).map(|attempt| attempt.sent_at)
}

fn is_unsure(attempt: &Attempt) -> bool {
    attempt.outcome == AttemptOutcome::Unknown
}

fn moved_changes(outbox: &Outbox, first_write: usize) -> Vec<Change> {
    use super::outbox::Write;
    outbox
        .writes
        .iter()
        .skip(first_write)
        .filter_map(|write| match write {
            Write::UpdateChange(change)
                if change.state.is_settled() || change.state == ChangeState::NeedsDecision =>
            {
                Some(change.clone())
            }
            _ => None,
        })
        .collect()
}

/// A server that says `5201` and still lists the assignment leaves the outcome unknown.
fn doubt_contradicted_answers(outbox: &mut Outbox, list: &AssignmentList) -> bool {
    let contradicted: Vec<Attempt> = outbox
        .attempts
        .iter()
        .filter(|attempt| attempt.outcome == AttemptOutcome::NotFound)
        .filter(|attempt| list.contains_id(attempt.assignment_id))
        .cloned()
        .collect();
    let found = !contradicted.is_empty();
    for attempt in contradicted {
        outbox.update_attempt(Attempt { outcome: AttemptOutcome::Unknown, ..attempt });
    }
    found
}

/// Ends the changes behind which a newer wish waits: by what the list shows, else by that wish.
fn end_overtaken_changes(
    outbox: &mut Outbox,
    list: &AssignmentList,
    circumstances: &Circumstances,
) {
    let Some((newest, overtaken)) = outbox.unsettled.split_last() else { return };
    let (newest, overtaken) = (newest.seq, overtaken.to_vec());
    for change in overtaken {
        let now = circumstances.now;
        let verdict = decide(&case(&change, &outbox.own_targets(), list, circumstances));
        match (verdict.decision, refusal(outbox, change.seq)) {
            (Decision::Confirm, _) => confirm(outbox, change, list, now),
            (_, Some(refused)) => {
                outbox.settle_change(change, ChangeState::Rejected, Some(refused), now);
            }
            _ => outbox.supersede(change, newest, now),
        }
    }
}

/// Judges the wish that counts, and writes down the attempt if it is to be sent.
fn judge_waiting(
    outbox: &mut Outbox,
    list: &AssignmentList,
    circumstances: &Circumstances,
) -> Next {
    let Some(mut change) = outbox.waiting().cloned() else { return Next::Rest };
    let own = outbox.own_targets();
    let remote = list.active();
    if is_undisturbed(&change.wish, &change.base, &own, &remote) {
        change.base = remote;
    }
    if change.state == ChangeState::Sending {
        change.state = ChangeState::Queued;
    }
    let decision = decide(&case(&change, &own, list, circumstances)).decision;
    apply(outbox, change, decision, list, circumstances)
}

fn apply(
    outbox: &mut Outbox,
    change: Change,
    decision: Decision,
    list: &AssignmentList,
    circumstances: &Circumstances,
) -> Next {
    let now = circumstances.now;
    if decision == Decision::Confirm {
        confirm(outbox, change, list, now);
        return Next::Rest;
    }
    if let Some(refused) = refusal(outbox, change.seq) {
        outbox.settle_change(change, ChangeState::Rejected, Some(refused), now);
        return Next::Rest;
    }
    match decision {
        Decision::Confirm => Next::Rest,
        Decision::RejectNotAssigned => {
            let reason = Some(Reason::NoLongerAssigned);
            outbox.settle_change(change, ChangeState::Rejected, reason, now);
            Next::Rest
        }
        Decision::RejectClosed => {
            let reason = Some(Reason::WarehouseClosed);
            outbox.settle_change(change, ChangeState::Rejected, reason, now);
            Next::Rest
        }
        Decision::AskStale => {
            ask(outbox, change, list, |warehouse_names| Reason::Stale { warehouse_names })
        }
        Decision::AskSwitched => ask(outbox, change, list, |warehouse_names| {
            Reason::SwitchedMeanwhile { warehouse_names }
        }),
        Decision::Theirs => {
            let given_up = Change { question: Some(list.active()), ..change };
            outbox.settle_change(given_up, ChangeState::Discarded, Some(Reason::Theirs), now);
            Next::Rest
        }
        Decision::Send(_) | Decision::SendReplacing(_)
            if change.state == ChangeState::NeedsDecision =>
        {
            keep_asking(outbox, change, list)
        }
        Decision::Send(patch) => send(outbox, change, patch, list, circumstances),
        Decision::SendReplacing(patch) => {
            // Only by a PATCH does somebody else's choice become the base: where none can leave now,
            // a later round must find the conflict again.
            let replaced = match hindrance(list, circumstances) {
                Some(_) => change,
                None => Change {
                    base: list.active(),
                    reason: Some(Reason::Replaced { warehouse_names: active_names(list) }),
                    ..change
                },
            };
            send(outbox, replaced, patch, list, circumstances)
        }
    }
}

fn confirm(outbox: &mut Outbox, change: Change, list: &AssignmentList, now: Moment) {
    let is_active_elsewhere = change.wish == Wish::Leave && !list.active().is_empty();
    let reason = is_active_elsewhere
        .then(|| Reason::ActiveElsewhere { warehouse_names: active_names(list) });
    outbox.settle_change(change, ChangeState::Confirmed, reason, now);
}

fn ask(
    outbox: &mut Outbox,
    change: Change,
    list: &AssignmentList,
    reason: impl FnOnce(Vec<String>) -> Reason,
) -> Next {
    keep(
        outbox,
        Change {
            state: ChangeState::NeedsDecision,
            question: Some(list.active()),
            reason: Some(reason(active_names(list))),
            ..change
        },
    );
    Next::Rest
}

/// An open question stays open until a person or an end state closes it; it shows what is so now.
fn keep_asking(outbox: &mut Outbox, change: Change, list: &AssignmentList) -> Next {
    let warehouse_names = active_names(list);
    let reason = match &change.reason {
        Some(Reason::Stale { .. }) => Reason::Stale { warehouse_names },
        _ => Reason::SwitchedMeanwhile { warehouse_names },
    };
    ask(outbox, change, list, |_| reason)
}

fn send(
    outbox: &mut Outbox,
    change: Change,
    patch: Patch,
    list: &AssignmentList,
    circumstances: &Circumstances,
) -> Next {
    if let Some(instead) = hindrance(list, circumstances) {
        keep(outbox, change);
        return instead;
    }
    let attempt = Attempt {
        id: outbox.next_attempt_id,
        change: change.seq,
        assignment_id: patch.assignment_id,
        warehouse_uuid: patch.warehouse_uuid,
        wanted_active: patch.active,
        sent_at: circumstances.now,
        answered_at: None,
        outcome: AttemptOutcome::Unknown,
        is_settled: false,
    };
    outbox.update_change(Change {
        state: ChangeState::Sending,
        attempts: change.attempts.saturating_add(1),
        ..change
    });
    outbox.insert_attempt(attempt.clone());
    Next::Send(Box::new(attempt))
}

/// What follows instead of a PATCH, where none may leave on the word of this list.
fn hindrance(list: &AssignmentList, circumstances: &Circumstances) -> Option<Next> {
    let is_old = list.complete_at.elapsed_at_least(&circumstances.now) > LIST_AGE_MAX;
    match circumstances.may_send {
        false => Some(Next::HoldBack),
        true => is_old.then_some(Next::LookAgain),
    }
}

/// Writes the waiting change back, if anything about it is new.
fn keep(outbox: &mut Outbox, change: Change) {
    if outbox.waiting() != Some(&change) {
        outbox.update_change(change);
    }
}

/// The server's refusal of the latest attempt for a change, if that is how it ended.
fn refusal(outbox: &Outbox, change: Seq) -> Option<Reason> {
    let latest = outbox.attempts.iter().rev().find(|attempt| attempt.change == change)?;
    match &latest.outcome {
        AttemptOutcome::Refused { code, message } => {
            Some(Reason::ServerRefused { code: code.clone(), message: message.clone() })
        }
        _ => None,
    }
}

/// Settles the attempts whose effect this list must show.
fn settle_attempts(outbox: &mut Outbox, list: &AssignmentList, circumstances: &Circumstances) {
    let late_effect = circumstances.rules.late_effect;
    let settled: Vec<Attempt> = outbox
        .attempts
        .iter()
        .filter(|attempt| must_show(list, attempt, late_effect))
        .cloned()
        .collect();
    for attempt in settled {
        outbox.update_attempt(Attempt { is_settled: true, ..attempt });
    }
}

fn must_show(list: &AssignmentList, attempt: &Attempt, late_effect: Duration) -> bool {
    match attempt.outcome {
        AttemptOutcome::Unknown => attempt.sent_at.elapsed_at_least(&list.asked_at) >= late_effect,
        AttemptOutcome::Accepted
        | AttemptOutcome::NotFound
        | AttemptOutcome::Refused { .. }
        | AttemptOutcome::NoEffect => attempt.answered_at.is_some_and(|answered_at| {
            answered_at.boot_id != list.asked_at.boot_id
                || answered_at.since_boot <= list.asked_at.since_boot
        }),
    }
}

fn active_names(list: &AssignmentList) -> Vec<String> {
    list.assignments()
        .iter()
        .filter(|assignment| assignment.is_active)
        .map(|assignment| assignment.warehouse.name.clone())
        .collect()
}

fn case<'a>(
    change: &'a Change,
    own: &'a ActiveSet,
    list: &'a AssignmentList,
    circumstances: &Circumstances,
) -> Case<'a> {
    let age = change.recorded_at.age_at(&circumstances.now);
    let is_old = age.is_none_or(|age| age > circumstances.rules.stale_after);
    Case {
        wish: &change.wish,
        base: &change.base,
        own,
        list,
        is_stale: is_old && change.decided_at.is_none(),
        is_round_of_tap: circumstances.round_of_tap == Some(change.seq),
        on_conflict: circumstances.rules.on_conflict,
    }
}
