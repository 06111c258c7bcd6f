//! The table of answers (design section 4): what odd and hostile servers say, byte by byte, and what
//! follows for the connection, the change, the attempt and the next request.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::*;
use crate::domain::change::{Change, ChangeState, Origin};
use crate::domain::ids::{AssignmentId, ChangeId, Seq, UserUuid};
use crate::domain::testing::{assignment_id, at, set, warehouse, wish};
use crate::glue::testing::{JSON_API, OneAnswer, answer};
use crate::glue::{AccessToken, ListExtent, Password};
use crate::session::sign_in::{SignInError, sign_in};

use Wait::{Backoff, Nothing, RetryAfter};

mod table;

/// A user of whom the answers speak.
const USER: Uuid = Uuid::from_u128(1);

/// When the server may be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// At once.
    Nothing,
    /// After a backoff.
    Backoff,
    /// After as many seconds, and not by hand either.
    RetryAfter(u64),
}

/// What follows from an answer to a list: the change waits on, whatever it is.
type AfterList = (Connection, Wait);

/// What follows from an answer to a PATCH. `None` for the wait: the list is looked at.
type AfterSending = (Connection, AttemptOutcome, Option<Wait>);

/// What follows from an answer to a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum AfterSignIn {
    /// Somebody is signed in.
    SignedIn,
    /// It was the password.
    Refused,
    /// It was something else.
    Failed(Connection),
}

struct Row {
    name: &'static str,
    answer: Vec<u8>,
    list: Option<AfterList>,
    patch: Option<AfterSending>,
    sign_in: Option<AfterSignIn>,
}

fn row(name: &'static str, answer: impl Into<Vec<u8>>) -> Row {
    Row { name, answer: answer.into(), list: None, patch: None, sign_in: None }
}

impl Row {
    fn list(self, connection: Connection, wait: Wait) -> Self {
        Self { list: Some((connection, wait)), ..self }
    }

    /// A PATCH after which the round ends.
    fn patch(self, connection: Connection, outcome: AttemptOutcome, wait: Wait) -> Self {
        Self { patch: Some((connection, outcome, Some(wait))), ..self }
    }

    /// A PATCH after which the list tells what came of it.
    fn patch_and_look(self, outcome: AttemptOutcome) -> Self {
        Self { patch: Some((Connection::Online, outcome, None)), ..self }
    }

    fn sign_in(self, after: AfterSignIn) -> Self {
        Self { sign_in: Some(after), ..self }
    }

    /// The same for all three questions, with the outcome of a PATCH.
    fn all(self, connection: Connection, outcome: AttemptOutcome, wait: Wait) -> Self {
        self.list(connection, wait)
            .patch(connection, outcome, wait)
            .sign_in(AfterSignIn::Failed(connection))
    }

    /// Nobody answered in full: the PATCH may have arrived, so the list is looked at.
    fn cut(self) -> Self {
        self.list(Connection::Offline, Backoff)
            .patch_and_look(AttemptOutcome::Unknown)
            .sign_in(AfterSignIn::Failed(Connection::Offline))
    }
}

fn situation() -> Situation {
    Situation { now: at(100), chance: Chance::new(0.0), is_in_front: false, is_token_over: false }
}

/// An outbox whose change is on its way by attempt 1, on a connection that just worked.
fn outbox() -> Outbox {
    let mut outbox = Outbox::empty();
    outbox.sync.set_connection(Connection::Online, at(99));
    outbox.unsettled.push(Change {
        seq: Seq(1),
        id: ChangeId::new(Uuid::from_u128(5)),
        wish: wish('A'),
        origin: Origin::Tap,
        base: set(""),
        shown_before: None,
        shown_before_is_server_word: true,
        state: ChangeState::Sending,
        reason: None,
        question: None,
        decided_at: None,
        recorded_at: at(90),
        settled_at: None,
        superseded_by: None,
        attempts: 1,
        is_seen: false,
    });
    outbox.attempts.push(Attempt {
        id: AttemptId(1),
        change: Seq(1),
        assignment_id: assignment_id('A'),
        warehouse_uuid: warehouse('A'),
        wanted_active: true,
        sent_at: at(99),
        answered_at: None,
        outcome: AttemptOutcome::Unknown,
        is_settled: false,
    });
    outbox
}

fn token() -> AccessToken {
    AccessToken::new("aaa.bbb.ccc".into())
}

fn wait_of(outbox: &Outbox) -> Wait {
    let remaining = outbox.sync.retry_after_at(&at(100));
    match (remaining, outbox.sync.backoff_until) {
        (Some(wait), Some(_)) => RetryAfter(wait.as_secs()),
        (Some(_), None) => panic!("a wait that the server asked for comes with a backoff"),
        (None, Some(_)) => Backoff,
        (None, None) => Nothing,
    }
}

async fn after_list(answer: &[u8]) -> AfterList {
    let server = OneAnswer::new(answer);
    let exchange =
        server.client().assignments(&token(), UserUuid::new(USER), ListExtent::Complete).await;
    let mut outbox = outbox();
    match exchange.result {
        Ok(_) => note_list(&mut outbox.sync, None, true, at(100)),
        Err(failure) => {
            note_look_failure(&mut outbox, &failure, &situation());
            assert_eq!(outbox.unsettled[0].state, ChangeState::Queued);
        }
    }
    assert_eq!(outbox.unsettled.len(), 1, "a list ends no change");
    (outbox.sync.connection, wait_of(&outbox))
}

async fn after_sending(answer: &[u8]) -> AfterSending {
    let server = OneAnswer::new(answer);
    let id = assignment_id('A');
    let exchange = server.client().patch_assignment(&token(), id, true, None).await;
    let mut outbox = outbox();
    let after = note_patch(&mut outbox, AttemptId(1), &exchange.result, &situation());
    let ends = after == AfterPatch::EndRound;
    let [change] = outbox.unsettled.as_slice() else { panic!("no answer ends a change by itself") };
    assert_eq!(change.state == ChangeState::Queued, ends, "it waits once the round is over");
    let outcome = outbox.attempts.first().map(|attempt| attempt.outcome.clone());
    (
        outbox.sync.connection,
        // An attempt that certainly did nothing is settled at once.
        outcome.unwrap_or(AttemptOutcome::NoEffect),
        ends.then(|| wait_of(&outbox)),
    )
}

async fn after_sign_in(answer: &[u8]) -> AfterSignIn {
    let server = OneAnswer::new(answer);
    match sign_in(&server.client(), "harald@spryker.com", Password::new("x".into())).await {
        Ok(_) => AfterSignIn::SignedIn,
        Err(SignInError::Refused) => AfterSignIn::Refused,
        Err(SignInError::NoUserInToken) => AfterSignIn::Failed(Connection::NotAllowed),
        Err(SignInError::Failure(failure)) => AfterSignIn::Failed(failure.connection()),
    }
}

#[tokio::test]
async fn each_answer_has_exactly_the_outcome_of_the_design() {
    let rows = table::rows();
    assert!(rows.len() >= 40, "{}", rows.len());
    let mut wrong = Vec::new();
    for Row { name, answer, list, patch, sign_in } in rows {
        if let Some(expected) = list {
            let found = after_list(&answer).await;
            if found != expected {
                wrong.push(format!("{name}, list: {found:?}, not {expected:?}"));
            }
        }
        if let Some(expected) = patch {
            let found = after_sending(&answer).await;
            if found != expected {
                wrong.push(format!("{name}, PATCH: {found:?}, not {expected:?}"));
            }
        }
        if let Some(expected) = sign_in {
            let found = after_sign_in(&answer).await;
            if found != expected {
                wrong.push(format!("{name}, sign-in: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_expired_certificate_is_told_from_a_wrong_clock_where_the_server_told_the_time() {
    let expired = GlueFailure::Tls(TlsProblem::Expired);
    let day = Duration::from_secs(24 * 3600);
    let anchor = ServerAnchor {
        server: at(0).server.unwrap(),
        boot_id: at(0).boot_id,
        since_boot: Duration::ZERO,
    };
    let told = |anchor: Option<ServerAnchor>, wall_days: u32, is_other_boot: bool| {
        let mut now = at(100);
        now.wall = anchor.map_or(now.wall, |anchor| anchor.server.plus(day * wall_days));
        now.server = now.server.filter(|_| !is_other_boot);
        let sync = SyncState { anchor, ..SyncState::new() };
        connection_in(&expired, &sync, &Situation { now, ..situation() })
    };
    let (wrong, over) =
        (Connection::TlsFailed(TlsProblem::ClockWrong), Connection::TlsFailed(TlsProblem::Expired));

    assert_eq!(told(None, 0, false), over);
    assert_eq!(told(Some(anchor), 0, false), over);
    assert_eq!(told(Some(anchor), 400, false), wrong);
    assert_eq!(told(Some(anchor), 400, true), over, "a year may have passed in between");
    let later = ServerAnchor { server: anchor.server.plus(day * 400), ..anchor };
    let mut now = at(100);
    now.server = None;
    let sync = SyncState { anchor: Some(later), ..SyncState::new() };
    assert_eq!(connection_in(&expired, &sync, &Situation { now, ..situation() }), wrong);
}

#[test]
fn a_switch_is_looked_after_by_what_is_active_and_a_leave_by_the_complete_list() {
    let after = |wanted_active| {
        let mut outbox = outbox();
        outbox.attempts[0].wanted_active = wanted_active;
        note_patch(&mut outbox, AttemptId(1), &Ok(()), &situation())
    };

    assert_eq!(after(true), AfterPatch::LookAtActive);
    assert_eq!(after(false), AfterPatch::Look, "what is missing may be missing for another reason");
}

#[test]
fn a_refused_token_leaves_the_change_waiting_and_its_renewal_decides_what_follows() {
    let after = |renewed| {
        let mut outbox = outbox();
        let after = note_refused_token(&mut outbox, AttemptId(1), &renewed, &situation());
        assert_eq!(outbox.unsettled[0].state, ChangeState::Queued);
        assert!(outbox.attempts.is_empty(), "the attempt certainly did nothing");
        (after, outbox.sync.connection)
    };

    assert_eq!(after(Ok(())), (AfterPatch::Look, Connection::Online));
    let offline = after(Err(GlueFailure::Offline));
    assert_eq!(offline, (AfterPatch::EndRound, Connection::Offline));
}

/// A JSON:API error document in an answer with this status; `code` is JSON.
fn failing(status: &str, code: &str) -> String {
    failing_with(status, JSON_API, code)
}

fn failing_with(status: &str, headers: &str, code: &str) -> String {
    let body = format!(r#"{{"errors":[{{"status":400,"code":{code},"message":"In words."}}]}}"#);
    answer(status, headers, &body)
}

fn patched(id: AssignmentId, is_active: &str) -> String {
    format!(
        r#"{{"data":{{"type":"warehouse-user-assignments","id":"{id}","attributes":{{"isActive":{is_active}}}}}}}"#
    )
}

/// The answer to a sign-in with a token of [`USER`].
fn token_document() -> String {
    let sub = format!(r#"{{"sub":"{{\"uuid\":\"{USER}\"}}"}}"#);
    format!(
        r#"{{"token_type":"Bearer","expires_in":28800,"access_token":"e30.{}.c2ln"}}"#,
        URL_SAFE_NO_PAD.encode(sub)
    )
}
