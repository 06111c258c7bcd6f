//! The recorded changes that have not settled, and what a person's action does to them.
//!
//! An [`Outbox`] is loaded in a transaction, changed by exactly one of the functions here or by
//! [`super::judge`], and written back with its list of [`Write`]s in the same transaction. So two
//! processes on one file never work from a stale copy.

use super::assignment::{ActiveSet, Assignment};
use super::change::{Attempt, Change, Target};
use super::connection::SyncState;
use super::ids::{AttemptId, Seq};
use super::time::Moment;

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
