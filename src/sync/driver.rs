//! Carries the machine's effects out: the only part of sync that waits, and the only `select!`.
//!
//! At most one piece of work is under way at a time. It runs as a future that shares nothing with
//! the driver, so that messages are heard while it waits for the network.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::clock::SharedClock;
use crate::domain::assignment::AssignmentList;
use crate::domain::change::Change;
use crate::domain::connection::Connection;
use crate::domain::ids::{ProfileId, Seq};
use crate::domain::judge::Rules;
use crate::domain::outbox::Outbox;
use crate::domain::time::Moment;
use crate::domain::view::Activity;
use crate::glue::{ListExtent, SecondFactorCode};
use crate::session::secret_store::{SecretStore, StoredToken};
use crate::store::{ProfileStore, Scope, StoreError};

use super::backoff::{self, Chance};
use super::machine::{Effect, Event, Facts, Machine, TokenState, Trigger};
use super::policy;
use super::ports::{BoxFuture, Listener, News, Runtime, SenderGuard, SenderLock, Server};
use super::renewal::{self, KeptToken, TokenChange};
use super::work::{self, Completed, Done};

/// Everything that the engine of one profile works with.
pub struct Parts {
    /// Whose engine it is.
    pub profile: ProfileId,
    /// The profile's database.
    pub store: ProfileStore,
    /// The profile's server.
    pub server: Arc<dyn Server>,
    /// The right to send.
    pub lock: Arc<dyn SenderLock>,
    /// Where the token is kept.
    pub secrets: Arc<dyn SecretStore>,
    /// The device's clocks.
    pub clock: SharedClock,
    /// How to wait.
    pub runtime: Arc<dyn Runtime>,
    /// The configured rules of judgement.
    pub rules: Rules,
    /// The configured spread after a reconnect.
    pub sync_spread: Duration,
    /// Who hears what happens.
    pub listener: Listener,
}

/// What the engine is told while it runs.
#[derive(Debug)]
pub enum Message {
    /// A wish was recorded by this process.
    Wish(Seq),
    /// A person wants a round now.
    SendNow,
    /// The user signed in.
    SignedIn(StoredToken),
    /// The window came to the front, the device woke up.
    Appeared,
    /// Somebody touched the window and the list is old.
    Touched,
    /// A network came back.
    Reconnected,
    /// The window is in front, or no longer.
    InFront(bool),
    /// Another process, or this one outside a round, recorded something.
    Recorded,
    /// The worker typed a code of the second factor.
    Code(SecondFactorCode),
    /// The token ends soon, or has ended.
    TokenEnds,
}

/// What one round came to, for the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundReport {
    /// PATCHes that left.
    pub sent: u32,
    /// Changes that settled or came into question.
    pub moved: Vec<Change>,
    /// Whether the server was asked for the list.
    pub has_begun: bool,
    /// Whether something could not be stored.
    pub has_storage_failed: bool,
    /// Whether the server refused the code of the second factor.
    pub is_code_refused: bool,
}

/// The engine of one profile with everything it needs to act.
pub struct Driver {
    parts: Arc<Parts>,
    machine: Machine,
    token: Option<StoredToken>,
    code: Option<SecondFactorCode>,
    guard: Option<SenderGuard>,
    /// The list that this round has seen last.
    seen: Option<Arc<AssignmentList>>,
    work: Option<BoxFuture<'static, Completed>>,
    timer: Option<BoxFuture<'static, ()>>,
    chances: fastrand::Rng,
    report: RoundReport,
    last_activity: Activity,
    newest_wish_seen: Option<Seq>,
}

impl Driver {
    /// Prepares an engine. Reads the outbox once; sends nothing yet.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn new(parts: Parts, token: Option<StoredToken>) -> Result<Self, StoreError> {
        let late_effect = parts.rules.late_effect;
        let (facts, newest) = parts
            .store
            .transact(Scope::default(), move |outbox| {
                (Facts::of(outbox, late_effect), newest_wish(outbox))
            })
            .await?;
        let machine = Machine::new(facts, TokenState::Over, parts.sync_spread);
        Ok(Self {
            parts: Arc::new(parts),
            machine,
            token,
            code: None,
            guard: None,
            seen: None,
            work: None,
            timer: None,
            chances: fastrand::Rng::new(),
            report: RoundReport::default(),
            last_activity: Activity::Idle,
            newest_wish_seen: newest,
        })
    }

    /// Draws waits from this seed, so that a run can be repeated.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.chances = fastrand::Rng::with_seed(seed);
        self
    }

    /// Serves until every sender of messages is gone. A PATCH on its way then is left to the next
    /// start, which knows of it.
    pub async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        self.tell_token_state().await;
        self.feed(Event::Asked(Trigger::Appeared));
        loop {
            tokio::select! {
                // In a fixed order, so that a run can be repeated.
                biased;
                message = inbox.recv() => match message {
                    Some(message) => self.hear(message).await,
                    None => return,
                },
                completed = next_of(&mut self.work) => self.complete(completed).await,
                () = next_of(&mut self.timer) => {
                    self.timer = None;
                    self.tell_token_state().await;
                    self.feed(Event::Deadline);
                }
            }
        }
    }

    /// Runs the round that `trigger` asks for, and no other, to its end.
    pub async fn run_round(&mut self, trigger: Trigger) -> RoundReport {
        self.report = RoundReport::default();
        self.tell_token_state().await;
        self.feed(Event::Asked(trigger));
        while self.work.is_some() {
            let completed = next_of(&mut self.work).await;
            self.complete(completed).await;
        }
        std::mem::take(&mut self.report)
    }

    /// Gives the engine a code of the second factor, for the PATCHes of the next rounds.
    pub fn set_code(&mut self, code: SecondFactorCode) {
        self.code = Some(code);
    }

    async fn hear(&mut self, message: Message) {
        self.tell_token_state().await;
        match message {
            Message::Wish(seq) => {
                self.newest_wish_seen = self.newest_wish_seen.max(Some(seq));
                self.refresh_facts().await;
                self.feed(Event::Asked(Trigger::Wish(seq)));
            }
            Message::SendNow => {
                self.refresh_facts().await;
                self.feed(Event::Asked(Trigger::SendNow));
            }
            Message::SignedIn(token) => self.signed_in(token).await,
            Message::Appeared => self.feed(Event::Asked(Trigger::Appeared)),
            Message::Touched => self.feed(Event::Asked(Trigger::Touched)),
            Message::Reconnected => {
                self.change(|outbox, _| policy::note_network_change(&mut outbox.sync)).await;
                self.feed(Event::Asked(Trigger::Reconnected));
            }
            Message::InFront(is_in_front) => self.feed(Event::InFront(is_in_front)),
            Message::Recorded => self.others_recorded().await,
            Message::Code(code) => {
                self.code = Some(code);
                self.feed(Event::Asked(Trigger::SendNow));
            }
            Message::TokenEnds => {
                let now = self.now();
                if self.token.as_ref().is_some_and(|token| token.needs_renewal_at(&now)) {
                    self.feed(Event::Asked(Trigger::Timer));
                }
            }
        }
    }

    async fn signed_in(&mut self, token: StoredToken) {
        self.token = Some(token);
        self.tell_token_state().await;
        self.change(|outbox, now| policy::note_sign_in(&mut outbox.sync, None, now)).await;
        self.feed(Event::Asked(Trigger::SignedIn));
    }

    /// Another process recorded something. A wish that is new here gets its own round, as it would
    /// have had there.
    async fn others_recorded(&mut self) {
        self.take_over_token().await;
        let Some(newest) = self.refresh_facts().await else { return };
        let is_new = newest > self.newest_wish_seen;
        self.newest_wish_seen = self.newest_wish_seen.max(newest);
        (self.parts.listener)(News::Stored(Vec::new()));
        if let Some(seq) = newest.filter(|_| is_new && self.machine.facts().is_sendable) {
            self.feed(Event::Asked(Trigger::Wish(seq)));
        }
    }

    /// Another process may have got the token that this one lacks.
    async fn take_over_token(&mut self) {
        let now = self.now();
        if self.token.as_ref().is_some_and(|token| !token.needs_sign_in_at(&now)) {
            return;
        }
        if let KeptToken::Token(kept) = renewal::load(&self.parts).await
            && !kept.needs_sign_in_at(&now)
        {
            self.token = Some(kept);
            self.tell_token_state().await;
            (self.parts.listener)(News::TokenChanged);
        }
    }

    /// Reads what the database says now. Returns the newest waiting wish, if that worked.
    async fn refresh_facts(&mut self) -> Option<Option<Seq>> {
        self.change(|outbox, _| newest_wish(outbox)).await
    }

    /// Runs a small plan outside a round and takes the facts from it.
    async fn change<T: Send + 'static>(
        &mut self,
        plan: impl FnOnce(&mut Outbox, Moment) -> T + Send + 'static,
    ) -> Option<T> {
        let late_effect = self.parts.rules.late_effect;
        let clock = Arc::clone(&self.parts.clock);
        let result = self
            .parts
            .store
            .transact(Scope::default(), move |outbox| {
                let now = Moment::new(clock.read(), outbox.sync.anchor.as_ref());
                let value = plan(outbox, now);
                (value, Facts::of(outbox, late_effect))
            })
            .await;
        match result {
            Ok((value, facts)) => {
                self.feed(Event::Changed(facts));
                Some(value)
            }
            Err(error) => {
                tracing::warn!(%error, "the outbox could not be read or written");
                (self.parts.listener)(News::StorageFailed);
                None
            }
        }
    }

    /// Tells the machine whether the token may be used; notes when it is found to be over.
    async fn tell_token_state(&mut self) {
        let now = self.now();
        let state = self.token_state(&now);
        self.feed(Event::Token(state));
        let is_known = self.machine.facts().sync.connection == Connection::SignInAgain;
        if state == TokenState::Over && !is_known {
            self.change(|outbox, now| policy::note_token_over(&mut outbox.sync, now)).await;
            (self.parts.listener)(News::TokenChanged);
        }
    }

    fn token_state(&self, now: &Moment) -> TokenState {
        match &self.token {
            Some(token) if !token.needs_sign_in_at(now) => TokenState::Usable,
            _ => TokenState::Over,
        }
    }

    fn now(&self) -> Moment {
        Moment::new(self.parts.clock.read(), self.machine.facts().sync.anchor.as_ref())
    }

    /// Gives the machine an event and carries out what it asks for.
    fn feed(&mut self, event: Event) {
        let chance = Chance::new(self.chances.f64());
        for effect in self.machine.handle(event, self.now(), chance) {
            self.carry_out(effect);
        }
        let activity = self.machine.activity();
        if activity != self.last_activity {
            self.last_activity = activity;
            (self.parts.listener)(News::Activity(activity));
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Begin => {
                let Some(token) = self.token.clone() else {
                    self.feed(Event::Ended(self.machine.facts().clone()));
                    return;
                };
                let begin = work::Begin {
                    is_in_front: self.machine.is_in_front(),
                    chance: Chance::new(self.chances.f64()),
                };
                self.work = Some(Box::pin(work::begin(Arc::clone(&self.parts), token, begin)));
            }
            Effect::Look { extent, round_of_tap, may_send, odd_answers } => {
                let Some(token) = self.token.clone() else {
                    self.feed(Event::Ended(self.machine.facts().clone()));
                    return;
                };
                self.report.has_begun = true;
                let look = work::Look {
                    seen: self.seen.clone().filter(|_| extent == ListExtent::Active),
                    round_of_tap,
                    may_send,
                    odd_answers,
                    is_in_front: self.machine.is_in_front(),
                    chance: Chance::new(self.chances.f64()),
                };
                self.work = Some(Box::pin(work::look(Arc::clone(&self.parts), token, look)));
            }
            Effect::Send(attempt) => {
                let Some(token) = self.token.clone() else {
                    self.feed(Event::Ended(self.machine.facts().clone()));
                    return;
                };
                self.report.sent = self.report.sent.saturating_add(1);
                let send = work::Send {
                    attempt,
                    code: self.code.clone(),
                    is_in_front: self.machine.is_in_front(),
                    chance: Chance::new(self.chances.f64()),
                };
                self.work = Some(Box::pin(work::send(Arc::clone(&self.parts), token, send)));
            }
            Effect::Finish => (self.guard, self.seen) = (None, None),
            Effect::WakeAfter(wait) => {
                self.timer = wait.map(|wait| self.parts.runtime.sleep(wait));
            }
        }
    }

    async fn complete(&mut self, completed: Completed) {
        self.work = None;
        if let Some(guard) = completed.guard {
            self.guard = Some(guard);
        }
        self.seen = completed.seen.or(self.seen.take());
        if let Some(change) = completed.token {
            self.take_token(change);
        }
        if completed.is_code_wrong {
            self.code = None;
            self.report.is_code_refused = true;
            (self.parts.listener)(News::CodeRefused);
        }
        match completed.done {
            Done::Event { event, moved } => {
                self.report.moved.extend(moved.iter().cloned());
                self.feed(*event);
                (self.parts.listener)(News::Stored(moved));
            }
            Done::StorageFailed => self.storage_failed(),
        }
    }

    /// Nothing could be stored, so nothing more is sent; the next try waits as after any failure.
    fn storage_failed(&mut self) {
        self.report.has_storage_failed = true;
        let now = self.now();
        let mut facts = self.machine.facts().clone();
        let wait = backoff::delay(3, backoff::DELAY_MAX, Chance::new(self.chances.f64()));
        facts.sync.backoff_until = Some(now.plus(wait));
        self.feed(Event::Ended(facts));
        (self.parts.listener)(News::StorageFailed);
    }

    /// Goes on with another token, unless the user has signed in again meanwhile.
    fn take_token(&mut self, change: TokenChange) {
        if self.token.as_ref().is_none_or(|token| token.access != change.of) {
            return;
        }
        self.token = Some(change.to);
        let state = self.token_state(&self.now());
        self.feed(Event::Token(state));
        (self.parts.listener)(News::TokenChanged);
    }
}

fn newest_wish(outbox: &mut Outbox) -> Option<Seq> {
    outbox.waiting().map(|change| change.seq)
}

/// Waits for what is under way; for ever if nothing is.
async fn next_of<T>(under_way: &mut Option<BoxFuture<'static, T>>) -> T {
    match under_way.as_mut() {
        Some(under_way) => under_way.await,
        None => pending().await,
    }
}
