//! The engine as a state machine: events and time in, effects out. It never waits and touches
//! nothing; the driver does both.
//!
//! It owns three invariants: one round at a time; at most two PATCHes and three looks in a round;
//! and a round that a tap did not ask for never counts as the tap's own (row 9 of the table).

use std::time::Duration;

use crate::domain::change::Attempt;
use crate::domain::connection::{Connection, SyncState};
use crate::domain::ids::Seq;
use crate::domain::judge::{Next, unsure_since};
use crate::domain::outbox::Outbox;
use crate::domain::time::Moment;
use crate::domain::view::Activity;
use crate::glue::ListExtent;

use super::backoff::{self, Chance};
use super::policy::{self, AfterPatch};

#[cfg(test)]
mod tests;

/// A tap's own round must begin within this time of it.
const TAP_CLAIM: Duration = Duration::from_secs(30);
/// PATCHes in one round.
const PATCHES_MAX: u32 = 2;
/// Looks in one round.
const LOOKS_MAX: u32 = 3;
/// The longest that a timer is set for; it is computed again then.
const TIMER_MAX: Duration = Duration::from_secs(24 * 3600);

/// Who or what asks for a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A wish was just recorded. Its round is the tap's own.
    Wish(Seq),
    /// A person wants it now: 'send now', a decision, the `sync` command.
    SendNow,
    /// The user signed in.
    SignedIn,
    /// The program started, the window came to the front or the device woke up.
    Appeared,
    /// Somebody touched the window and the list is old.
    Touched,
    /// A network came back.
    Reconnected,
    /// A deadline: a backoff is over, or a late look is due.
    Timer,
}

impl Trigger {
    /// Whether a person asked for it and waits: no backoff, no spread, no waiting for a late look.
    fn is_urgent(self) -> bool {
        matches!(self, Self::Wish(_) | Self::SendNow | Self::SignedIn)
    }
}

/// What the machine knows of the database, as of the last transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The wish that waits, if one does, and when it was recorded.
    pub waiting: Option<(Seq, Moment)>,
    /// Whether a change waits that needs no person first.
    pub is_sendable: bool,
    /// When the last attempt of unknown outcome was sent.
    pub unsure_since: Option<Moment>,
    /// How long it may still take effect; a late look is due then.
    pub late_effect: Duration,
    /// What sync remembers.
    pub sync: SyncState,
}

impl Facts {
    /// Reads them off an outbox.
    pub fn of(outbox: &Outbox, late_effect: Duration) -> Self {
        Self {
            waiting: outbox.waiting().map(|change| (change.seq, change.recorded_at)),
            is_sendable: policy::is_sendable(outbox),
            unsure_since: unsure_since(outbox),
            late_effect,
            sync: outbox.sync.clone(),
        }
    }
}

/// Whether the profile has a token that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// There is one, and nothing says that it is over; or the server may give a new one for it.
    Usable,
    /// There is none, or it is over for good.
    Over,
}

/// What the machine is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody wants a round.
    Asked(Trigger),
    /// The sender's lock was taken and the outbox recovered.
    Began(Facts),
    /// A list was fetched, judged and stored; what follows.
    Judged {
        /// What the judgement asks for.
        next: Next,
        /// Whether the last PATCH turned out to have done nothing.
        found_odd_answer: bool,
        /// The facts after it.
        facts: Facts,
    },
    /// A PATCH ended and that was written down.
    Patched {
        /// What follows.
        after: AfterPatch,
        /// Whether the answer was 200, but not as wished.
        was_odd: bool,
        /// The facts after it.
        facts: Facts,
    },
    /// A list could not be had and that was written down; or nothing could be stored.
    Ended(Facts),
    /// The facts changed outside a round.
    Changed(Facts),
    /// The token changed.
    Token(TokenState),
    /// The window came to the front, or left it.
    InFront(bool),
    /// The deadline that was asked for has come.
    Deadline,
}

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Take the sender's lock, recover the outbox; then [`Event::Began`].
    Begin,
    /// Fetch the list and judge it; then [`Event::Judged`] or [`Event::Ended`].
    Look {
        /// How much of the list is needed. What is active is enough where this round has already
        /// seen all of it.
        extent: ListExtent,
        /// The change whose own round this is.
        round_of_tap: Option<Seq>,
        /// Whether the judgement may write down an attempt.
        may_send: bool,
        /// PATCHes in a row of this round that came to nothing though answered.
        odd_answers: u32,
    },
    /// Send the PATCH and write down what came of it; then [`Event::Patched`].
    Send(Box<Attempt>),
    /// Let go of the sender's lock.
    Finish,
    /// Wake the machine with [`Event::Deadline`] after this time; `None` cancels.
    WakeAfter(Option<Duration>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Round {
    trigger: Trigger,
    round_of_tap: Option<Seq>,
    looks: u32,
    patches: u32,
    odd_answers: u32,
}

/// The engine of one profile.
#[derive(Clone, Debug)]
pub struct Machine {
    facts: Facts,
    token: TokenState,
    is_in_front: bool,
    sync_spread: Duration,
    round: Option<(Round, Activity)>,
    next_round: Option<Trigger>,
    reconnect_at: Option<Moment>,
}

impl Machine {
    /// An engine at rest.
    pub fn new(facts: Facts, token: TokenState, sync_spread: Duration) -> Self {
        Self {
            facts,
            token,
            is_in_front: false,
            sync_spread,
            round: None,
            next_round: None,
            reconnect_at: None,
        }
    }

    /// What it is doing.
    pub fn activity(&self) -> Activity {
        self.round.map_or(Activity::Idle, |(_, activity)| activity)
    }

    /// Whether a worker is looking.
    pub fn is_in_front(&self) -> bool {
        self.is_in_front
    }

    /// What it knows of the database.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Takes an event in at `now` and says what to do. `chance` is a fresh draw.
    pub fn handle(&mut self, event: Event, now: Moment, chance: Chance) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Asked(trigger) => self.ask(trigger, now, chance),
            Event::InFront(is_in_front) => self.is_in_front = is_in_front,
            Event::Token(token) => self.token = token,
            Event::Changed(facts) => self.facts = facts,
            Event::Deadline => self.deadline(now),
            Event::Began(facts) => self.began(facts, &now, &mut effects),
            Event::Judged { next, found_odd_answer, facts } => {
                self.facts = facts;
                self.judged(next, found_odd_answer, &mut effects);
            }
            Event::Patched { after, was_odd, facts } => {
                self.facts = facts;
                self.patched(after, was_odd, &mut effects);
            }
            Event::Ended(facts) => {
                self.facts = facts;
                self.end_round(&mut effects);
            }
        }
        self.begin_round_if_asked(now, &mut effects);
        effects.push(Effect::WakeAfter(self.next_deadline(&now)));
        effects
    }

    /// Notes that a round is wanted. A later wish takes the place of an earlier one, and a wish is
    /// never displaced by less.
    fn ask(&mut self, trigger: Trigger, now: Moment, chance: Chance) {
        if trigger == Trigger::Reconnected {
            let wait =
                backoff::reconnect_spread(self.sync_spread, self.facts.waiting.is_some(), chance);
            self.reconnect_at = Some(now.plus(wait));
            return;
        }
        let keeps_earlier = matches!(
            (self.next_round, trigger),
            (Some(Trigger::Wish(_)), other) if !matches!(other, Trigger::Wish(_))
        );
        if !keeps_earlier {
            self.next_round = Some(trigger);
        }
    }

    fn deadline(&mut self, now: Moment) {
        let is_due = self.wait_for_next_round(&now).is_some_and(|wait| wait.is_zero());
        if is_due && self.next_round.is_none() {
            self.reconnect_at = None;
            self.next_round = Some(Trigger::Timer);
        }
    }

    fn begin_round_if_asked(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        if self.round.is_some() {
            return;
        }
        let Some(trigger) = self.next_round.take() else { return };
        if !self.is_allowed(trigger, &now) {
            return;
        }
        self.reconnect_at = None;
        let round_of_tap = match trigger {
            Trigger::Wish(seq) => self.claim_of(seq, &now),
            _ => None,
        };
        let round = Round { trigger, round_of_tap, looks: 0, patches: 0, odd_answers: 0 };
        self.round = Some((round, Activity::Looking));
        effects.push(Effect::Begin);
    }

    /// The wish whose own round begins now, if that is soon enough after the tap itself: however late
    /// this engine heard of it.
    fn claim_of(&self, wish: Seq, now: &Moment) -> Option<Seq> {
        let (waiting, recorded_at) = self.facts.waiting?;
        (waiting == wish && recorded_at.elapsed_at_least(now) <= TAP_CLAIM).then_some(wish)
    }

    /// The gate (design section 4, step 1).
    fn is_allowed(&self, trigger: Trigger, now: &Moment) -> bool {
        if self.token == TokenState::Over || self.facts.sync.retry_after_at(now).is_some() {
            return false;
        }
        trigger.is_urgent() || policy::hold_off(&self.facts.sync, now).is_zero()
    }

    fn began(&mut self, facts: Facts, now: &Moment, effects: &mut Vec<Effect>) {
        self.facts = facts;
        // While the lock was waited for another process may have been told to leave the server alone.
        if self.facts.sync.retry_after_at(now).is_some() {
            self.end_round(effects);
        } else {
            self.look(ListExtent::Complete, effects);
        }
    }

    fn look(&mut self, extent: ListExtent, effects: &mut Vec<Effect>) {
        let Some((round, activity)) = self.round.as_mut() else { return };
        if round.looks >= LOOKS_MAX {
            self.end_round(effects);
            return;
        }
        round.looks += 1;
        *activity = Activity::Looking;
        let is_code_awaited = self.facts.sync.connection == Connection::NeedsCode;
        effects.push(Effect::Look {
            extent,
            round_of_tap: round.round_of_tap,
            may_send: round.patches < PATCHES_MAX
                && round.looks < LOOKS_MAX
                && (!is_code_awaited || round.trigger.is_urgent()),
            odd_answers: round.odd_answers,
        });
    }

    fn judged(&mut self, next: Next, found_odd_answer: bool, effects: &mut Vec<Effect>) {
        if let Some((round, _)) = self.round.as_mut()
            && found_odd_answer
        {
            round.odd_answers += 1;
        }
        match next {
            Next::Rest | Next::HoldBack => self.end_round(effects),
            Next::LookAgain => self.look(ListExtent::Complete, effects),
            Next::Send(attempt) => {
                if let Some((round, activity)) = self.round.as_mut() {
                    round.patches += 1;
                    *activity = Activity::Sending;
                    effects.push(Effect::Send(attempt));
                }
            }
        }
    }

    fn patched(&mut self, after: AfterPatch, was_odd: bool, effects: &mut Vec<Effect>) {
        if let Some((round, _)) = self.round.as_mut() {
            round.odd_answers = if was_odd { round.odd_answers + 1 } else { round.odd_answers };
        }
        match after {
            AfterPatch::Look => self.look(ListExtent::Complete, effects),
            AfterPatch::LookAtActive => self.look(ListExtent::Active, effects),
            AfterPatch::EndRound => self.end_round(effects),
        }
    }

    fn end_round(&mut self, effects: &mut Vec<Effect>) {
        if self.round.take().is_some() {
            effects.push(Effect::Finish);
        }
    }

    /// When the machine must be woken, if nothing happens before.
    fn next_deadline(&self, now: &Moment) -> Option<Duration> {
        if self.round.is_some() {
            return None;
        }
        self.wait_for_next_round(now)
    }

    /// How long until a round is due that nobody has to ask for.
    fn wait_for_next_round(&self, now: &Moment) -> Option<Duration> {
        // The token alone tells: 'sign in again' may be remembered from before, where the sign-in
        // itself could not be noted.
        if self.token == TokenState::Over {
            return None;
        }
        let is_code_awaited = self.facts.sync.connection == Connection::NeedsCode;
        let may_be_sent = self.facts.is_sendable && !is_code_awaited;
        let hold_off = policy::hold_off(&self.facts.sync, now);
        let remaining = |moment: Moment| moment.remaining_at(now, TIMER_MAX);
        let send = may_be_sent.then_some(Duration::ZERO);
        // A network that comes back is waited for, instead of asking into the void.
        let send = send.filter(|_| self.reconnect_at.is_none());
        // Counted as the judgement counts it, so that the look is not made too early, again and again.
        let late_look = self
            .facts
            .unsure_since
            .map(|sent_at| self.facts.late_effect.saturating_sub(sent_at.elapsed_at_least(now)));
        let reconnect = self.reconnect_at.map(remaining);
        [send, late_look, reconnect].into_iter().flatten().min().map(|wait| wait.max(hold_off))
    }
}
