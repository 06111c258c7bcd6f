//! What is remembered of an answer: connection, counters, deadlines, and what became of an attempt.
//!
//! Pure functions on an outbox, each run inside one store transaction.

use std::time::Duration;

use crate::domain::change::{Attempt, AttemptOutcome, ChangeState};
use crate::domain::connection::{Connection, SyncState, TlsProblem};
use crate::domain::ids::AttemptId;
use crate::domain::judge::{Judgement, Next};
use crate::domain::outbox::{Outbox, recover};
use crate::domain::time::{Moment, ServerAnchor};
use crate::glue::GlueFailure;

use super::backoff::{self, Chance};

#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod tests;

/// A device whose calendar is farther than this from the server's has a wrong clock.
const CLOCK_ERROR_MAX: Duration = Duration::from_secs(24 * 3600);

/// What the rules of remembering depend on beside the answer.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// The instant.
    pub now: Moment,
    /// The draw for waits.
    pub chance: Chance,
    /// Whether a worker is looking.
    pub is_in_front: bool,
    /// Whether the token that was used is known to be over.
    pub is_token_over: bool,
}

/// How a failure is told. The same refusal means another thing when the token was over anyway.
pub fn connection_after(failure: &GlueFailure, is_token_over: bool) -> Connection {
    match failure {
        GlueFailure::NotAuthorized if is_token_over => Connection::SignInAgain,
        other => other.connection(),
    }
}

/// How a failure is told, given what is known of the time: a certificate that seems to be over by a
/// clock that is known to be wrong says nothing about the certificate.
fn connection_in(failure: &GlueFailure, sync: &SyncState, situation: &Situation) -> Connection {
    match connection_after(failure, situation.is_token_over) {
        Connection::TlsFailed(TlsProblem::Expired) if is_clock_wrong(sync, &situation.now) => {
            Connection::TlsFailed(TlsProblem::ClockWrong)
        }
        connection => connection,
    }
}

/// Whether the device's calendar contradicts what the server said of the time: by a day within this
/// boot, and since an earlier boot if it is before that.
fn is_clock_wrong(sync: &SyncState, now: &Moment) -> bool {
    let Some(anchor) = sync.anchor else { return false };
    let (earliest, latest) = match now.server {
        Some(server) => (server, Some(server)),
        None => (anchor.server, None),
    };
    let is_behind = now.wall.plus(CLOCK_ERROR_MAX) < earliest;
    is_behind || latest.is_some_and(|latest| latest.plus(CLOCK_ERROR_MAX) < now.wall)
}

/// A complete list came: the server is there and answers as it should.
pub fn note_list(
    sync: &mut SyncState,
    anchor: Option<ServerAnchor>,
    is_change_waiting: bool,
    now: Moment,
) {
    sync.server_failures = 0;
    sync.retry_after_until = None;
    if sync.write_failures == 0 {
        sync.backoff_until = None;
    }
    if anchor.is_some() {
        sync.anchor = anchor;
    }
    // The code is still being waited for, however well the list works.
    if sync.connection != Connection::NeedsCode || !is_change_waiting {
        sync.set_connection(Connection::Online, now);
    }
}

/// A list was judged. `odd_answers` counts the PATCHes in a row of this round that were answered
/// without anything having come of them.
pub fn note_judgement(
    sync: &mut SyncState,
    judgement: &Judgement,
    odd_answers: u32,
    situation: &Situation,
) {
    if judgement.moved.iter().any(|change| change.state.is_settled()) {
        sync.write_failures = 0;
        sync.backoff_until = None;
        if sync.connection == Connection::NeedsCode {
            sync.set_connection(Connection::Online, situation.now);
        }
    }
    let is_waiting_for_code = sync.connection == Connection::NeedsCode;
    if judgement.next == Next::HoldBack && !is_waiting_for_code {
        note_useless_patch(sync, situation);
        if odd_answers >= 2 {
            sync.set_connection(Connection::ServerTrouble, situation.now);
        }
    }
}

/// A list could not be had. A change that was on its way waits again.
pub fn note_look_failure(outbox: &mut Outbox, failure: &GlueFailure, situation: &Situation) {
    recover(outbox, situation.now);
    note_failure(outbox, failure, situation);
}

fn note_failure(outbox: &mut Outbox, failure: &GlueFailure, situation: &Situation) {
    let is_change_waiting = outbox.waiting().is_some();
    let connection = connection_in(failure, &outbox.sync, situation);
    let sync = &mut outbox.sync;
    sync.set_connection(connection, situation.now);
    if matches!(connection, Connection::SignInAgain | Connection::NeedsCode) {
        return;
    }
    sync.server_failures = sync.server_failures.saturating_add(1);
    let is_unanswered = matches!(failure, GlueFailure::Offline | GlueFailure::Cut);
    let longest = if is_unanswered && situation.is_in_front && is_change_waiting {
        backoff::DELAY_MAX_UNANSWERED_IN_FRONT
    } else {
        backoff::DELAY_MAX
    };
    let wait = backoff::delay(sync.server_failures, longest, situation.chance);
    sync.backoff_until = Some(situation.now.plus(wait));
    if let Some(retry_after) = failure.retry_after() {
        note_retry_after(sync, retry_after, situation.chance, situation.now);
    }
}

/// The server wants to be left alone, whomever it told so.
pub fn note_retry_after(sync: &mut SyncState, wait: Duration, chance: Chance, now: Moment) {
    let wait = backoff::retry_after_with_surcharge(wait, chance);
    sync.retry_after_until = Some(now.plus(wait));
}

fn note_useless_patch(sync: &mut SyncState, situation: &Situation) {
    sync.write_failures = sync.write_failures.saturating_add(1);
    let wait = backoff::delay(sync.write_failures, backoff::DELAY_MAX, situation.chance);
    sync.backoff_until = Some(situation.now.plus(wait));
}

/// What to do after a PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterPatch {
    /// Look at the list: it tells what came of it.
    Look,
    /// Look at what is active: it most likely shows what was wished.
    LookAtActive,
    /// End the round: a person or time is needed first.
    EndRound,
}

/// Writes down what became of an attempt, and says whether to look.
pub fn note_patch(
    outbox: &mut Outbox,
    attempt: AttemptId,
    result: &Result<(), GlueFailure>,
    situation: &Situation,
) -> AfterPatch {
    let Some(attempt) = outbox.attempts.iter().find(|known| known.id == attempt).cloned() else {
        return AfterPatch::Look;
    };
    let outcome = outcome_of(result);
    let after = after_patch(result, attempt.wanted_active);
    let has_no_effect = outcome == AttemptOutcome::NoEffect;
    outbox.update_attempt(Attempt {
        answered_at: Some(situation.now),
        outcome,
        is_settled: has_no_effect,
        ..attempt
    });
    match result {
        Ok(()) => {
            outbox.sync.write_failures = 0;
            if outbox.sync.connection == Connection::NeedsCode {
                outbox.sync.set_connection(Connection::Online, situation.now);
            }
        }
        Err(failure) if after == AfterPatch::EndRound => {
            note_end_of_sending(outbox, failure, situation)
        }
        Err(_) => {}
    }
    after
}

/// Writes down that the server did not look at an attempt, since the token was over. If it could be
/// renewed the change is sent again; else the failure to do so counts.
pub fn note_refused_token(
    outbox: &mut Outbox,
    attempt: AttemptId,
    renewed: &Result<(), GlueFailure>,
    situation: &Situation,
) -> AfterPatch {
    let known = outbox.attempts.iter().find(|known| known.id == attempt).cloned();
    if let Some(attempt) = known {
        outbox.update_attempt(Attempt {
            answered_at: Some(situation.now),
            outcome: AttemptOutcome::NoEffect,
            is_settled: true,
            ..attempt
        });
    }
    recover(outbox, situation.now);
    match renewed {
        Ok(()) => AfterPatch::Look,
        Err(failure) => {
            note_failure(outbox, failure, situation);
            AfterPatch::EndRound
        }
    }
}

fn note_end_of_sending(outbox: &mut Outbox, failure: &GlueFailure, situation: &Situation) {
    recover(outbox, situation.now);
    let connection = connection_after(failure, situation.is_token_over);
    if matches!(connection, Connection::NotAllowed | Connection::AccountUnknown) {
        outbox.sync.set_connection(connection, situation.now);
        note_useless_patch(&mut outbox.sync, situation);
    } else {
        note_failure(outbox, failure, situation);
    }
}

/// What is known about the effect of a PATCH that ended so (design section 4, 'Answers').
fn outcome_of(result: &Result<(), GlueFailure>) -> AttemptOutcome {
    match result {
        Ok(()) => AttemptOutcome::Accepted,
        Err(GlueFailure::NotFound) => AttemptOutcome::NotFound,
        Err(GlueFailure::Refused { code, message }) => {
            AttemptOutcome::Refused { code: code.clone(), message: message.clone() }
        }
        Err(failure) if failure.leaves_outcome_unknown() => AttemptOutcome::Unknown,
        Err(_) => AttemptOutcome::NoEffect,
    }
}

/// A cut is looked after at once, since the effect may be there; a server in trouble is left alone.
/// That something is active is shown by what is active; that it is not, only by a complete list.
fn after_patch(result: &Result<(), GlueFailure>, wanted_active: bool) -> AfterPatch {
    match result {
        Ok(()) if wanted_active => AfterPatch::LookAtActive,
        Ok(())
        | Err(
            GlueFailure::NotFound
            | GlueFailure::NotAsWished
            | GlueFailure::Refused { .. }
            | GlueFailure::Cut,
        ) => AfterPatch::Look,
        Err(_) => AfterPatch::EndRound,
    }
}

/// The network changed for real: what was learnt about the old one says nothing about the new one.
pub fn note_network_change(sync: &mut SyncState) {
    sync.server_failures = 0;
    if sync.write_failures == 0 {
        sync.backoff_until = None;
    }
}

/// The user signed in: what was wrong with the token is over.
pub fn note_sign_in(sync: &mut SyncState, anchor: Option<ServerAnchor>, now: Moment) {
    sync.server_failures = 0;
    sync.write_failures = 0;
    sync.backoff_until = None;
    if anchor.is_some() {
        sync.anchor = anchor;
    }
    sync.set_connection(Connection::Online, now);
}

/// The token is known to be over: nothing is sent before the user signs in again.
pub fn note_token_over(sync: &mut SyncState, now: Moment) {
    sync.set_connection(Connection::SignInAgain, now);
}

/// How long until timers may ask the server again; zero if they may now.
pub fn hold_off(sync: &SyncState, now: &Moment) -> Duration {
    let backoff = sync
        .backoff_until
        .map(|until| until.remaining_at(now, backoff::DELAY_MAX))
        .unwrap_or_default();
    backoff.max(sync.retry_after_at(now).unwrap_or_default())
}

/// Whether a change waits that could be sent without a person.
pub fn is_sendable(outbox: &Outbox) -> bool {
    outbox
        .waiting()
        .is_some_and(|change| matches!(change.state, ChangeState::Queued | ChangeState::Sending))
}
