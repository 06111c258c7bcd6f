//! What a person's action does to the outbox.

use std::time::Duration;

use super::super::assignment::ActiveSet;
use super::super::change::{Change, ChangeState, Origin, Reason, Target, Wish};
use super::super::ids::{ChangeId, Seq};
use super::super::time::Moment;
use super::Outbox;

/// A list younger than this is believed without asking again, when the worker taps what is active.
const FRESH_LIST: Duration = Duration::from_secs(60);

/// What every recording needs beside the wish.
#[derive(Clone, Copy, Debug)]
pub struct Recording {
    /// How the wish was expressed.
    pub origin: Origin,
    /// When.
    pub now: Moment,
    /// The identity that the change gets, if there is one.
    pub id: ChangeId,
}

/// What a wish came to. All of these count as 'send now'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// A new change waits.
    New(Seq),
    /// The same wish waits already.
    AlreadyWaiting(Seq),
    /// The server has it so, by a list that is fresh.
    AlreadySo,
    /// An open question was answered by it: 'mine'.
    DecidedMine(Seq),
    /// An open question was answered by it: 'theirs'.
    DecidedTheirs(Seq),
}

/// Why an action changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionRefused {
    /// There was never a list, so nothing is known that could be wished.
    #[error("the list of warehouses was never fetched")]
    NeverSynced,
    /// The warehouse is not in the snapshot.
    #[error("the warehouse is not assigned to this user")]
    NotAssigned,
    /// The warehouse is closed.
    #[error("the warehouse is closed")]
    Closed,
    /// No change has that number.
    #[error("there is no such change")]
    NoSuchChange,
    /// The change is not in a state that allows this.
    #[error("this is not possible for the change any more")]
    NotPossible,
}

/// What an undo came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// The change was taken back before anything was sent.
    TakenBack(Seq),
    /// What was shown before is wished again, like by any tap.
    WishedAgain(Recorded),
}

/// The worker wants the warehouse of [`Outbox::named_assignment`] active.
///
/// # Errors
/// [`ActionRefused`] if that can't be wished; the outbox is unchanged then.
pub fn record_switch(outbox: &mut Outbox, how: Recording) -> Result<Recorded, ActionRefused> {
    if outbox.server_word.is_none() {
        return Err(ActionRefused::NeverSynced);
    }
    let assignment = outbox.named_assignment.as_ref().ok_or(ActionRefused::NotAssigned)?;
    if !assignment.warehouse.is_active {
        return Err(ActionRefused::Closed);
    }
    let wish = Wish::Activate(Target {
        assignment_id: assignment.id,
        warehouse_uuid: assignment.warehouse.uuid,
        warehouse_name: assignment.warehouse.name.clone(),
    });
    record(outbox, wish, how)
}

/// The worker wants to be active in no warehouse.
///
/// # Errors
/// [`ActionRefused::NeverSynced`] if there is nothing known to leave.
pub fn record_leave(outbox: &mut Outbox, how: Recording) -> Result<Recorded, ActionRefused> {
    record(outbox, Wish::Leave, how)
}

fn record(outbox: &mut Outbox, wish: Wish, how: Recording) -> Result<Recorded, ActionRefused> {
    let word = outbox.server_word.as_ref().ok_or(ActionRefused::NeverSynced)?;
    let server_active = word.active_set();
    let is_fresh = word.fetched_at.age_at(&how.now).is_some_and(|age| age < FRESH_LIST);
    match outbox.waiting().cloned() {
        Some(question) if question.state == ChangeState::NeedsDecision => {
            Ok(answer_by_wish(outbox, &question, wish, how))
        }
        Some(waiting) if waiting.wish.is_same_as(&wish) => {
            Ok(Recorded::AlreadyWaiting(waiting.seq))
        }
        Some(waiting) => Ok(insert(outbox, wish, waiting.base, how)),
        None if is_fresh && wish.is_fulfilled_by(&server_active) => Ok(Recorded::AlreadySo),
        None => Ok(insert(outbox, wish, server_active, how)),
    }
}

/// A tap while a question is open answers it: the wished one is 'mine', what the server has is
/// 'theirs', and a third is a new wish that knows what the question showed.
fn answer_by_wish(outbox: &mut Outbox, question: &Change, wish: Wish, how: Recording) -> Recorded {
    let shown = question.question.clone().unwrap_or_default();
    if question.wish.is_same_as(&wish) {
        settle_question_as_mine(outbox, question.clone(), how.now);
        return Recorded::DecidedMine(question.seq);
    }
    if wish.is_fulfilled_by(&shown) {
        settle_question_as_theirs(outbox, question.clone(), how.now);
        return Recorded::DecidedTheirs(question.seq);
    }
    insert(outbox, wish, shown, how)
}

fn insert(outbox: &mut Outbox, wish: Wish, base: ActiveSet, how: Recording) -> Recorded {
    let seq = outbox.next_seq;
    let (shown_before, shown_before_is_server_word) = outbox.shown();
    if let Some(waiting) = outbox.waiting().cloned()
        && waiting.state != ChangeState::Sending
    {
        outbox.supersede(waiting, seq, how.now);
    }
    outbox.insert_change(Change {
        seq,
        id: how.id,
        wish,
        origin: how.origin,
        base,
        shown_before,
        shown_before_is_server_word,
        state: ChangeState::Queued,
        reason: None,
        question: None,
        decided_at: None,
        recorded_at: how.now,
        settled_at: None,
        superseded_by: None,
        attempts: 0,
        is_seen: false,
    });
    Recorded::New(seq)
}

/// Takes [`Outbox::named_change`] back: wishes again what was shown before it.
///
/// Where that is wished again, [`Outbox::named_assignment`] must be the assignment of that
/// warehouse, if it is one.
///
/// # Errors
/// [`ActionRefused`] if the change is not the latest word any more, or what was shown before it
/// can't be wished.
pub fn undo(outbox: &mut Outbox, how: Recording) -> Result<Undone, ActionRefused> {
    let change = outbox.named_change.clone().ok_or(ActionRefused::NoSuchChange)?;
    let is_latest = change.seq.0.saturating_add(1) == outbox.next_seq.0;
    let is_standing = !change.state.is_settled() || change.state == ChangeState::Confirmed;
    if !is_latest || !is_standing {
        return Err(ActionRefused::NotPossible);
    }
    let can_be_taken_back =
        change.shown_before_is_server_word && change.attempts == 0 && !change.state.is_settled();
    if can_be_taken_back {
        let seq = change.seq;
        outbox.settle_change(change, ChangeState::Discarded, Some(Reason::Undone), how.now);
        return Ok(Undone::TakenBack(seq));
    }
    match change.shown_before {
        Some(Wish::Activate(_)) => record_switch(outbox, how).map(Undone::WishedAgain),
        Some(Wish::Leave) => record_leave(outbox, how).map(Undone::WishedAgain),
        None => Err(ActionRefused::NotPossible),
    }
}

/// Answers the question of [`Outbox::named_change`] with 'mine': what the question showed becomes
/// the base, so the same is not asked again.
///
/// # Errors
/// [`ActionRefused`] if no question is open for it.
pub fn decide_mine(outbox: &mut Outbox, now: Moment) -> Result<Seq, ActionRefused> {
    let question = named_question(outbox)?;
    let seq = question.seq;
    settle_question_as_mine(outbox, question, now);
    Ok(seq)
}

/// Answers the question of [`Outbox::named_change`] with 'theirs': the wish is given up, quietly.
///
/// # Errors
/// [`ActionRefused`] if no question is open for it.
pub fn decide_theirs(outbox: &mut Outbox, now: Moment) -> Result<Seq, ActionRefused> {
    let question = named_question(outbox)?;
    let seq = question.seq;
    settle_question_as_theirs(outbox, question, now);
    Ok(seq)
}

fn named_question(outbox: &Outbox) -> Result<Change, ActionRefused> {
    let change = outbox.named_change.clone().ok_or(ActionRefused::NoSuchChange)?;
    if change.state == ChangeState::NeedsDecision {
        Ok(change)
    } else {
        Err(ActionRefused::NotPossible)
    }
}

fn settle_question_as_mine(outbox: &mut Outbox, mut question: Change, now: Moment) {
    question.state = ChangeState::Queued;
    question.reason = None;
    question.decided_at = Some(now);
    question.base = question.question.clone().unwrap_or_default();
    outbox.update_change(question);
}

fn settle_question_as_theirs(outbox: &mut Outbox, question: Change, now: Moment) {
    outbox.settle_change(question, ChangeState::Discarded, Some(Reason::Theirs), now);
}

/// Notes that the worker has understood the rejection of [`Outbox::named_change`].
///
/// # Errors
/// [`ActionRefused`] if it was not rejected.
pub fn mark_seen(outbox: &mut Outbox) -> Result<Seq, ActionRefused> {
    let mut change = outbox.named_change.clone().ok_or(ActionRefused::NoSuchChange)?;
    if change.state != ChangeState::Rejected {
        return Err(ActionRefused::NotPossible);
    }
    let seq = change.seq;
    change.is_seen = true;
    outbox.update_change(change);
    Ok(seq)
}

/// The worker signs out and gives up what waits. Returns how many changes that were.
pub fn discard_all(outbox: &mut Outbox, now: Moment) -> usize {
    let unsettled = outbox.unsettled.clone();
    let count = unsettled.len();
    for change in unsettled {
        outbox.settle_change(change, ChangeState::Discarded, Some(Reason::SignedOut), now);
    }
    count
}

/// Reads `sending` as `queued`, after a process died with a PATCH on its way. To be called only by
/// the one process that may send, before it sends. What a newer wish has overtaken ends here.
///
/// Returns whether there was something to recover.
pub fn recover(outbox: &mut Outbox, now: Moment) -> bool {
    let newest = outbox.waiting().map(|change| change.seq);
    let sending: Vec<Change> = outbox
        .unsettled
        .iter()
        .filter(|change| change.state == ChangeState::Sending)
        .cloned()
        .collect();
    let found = !sending.is_empty();
    for mut change in sending {
        change.state = ChangeState::Queued;
        match newest {
            Some(newest) if newest != change.seq => outbox.supersede(change, newest, now),
            _ => outbox.update_change(change),
        }
    }
    found
}
