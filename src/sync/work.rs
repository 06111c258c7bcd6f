//! The pieces of a round that wait: take the lock, look, send. Each is a future of its own that
//! ends in what the machine must be told.

use std::sync::Arc;

use crate::domain::assignment::{Assignment, AssignmentList};
use crate::domain::change::{Attempt, Change};
use crate::domain::connection::Connection;
use crate::domain::ids::{ChangeId, Seq};
use crate::domain::judge::{Circumstances, Judgement, judge};
use crate::domain::outbox::{Outbox, recover};
use crate::domain::time::{Moment, Reading, ServerAnchor};
use crate::glue::{Exchange, GlueFailure, ListExtent, SecondFactorCode};
use crate::session::secret_store::StoredToken;
use crate::store::{Scope, StoreError};

use super::backoff::Chance;
use super::driver::Parts;
use super::machine::{Event, Facts};
use super::policy::{self, Situation};
use super::ports::SenderGuard;
use super::renewal::{self, Renewal, TokenChange};

/// What a piece of work came to.
pub(super) struct Completed {
    /// What the machine is told.
    pub done: Done,
    /// The right to send, if it was taken.
    pub guard: Option<SenderGuard>,
    /// The token that counts from now on, if it is another.
    pub token: Option<TokenChange>,
    /// Whether the code of the second factor was refused.
    pub is_code_wrong: bool,
    /// The list, if one came.
    pub seen: Option<Arc<AssignmentList>>,
}

/// The end of a piece of work.
pub(super) enum Done {
    /// It was written down; the machine goes on.
    Event {
        /// What happened.
        event: Box<Event>,
        /// The changes that settled or came into question.
        moved: Vec<Change>,
    },
    /// It could not be written down.
    StorageFailed,
}

/// The order to begin a round.
pub(super) struct Begin {
    /// Whether a worker is looking.
    pub is_in_front: bool,
    /// The draw for waits.
    pub chance: Chance,
}

/// A round that ends before its first look.
impl From<Begin> for Look {
    fn from(Begin { is_in_front, chance }: Begin) -> Self {
        Self {
            seen: None,
            round_of_tap: None,
            may_send: false,
            odd_answers: 0,
            is_in_front,
            chance,
        }
    }
}

/// The order to fetch the list and judge it.
pub(super) struct Look {
    /// What this round has seen of the list, if it is enough to ask what is active of it now.
    pub seen: Option<Arc<AssignmentList>>,
    /// The change whose own round this is.
    pub round_of_tap: Option<Seq>,
    /// Whether an attempt may be written down.
    pub may_send: bool,
    /// PATCHes in a row of this round that came to nothing though answered.
    pub odd_answers: u32,
    /// Whether a worker is looking.
    pub is_in_front: bool,
    /// The draw for waits.
    pub chance: Chance,
}

/// The order to send an attempt that is written down.
pub(super) struct Send {
    /// The attempt.
    pub attempt: Box<Attempt>,
    /// The code of the second factor, if the worker gave one.
    pub code: Option<SecondFactorCode>,
    /// Whether a worker is looking.
    pub is_in_front: bool,
    /// The draw for waits.
    pub chance: Chance,
}

/// Takes the right to send, waiting for another process that has it, recovers what a dead one left
/// on its way, and sees to it that there is a token to ask with.
pub(super) async fn begin(parts: Arc<Parts>, token: StoredToken, order: Begin) -> Completed {
    let guard = match parts.lock.acquire().await {
        Ok(guard) => guard,
        Err(error) => {
            tracing::error!(%error, "the right to send could not be taken");
            return storage_failed(None);
        }
    };
    let recovered = transact(&parts, None, |outbox, now| {
        recover(outbox, now);
    })
    .await;
    match recovered {
        Ok(((), facts)) => {
            let completed = begin_with_token(&parts, token, order, facts).await;
            Completed { guard: Some(guard), ..completed }
        }
        Err(error) => storage_failed(Some(error)),
    }
}

async fn begin_with_token(
    parts: &Arc<Parts>,
    token: StoredToken,
    order: Begin,
    facts: Facts,
) -> Completed {
    let now = Moment::new(parts.clock.read(), facts.sync.anchor.as_ref());
    let began = told(Event::Began(facts), Vec::new());
    if !token.needs_renewal_at(&now) {
        return began;
    }
    let change = |to| TokenChange { of: token.access.clone(), to };
    match renewal::renew(parts, &token, false).await {
        Renewal::Usable(to) => Completed { token: Some(change(to)), ..began },
        Renewal::Over(to) => {
            let ended = look_failed(parts, &to, GlueFailure::TokenOver, order.into()).await;
            Completed { token: Some(change(to)), ..ended }
        }
        // As long as it lasts it is good for a look, which tells more.
        Renewal::Failed(_) | Renewal::NotKept if token.is_usable_at(&now) => began,
        Renewal::Failed(failure) => look_failed(parts, &token, failure, order.into()).await,
        Renewal::NotKept => storage_failed(None),
    }
}

/// Fetches the list and judges everything by it, in one transaction.
pub(super) async fn look(parts: Arc<Parts>, token: StoredToken, order: Look) -> Completed {
    let extent = if order.seen.is_some() { ListExtent::Active } else { ListExtent::Complete };
    let exchange = parts.server.assignments(&token.access, parts.profile.user, extent).await;
    let is_over = |exchange: &Exchange<_>, token: &StoredToken| {
        let situation = situation(&parts, token, order.chance, order.is_in_front);
        exchange.result.as_ref().is_err_and(|failure| is_token_over(failure, &situation))
    };
    if !is_over(&exchange, &token) {
        return looked(&parts, &token, exchange, order).await;
    }
    let (exchange, to) = match renewal::renew(&parts, &token, true).await {
        Renewal::Usable(to) => {
            let again = parts.server.assignments(&to.access, parts.profile.user, extent).await;
            let to = if is_over(&again, &to) { renewal::give_up(&parts, to).await } else { to };
            (again, to)
        }
        Renewal::Over(to) => (exchange, to),
        Renewal::Failed(failure) => return look_failed(&parts, &token, failure, order).await,
        Renewal::NotKept => return storage_failed(None),
    };
    let change = TokenChange { of: token.access, to: to.clone() };
    Completed { token: Some(change), ..looked(&parts, &to, exchange, order).await }
}

async fn looked(
    parts: &Arc<Parts>,
    token: &StoredToken,
    exchange: Exchange<Vec<Assignment>>,
    order: Look,
) -> Completed {
    let anchor = anchor_of(exchange.server_date, &exchange.answered_at);
    match exchange.result {
        Ok(rows) => {
            let at = |reading: Reading| Moment::new(reading, anchor.as_ref());
            let (asked_at, answered_at) = (at(exchange.asked_at), at(exchange.answered_at));
            let list = Arc::new(match &order.seen {
                Some(seen) => seen.with_active(rows, asked_at, answered_at),
                None => AssignmentList::new(rows, asked_at, answered_at),
            });
            let judged = judge_list(parts, Arc::clone(&list), anchor, order).await;
            Completed { seen: Some(list), ..judged }
        }
        Err(failure) => {
            tracing::info!(?failure, "the list could not be had");
            look_failed(parts, token, failure, order).await
        }
    }
}

async fn judge_list(
    parts: &Arc<Parts>,
    list: Arc<AssignmentList>,
    anchor: Option<ServerAnchor>,
    order: Look,
) -> Completed {
    let rules = parts.rules;
    let clock = Arc::clone(&parts.clock);
    let judged = transact(parts, Some(Arc::clone(&list)), move |outbox, now| {
        let is_change_waiting = outbox.waiting().is_some();
        policy::note_list(&mut outbox.sync, anchor, is_change_waiting, now);
        // Now that the server's time may be known, ages from before a reboot may be known too.
        let now = Moment::new(clock.read(), outbox.sync.anchor.as_ref());
        let circumstances = Circumstances {
            rules,
            round_of_tap: order.round_of_tap,
            may_send: order.may_send,
            now,
            repair_id: ChangeId::new(uuid::Uuid::now_v7()),
        };
        let judgement = judge(outbox, &list, &circumstances);
        let odd_answers = order.odd_answers + u32::from(judgement.found_odd_answer);
        let situation = Situation {
            now,
            chance: order.chance,
            is_in_front: order.is_in_front,
            is_token_over: false,
        };
        policy::note_judgement(&mut outbox.sync, &judgement, odd_answers, &situation);
        judgement
    })
    .await;
    match judged {
        Ok((Judgement { next, moved, found_odd_answer }, facts)) => {
            told(Event::Judged { next, found_odd_answer, facts }, moved)
        }
        Err(error) => storage_failed(Some(error)),
    }
}

async fn look_failed(
    parts: &Arc<Parts>,
    token: &StoredToken,
    failure: GlueFailure,
    order: Look,
) -> Completed {
    let situation = situation(parts, token, order.chance, order.is_in_front);
    let noted = transact(parts, None, move |outbox, now| {
        policy::note_look_failure(outbox, &failure, &Situation { now, ..situation });
    })
    .await;
    match noted {
        Ok(((), facts)) => told(Event::Ended(facts), Vec::new()),
        Err(error) => storage_failed(Some(error)),
    }
}

/// Sends an attempt and writes down what came of it.
pub(super) async fn send(parts: Arc<Parts>, token: StoredToken, order: Send) -> Completed {
    let exchange: Exchange<()> =
        parts.server.patch(&token.access, &order.attempt, order.code.as_ref()).await;
    if let Err(failure) = &exchange.result {
        tracing::info!(?failure, change = order.attempt.change.0, "a PATCH was not accepted");
    }
    let situation = situation(&parts, &token, order.chance, order.is_in_front);
    let result = exchange.result;
    let is_token_over = result.as_ref().is_err_and(|failure| is_token_over(failure, &situation));
    let is_code_wrong = matches!(result, Err(GlueFailure::NeedsCode { wrong: true }));
    let was_odd = matches!(result, Err(GlueFailure::NotAsWished));
    let attempt = order.attempt.id;
    let (change, result) = if is_token_over {
        renew_for(&parts, token, result).await
    } else {
        (None, Sent::Answered(result))
    };
    let noted = transact(&parts, None, move |outbox, now| {
        let situation = Situation { now, ..situation };
        match &result {
            Sent::Answered(result) => policy::note_patch(outbox, attempt, result, &situation),
            Sent::TokenRefused(renewed) => {
                policy::note_refused_token(outbox, attempt, renewed, &situation)
            }
        }
    })
    .await;
    let completed = match noted {
        Ok((after, facts)) => told(Event::Patched { after, was_odd, facts }, Vec::new()),
        Err(error) => storage_failed(Some(error)),
    };
    Completed { token: change, is_code_wrong, ..completed }
}

/// What came of an attempt.
enum Sent {
    /// An answer, or none.
    Answered(Result<(), GlueFailure>),
    /// The server would not look at it with that token, and this came of renewing it.
    TokenRefused(Result<(), GlueFailure>),
}

async fn renew_for(
    parts: &Arc<Parts>,
    token: StoredToken,
    result: Result<(), GlueFailure>,
) -> (Option<TokenChange>, Sent) {
    let change = |to| Some(TokenChange { of: token.access.clone(), to });
    match renewal::renew(parts, &token, true).await {
        Renewal::Usable(to) => (change(to), Sent::TokenRefused(Ok(()))),
        Renewal::Over(to) => (change(to), Sent::Answered(result)),
        Renewal::Failed(failure) => (None, Sent::TokenRefused(Err(failure))),
        Renewal::NotKept => (None, Sent::Answered(result)),
    }
}

fn situation(parts: &Parts, token: &StoredToken, chance: Chance, is_in_front: bool) -> Situation {
    let now = Moment::new(parts.clock.read(), None);
    Situation { now, chance, is_in_front, is_token_over: !token.is_usable_at(&now) }
}

fn is_token_over(failure: &GlueFailure, situation: &Situation) -> bool {
    policy::connection_after(failure, situation.is_token_over) == Connection::SignInAgain
}

/// The tie to the server's calendar that an answer brings.
pub(super) fn anchor_of(
    server_date: Option<crate::domain::time::UnixMillis>,
    answered_at: &Reading,
) -> Option<ServerAnchor> {
    server_date.map(|server| ServerAnchor {
        server,
        boot_id: answered_at.boot_id,
        since_boot: answered_at.since_boot,
    })
}

/// Runs a plan at the present moment, and reads the facts after it.
async fn transact<T: std::marker::Send + 'static>(
    parts: &Arc<Parts>,
    list: Option<Arc<AssignmentList>>,
    plan: impl FnOnce(&mut Outbox, Moment) -> T + std::marker::Send + 'static,
) -> Result<(T, Facts), StoreError> {
    let late_effect = parts.rules.late_effect;
    let clock = Arc::clone(&parts.clock);
    let scope = Scope { list, ..Scope::default() };
    parts
        .store
        .transact(scope, move |outbox| {
            let now = Moment::new(clock.read(), outbox.sync.anchor.as_ref());
            let value = plan(outbox, now);
            (value, Facts::of(outbox, late_effect))
        })
        .await
}

fn told(event: Event, moved: Vec<Change>) -> Completed {
    Completed {
        done: Done::Event { event: Box::new(event), moved },
        guard: None,
        token: None,
        is_code_wrong: false,
        seen: None,
    }
}

fn storage_failed(error: Option<StoreError>) -> Completed {
    if let Some(error) = error {
        tracing::error!(%error, "what happened could not be stored");
    }
    Completed {
        done: Done::StorageFailed,
        guard: None,
        token: None,
        is_code_wrong: false,
        seen: None,
    }
}
