//! The recorded changes that have not settled, and what a person's action does to them.
//!
//! An [`Outbox`] is loaded in a transaction, changed by exactly one of the functions here or by
//! [`super::judge`], and written back with its list of [`Write`]s in the same transaction. So two
//! processes on one file never work from a stale copy.

use super::assignment::{ActiveSet, Assignment};
use super::change::{Attempt, Change, ChangeState, Reason, Target, Wish};
use super::connection::SyncState;
use super::ids::{AttemptId, Seq};
use super::time::Moment;

mod actions;

pub use actions::{
    ActionRefused, Recorded, Recording, Undone, decide_mine, decide_theirs, discard_all, mark_seen,
    record_leave, record_switch, recover, undo,
};

/// What the server last said is active, without the rest of the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerWord {
    /// The active assignments: none, one, or after a race on the server several.
    pub active: Vec<Target>,
    /// When it said so.
    pub fetched_at: Moment,
}

impl ServerWord {
    /// The set of active warehouses.
    pub fn active_set(&self) -> ActiveSet {
        self.active.iter().map(|target| target.warehouse_uuid).collect()
    }
}

/// A row to be written back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A new change. Its `seq` is the outbox's `next_seq` at that time.
    InsertChange(Change),
    /// A change that moved on; everything but its wish, origin and recording may differ.
    UpdateChange(Change),
    /// A new attempt. Its `id` is the outbox's `next_attempt_id` at that time.
    InsertAttempt(Attempt),
    /// An attempt about which more is known.
    UpdateAttempt(Attempt),
}

/// Everything about a profile that an action or a judgement may depend on.
///
/// Small whatever the length of the history or of the list: a tap must not wait for either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// What the server last said; `None` before the first list.
    pub server_word: Option<ServerWord>,
    /// The changes that have not settled, in the order of recording: at most one on its way and
    /// one waiting behind it.
    pub unsettled: Vec<Change>,
    /// The attempts that have not settled, of whichever change, oldest first.
    pub attempts: Vec<Attempt>,
    /// The newest settled change that was not superseded: the worker's last word, if nothing waits.
    pub last_settled: Option<Change>,
    /// How many of the newest changes in a row are repairs.
    pub repairs_in_a_row: u32,
    /// The number that the next change gets.
    pub next_seq: Seq,
    /// The number that the next attempt gets.
    pub next_attempt_id: AttemptId,
    /// The change that was asked for by number, whatever its state.
    pub named_change: Option<Change>,
    /// The assignment in the snapshot of the warehouse that was asked for.
    pub named_assignment: Option<Assignment>,
    /// What sync remembers; written back if it differs.
    pub sync: SyncState,
    /// What is to be written back.
    pub writes: Vec<Write>,
}

impl Outbox {
    /// The outbox of a profile about which nothing is known yet.
    pub fn empty() -> Self {
        Self {
            server_word: None,
            unsettled: Vec::new(),
            attempts: Vec::new(),
            last_settled: None,
            repairs_in_a_row: 0,
            next_seq: Seq(1),
            next_attempt_id: AttemptId(1),
            named_change: None,
            named_assignment: None,
            sync: SyncState::new(),
            writes: Vec::new(),
        }
    }

    /// The wish that counts: the newest change that has not settled.
    pub fn waiting(&self) -> Option<&Change> {
        self.unsettled.last()
    }

    /// The design's `O`: what the profile's own attempts may have made, or may still make, active.
    pub fn own_targets(&self) -> ActiveSet {
        self.attempts.iter().map(|attempt| attempt.warehouse_uuid).collect()
    }

    /// Records a new change. Its number must be `next_seq`.
    pub(super) fn insert_change(&mut self, change: Change) {
        self.next_seq = Seq(change.seq.0.saturating_add(1));
        self.unsettled.push(change.clone());
        self.writes.push(Write::InsertChange(change));
    }

    /// Puts a change that moved on in the place of what was known of it.
    pub fn update_change(&mut self, change: Change) {
        if change.state.is_settled() {
            self.unsettled.retain(|other| other.seq != change.seq);
            let is_last = self.last_settled.as_ref().is_none_or(|last| last.seq <= change.seq);
            if is_last && change.state != ChangeState::Superseded {
                self.last_settled = Some(change.clone());
            }
        } else if let Some(known) = self.unsettled.iter_mut().find(|other| other.seq == change.seq)
        {
            *known = change.clone();
        }
        self.writes.push(Write::UpdateChange(change));
    }

    /// Brings a change to an end.
    pub(super) fn settle_change(
        &mut self,
        mut change: Change,
        state: ChangeState,
        reason: Option<Reason>,
        now: Moment,
    ) {
        change.state = state;
        change.reason = reason.or(change.reason);
        change.settled_at = Some(now);
        self.update_change(change);
    }

    /// Ends a change because `by` took its place.
    pub(super) fn supersede(&mut self, mut change: Change, by: Seq, now: Moment) {
        change.superseded_by = Some(by);
        change.reason = None;
        self.settle_change(change, ChangeState::Superseded, None, now);
    }

    /// Writes an attempt down. Its number must be `next_attempt_id`.
    pub fn insert_attempt(&mut self, attempt: Attempt) {
        self.next_attempt_id = AttemptId(attempt.id.0.saturating_add(1));
        self.attempts.push(attempt.clone());
        self.writes.push(Write::InsertAttempt(attempt));
    }

    /// Puts an attempt about which more is known in the place of what was known.
    pub fn update_attempt(&mut self, attempt: Attempt) {
        if attempt.is_settled {
            self.attempts.retain(|other| other.id != attempt.id);
        } else if let Some(known) = self.attempts.iter_mut().find(|other| other.id == attempt.id) {
            *known = attempt.clone();
        }
        self.writes.push(Write::UpdateAttempt(attempt));
    }

    /// What the worker sees as active, as a wish that would bring it about; `None` if there is no
    /// such wish. The second value says whether it is the server's word.
    pub(super) fn shown(&self) -> (Option<Wish>, bool) {
        if let Some(waiting) = self.waiting() {
            return (Some(waiting.wish.clone()), false);
        }
        let active = self.server_word.as_ref().map(|word| word.active.as_slice());
        let wish = match active {
            Some([]) => Some(Wish::Leave),
            Some([target]) => Some(Wish::Activate(target.clone())),
            Some(_) | None => None,
        };
        (wish, true)
    }
}
