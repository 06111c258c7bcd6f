//! Changes: what the worker wished, and how far it got. And attempts: what was sent for it.

use super::assignment::ActiveSet;
use super::ids::{AssignmentId, AttemptId, ChangeId, Seq, WarehouseUuid};
use super::time::Moment;

/// A warehouse as it was called when somebody pointed at it, with the assignment that it had then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The assignment's id at that time.
    pub assignment_id: AssignmentId,
    /// The warehouse, which is what counts.
    pub warehouse_uuid: WarehouseUuid,
    /// Its name then, so that history stays readable when the assignment is gone.
    pub warehouse_name: String,
}

/// What the worker wants to be true on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Work in this warehouse, and in no other.
    Activate(Target),
    /// Work in none.
    Leave,
}

impl Wish {
    /// The wished warehouse; `None` for a leave.
    pub fn target(&self) -> Option<&Target> {
        match self {
            Self::Activate(target) => Some(target),
            Self::Leave => None,
        }
    }

    /// Whether both wishes want the same state, names and ids aside.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.target().map(|target| target.warehouse_uuid)
            == other.target().map(|target| target.warehouse_uuid)
    }

    /// Whether a server with `remote` active has what is wished.
    pub fn is_fulfilled_by(&self, remote: &ActiveSet) -> bool {
        match self {
            Self::Activate(target) => remote.len() == 1 && remote.contains(&target.warehouse_uuid),
            Self::Leave => remote.is_empty(),
        }
    }
}

/// How a change came to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A touch or a key on a row.
    Tap,
    /// A scanned code.
    Scan,
    /// The command line.
    Command,
    /// An undo that could no longer take the change back.
    Undo,
    /// The late effect of an older attempt, put right.
    Repair,
}

/// Where a change stands. The arrows are in the design, section 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeState {
    /// Waits to be sent.
    Queued,
    /// A PATCH for it is, or was at a crash, on its way.
    Sending,
    /// Waits for the worker's answer to a question.
    NeedsDecision,
    /// A list showed the wish fulfilled.
    Confirmed,
    /// A newer wish took its place.
    Superseded,
    /// The server, or its list, ruled it out.
    Rejected,
    /// The worker took it back.
    Discarded,
}

impl ChangeState {
    /// Whether this is an end state.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Confirmed | Self::Superseded | Self::Rejected | Self::Discarded)
    }
}

/// Why a change is where it is. Kinds, not sentences: window and command line have their own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Rejected: the list has no assignment for the warehouse any more.
    NoLongerAssigned,
    /// Rejected: the warehouse is closed.
    WarehouseClosed,
    /// Rejected: the server refused the PATCH, with its code and words.
    ServerRefused {
        /// The Glue error code, such as `5202`.
        code: String,
        /// The server's message, limited in length by the client.
        message: String,
    },
    /// In question: the server has other warehouses active than the worker could know.
    SwitchedMeanwhile {
        /// Their names, for the question.
        warehouse_names: Vec<String>,
    },
    /// In question: the wish is old, or its age unknown.
    Stale {
        /// The names of what is active now, for the question.
        warehouse_names: Vec<String>,
    },
    /// Confirmed leave, but somebody made another warehouse active.
    ActiveElsewhere {
        /// The names of what is active now.
        warehouse_names: Vec<String>,
    },
    /// Sent or confirmed although the server had others active: 'was X, now T'.
    Replaced {
        /// The names of what was active.
        warehouse_names: Vec<String>,
    },
    /// Discarded: taken back before anything was sent.
    Undone,
    /// Discarded: the worker chose what the server had.
    Theirs,
    /// Discarded: the worker signed out and gave it up.
    SignedOut,
}

/// One recorded wish of the user and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the order of recording.
    pub seq: Seq,
    /// Its identity for support.
    pub id: ChangeId,
    /// What is wished. Never edited.
    pub wish: Wish,
    /// Who or what recorded it.
    pub origin: Origin,
    /// The design's `b`: what the server had active when the chain of waiting wishes began.
    pub base: ActiveSet,
    /// What the worker saw as active before this change: what an undo wishes again. `None` if it
    /// can't be wished (several at once, or nothing known).
    pub shown_before: Option<Wish>,
    /// Whether that was the server's word rather than a waiting wish.
    pub shown_before_is_server_word: bool,
    /// Where it stands.
    pub state: ChangeState,
    /// Why it stands there, if there is something to tell.
    pub reason: Option<Reason>,
    /// While in question, and after: what the question showed as active on the server.
    pub question: Option<ActiveSet>,
    /// When the worker decided 'mine'; after that its age asks no more questions.
    pub decided_at: Option<Moment>,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// When it settled.
    pub settled_at: Option<Moment>,
    /// The change that took its place.
    pub superseded_by: Option<Seq>,
    /// How many attempts were made for it.
    pub attempts: u32,
    /// Whether the worker has acknowledged a rejection.
    pub is_seen: bool,
}

/// What is known about the effect of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// Nothing certain: no answer, a useless one, or a crash before one. It may still take effect.
    Unknown,
    /// 200 with the wished state. A receipt, not yet the proof.
    Accepted,
    /// 404 `5201`: the server says there is no such assignment. The next list tells.
    NotFound,
    /// Refused for good, with the server's code and words.
    Refused {
        /// The Glue error code.
        code: String,
        /// The server's message.
        message: String,
    },
    /// It certainly had no effect, and nothing speaks against trying again.
    NoEffect,
}

/// One PATCH that was, or may have been, sent for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its row.
    pub id: AttemptId,
    /// The change it was made for.
    pub change: Seq,
    /// The assignment that was patched.
    pub assignment_id: AssignmentId,
    /// Its warehouse.
    pub warehouse_uuid: WarehouseUuid,
    /// The `isActive` that was sent.
    pub wanted_active: bool,
    /// When it was written down, just before its first byte left.
    pub sent_at: Moment,
    /// When an answer, or the certainty that none will come, was written down.
    pub answered_at: Option<Moment>,
    /// What is known about its effect.
    pub outcome: AttemptOutcome,
    /// Whether a list that must show its effect has been judged.
    pub is_settled: bool,
}
