//! What becomes of a request: which fault meets it, what the server does, what comes back and when.

use std::time::Duration;

use tokio::sync::oneshot;
use wareswitch::domain::assignment::Assignment;
use wareswitch::domain::change::Attempt;
use wareswitch::domain::ids::UserUuid;
use wareswitch::domain::time::UnixMillis;
use wareswitch::glue::{GlueFailure, ListExtent, Token};

use super::backend::WAREHOUSES;
use super::executor::Owner;
use super::faults::{Course, Fault};
use super::plan::{Planned, What};
use super::world::{Key, World};

/// In so much time one device asks so often at most, whatever its people do.
const PACE_WINDOW: Duration = Duration::from_secs(20);
const PACE_REQUESTS_MAX: usize = 60;

/// What is asked of a server.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    SignIn { user: usize },
    Refresh { refresh: String },
    List { token: String, user: UserUuid, extent: ListExtent },
    Patch { token: String, attempt: Box<Attempt>, has_code: bool },
}

/// A request on its way.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) owner: Owner,
    pub(crate) key: Key,
    pub(crate) question: Question,
    pub(crate) asked_at: Duration,
}

/// What a server says when all is well.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Token(Token),
    List(Vec<Assignment>),
    Patched,
}

/// The outcome of a request, with the server's calendar if a server said it.
pub(crate) type Outcome = (Result<Answer, GlueFailure>, Option<UnixMillis>);

/// Where the outcome is waited for.
pub(crate) type Reply = oneshot::Sender<Outcome>;

impl Request {
    /// The token that it carries.
    pub(crate) fn token(&self) -> Option<&str> {
        match &self.question {
            Question::SignIn { .. } | Question::Refresh { .. } => None,
            Question::List { token, .. } | Question::Patch { token, .. } => Some(token),
        }
    }

    fn name(&self) -> String {
        match &self.question {
            Question::SignIn { user } => format!("sign-in of user {user}"),
            Question::Refresh { .. } => "refresh".into(),
            Question::List { extent: ListExtent::Complete, .. } => "list".into(),
            Question::List { extent: ListExtent::Active, .. } => "list of what is active".into(),
            Question::Patch { attempt, .. } => {
                let sign = if attempt.wanted_active { '+' } else { '-' };
                let place = super::backend::place(attempt.warehouse_uuid);
                format!("patch {sign}{place} for change {}", attempt.change)
            }
        }
    }
}

impl World {
    /// A device asks.
    pub(crate) fn ask(&mut self, request: Request, reply: Reply) {
        self.requests += 1;
        let ordinal = self.requests;
        let mut dice = self.dice("request", ordinal);
        self.check_token(&request);
        self.check_pace(&request);
        self.reference.asked(&request, &self.plan);
        let fault = self.fault_for(&request, ordinal, &mut dice);
        let kind = match &request.question {
            Question::SignIn { .. } => "requests: sign-in",
            Question::Refresh { .. } => "requests: refresh",
            Question::List { extent: ListExtent::Complete, .. } => "requests: list",
            Question::List { extent: ListExtent::Active, .. } => "requests: active",
            Question::Patch { .. } => "requests: patch",
        };
        self.counts.add(kind);
        if let Some(fault) = fault {
            self.counts.add(format!("fault: {fault:?}"));
            self.counts.add("requests: faulted");
            self.reference.disturbed(request.owner, request.key);
        }
        self.lose_patience(&request, fault, &mut dice);
        let owner = request.owner;
        self.hub.note(|| {
            let fault = fault.map(|fault| format!(" !{fault:?}")).unwrap_or_default();
            format!("{owner} #{ordinal} {}{fault}", request.name())
        });
        let quick = |dice: &mut fastrand::Rng| Duration::from_micros(dice.u64(2_000..250_000));
        let there = quick(&mut dice);
        match fault.map(|fault| fault.course(&mut dice)) {
            None => {
                let back = quick(&mut dice);
                self.travel(there, back, None, request, reply);
            }
            Some(Course::Answered(there, back)) => self.travel(there, back, None, request, reply),
            Some(Course::Replaced(instead)) => {
                let back = quick(&mut dice);
                self.travel(there, back, Some(instead), request, reply);
            }
            Some(Course::Silent) => self.unanswered.push(reply),
            Some(Course::Stopped(wait, failure)) => {
                let failure = self.as_told_to(&request, failure);
                if failure == GlueFailure::TokenOver
                    && let Some(token) = request.token()
                {
                    self.backends[request.key.server].revoke(token);
                }
                self.deliver(wait, request, (Err(failure), None), reply);
            }
        }
    }

    /// Whoever waits for a PATCH that is late changes their mind about as often as not.
    fn lose_patience(&self, request: &Request, fault: Option<Fault>, dice: &mut fastrand::Rng) {
        let is_patch = matches!(request.question, Question::Patch { .. });
        if is_patch && fault == Some(Fault::LateRequest) && dice.bool() {
            let (device, place) = (request.owner.device, dice.usize(..WAREHOUSES));
            let at = self.hub.now();
            let wait = Duration::from_millis(dice.u64(500..40_000));
            let event = Planned { at, device, what: What::Tap(place) };
            self.hub.after(wait, move |world| world.happen(event));
        }
    }

    /// Which fault meets a request, if one does.
    fn fault_for(
        &self,
        request: &Request,
        ordinal: u64,
        dice: &mut fastrand::Rng,
    ) -> Option<Fault> {
        if self.is_calm || self.plan.muted.contains(&ordinal) {
            return None;
        }
        if !self.devices[request.owner.device].has_network {
            return Some(Fault::NoNetwork);
        }
        if self.devices[request.owner.device].is_behind_portal {
            return Some(Fault::Portal);
        }
        if dice.u32(..100) >= self.plan.fault_percent {
            return None;
        }
        let is_patch = matches!(request.question, Question::Patch { .. });
        if is_patch && dice.bool() {
            return Some(Fault::draw_for_patch(dice));
        }
        let is_without_token = request.token().is_none();
        let favourite = self.plan.favourite.filter(|_| dice.bool());
        let fault = favourite.unwrap_or_else(|| Fault::draw(dice));
        Some(if is_without_token && fault == Fault::TokenEnd { Fault::LostAnswer } else { fault })
    }

    /// A code that was given and is wanted again was wrong.
    fn as_told_to(&self, request: &Request, failure: GlueFailure) -> GlueFailure {
        match (&request.question, failure) {
            (Question::Patch { has_code: true, .. }, GlueFailure::NeedsCode { .. }) => {
                GlueFailure::NeedsCode { wrong: true }
            }
            (_, failure) => failure,
        }
    }

    /// The request reaches the server, which does it; `instead` of its answer another thing, or
    /// nothing, comes back.
    fn travel(
        &mut self,
        there: Duration,
        back: Duration,
        instead: Option<Option<GlueFailure>>,
        request: Request,
        reply: Reply,
    ) {
        self.hub.after(there, move |world| {
            world.arrive(request, move |world, request, outcome| match instead {
                None => world.deliver(back, request, outcome, reply),
                Some(Some(failure)) => world.deliver(back, request, (Err(failure), None), reply),
                Some(None) => world.unanswered.push(reply),
            });
        });
    }

    /// The server does what is asked and hands its answer on.
    fn arrive(
        &mut self,
        request: Request,
        then: impl FnOnce(&mut Self, Request, Outcome) + Send + 'static,
    ) {
        let date = UnixMillis(self.hub.calendar().0 / 1_000 * 1_000);
        let date = self.plan.tells_time.then_some(date);
        let now = self.hub.now();
        let backend = &mut self.backends[request.key.server];
        let user = match request.token().map(|token| backend.accept(token, now)) {
            Some(Err(failure)) => return then(self, request, (Err(failure), date)),
            Some(Ok(user)) => user,
            None => request.key.user,
        };
        match &request.question {
            Question::SignIn { user } => {
                let token = backend.issue(*user, now);
                then(self, request, (Ok(Answer::Token(token)), date));
            }
            Question::Refresh { refresh } => {
                let renewed = backend.renew(refresh, now);
                then(self, request, (renewed.map(Answer::Token), date));
            }
            Question::List { extent, .. } => {
                let mut rows = backend.list(user);
                rows.retain(|row| *extent == ListExtent::Complete || row.is_active);
                then(self, request, (Ok(Answer::List(rows)), date));
            }
            Question::Patch { attempt, .. } => {
                let id = attempt.assignment_id.as_uuid().as_u128();
                match backend.read(user, id, attempt.wanted_active) {
                    Err(failure) => {
                        self.reference.refused(&request, &failure);
                        then(self, request, (Err(failure), date));
                    }
                    Ok(writing) => {
                        let gap = self.gap();
                        self.hub.after(gap, move |world| {
                            world.backends[request.key.server].write(&writing);
                            let active = world.backends[request.key.server].active(user);
                            let (name, owner) = (request.name(), request.owner);
                            world.hub.note(|| format!("{owner} {name} takes effect: {active:?}"));
                            then(world, request, (Ok(Answer::Patched), date));
                        });
                    }
                }
            }
        }
    }

    /// The time between the reading and the writing of a PATCH.
    fn gap(&mut self) -> Duration {
        let gap = self.gaps.u64(1_000..80_000);
        let is_long = self.gaps.u8(..20) == 0;
        Duration::from_micros(if is_long { gap * 25 } else { gap })
    }

    /// The outcome reaches the device, if that is awake; after a sleep the connection may be gone.
    fn deliver(&mut self, wait: Duration, request: Request, outcome: Outcome, reply: Reply) {
        self.hub.after(wait, move |world| {
            let device = request.owner.device;
            if world.hub.is_asleep(device) {
                world.devices[device].overslept.push((request, outcome, reply));
                return;
            }
            let list = match &outcome.0 {
                Ok(Answer::List(rows)) => Some(rows.clone()),
                _ => None,
            };
            let failure = outcome.0.as_ref().err().cloned();
            let is_heard = reply.send(outcome).is_ok();
            if is_heard {
                let answered_at = (world.hub.now(), world.hub.read_clocks(device));
                world.reference.answered(&request, failure.as_ref(), list, answered_at);
            }
        });
    }

    /// What came while the device slept is there after it, or its connection is gone.
    pub(crate) fn deliver_overslept(&mut self, device: usize) {
        for (request, outcome, reply) in std::mem::take(&mut self.devices[device].overslept) {
            let outcome = if self.gaps.bool() { outcome } else { (Err(GlueFailure::Cut), None) };
            self.deliver(Duration::from_millis(1), request, outcome, reply);
        }
    }

    /// No device asks again and again without a pause.
    fn check_pace(&mut self, request: &Request) {
        let now = self.hub.now();
        let asked = &mut self.devices[request.owner.device].asked;
        asked.push_back(now);
        while asked.front().is_some_and(|earlier| now - *earlier > PACE_WINDOW) {
            asked.pop_front();
        }
        if asked.len() > PACE_REQUESTS_MAX {
            let text = format!("{} requests within {PACE_WINDOW:?}", asked.len());
            self.fail("no server is flooded", text);
        }
    }

    /// No request with another user's token, or with a token of another server.
    fn check_token(&mut self, request: &Request) {
        let Some(token) = request.token() else { return };
        let owner = self.backends[request.key.server].owner_of(token);
        let asked_for = match &request.question {
            Question::List { user, .. } => *user == super::backend::user_uuid(request.key.user),
            _ => true,
        };
        if owner != Some(request.key.user) || !asked_for {
            let text = format!("{} {} carries {token}", request.owner, request.name());
            self.fail("a request with a wrong token", text);
        }
    }
}
