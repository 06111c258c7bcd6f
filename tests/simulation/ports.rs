//! What an engine needs from outside, played: clock, waiting, right to send, secrets, disk, network.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use wareswitch::clock::Clock;
use wareswitch::domain::assignment::Assignment;
use wareswitch::domain::change::Attempt;
use wareswitch::domain::ids::{ProfileId, UserUuid};
use wareswitch::domain::time::Reading;
use wareswitch::glue::{
    AccessToken, Exchange, GlueFailure, ListExtent, RefreshToken, SecondFactorCode, Token,
};
use wareswitch::session::secret_store::{SecretStore, SecretStoreError, StoredToken};
use wareswitch::store::{PlayedDisk, StoreError};
use wareswitch::sync::ports::{BoxFuture, Runtime, SenderGuard, SenderLock, Server};

use super::executor::Owner;
use super::hub::Hub;
use super::network::{Answer, Question, Request};
use super::world::Key;

/// A whole request takes no longer, by the limits of the client.
const REQUEST_LIMIT: Duration = Duration::from_secs(20);

/// The clocks of a device.
pub(crate) struct DeviceClock {
    pub(crate) hub: Arc<Hub>,
    pub(crate) device: usize,
}

impl Clock for DeviceClock {
    fn read(&self) -> Reading {
        self.hub.read_clocks(self.device)
    }
}

/// How a process of a device waits.
pub(crate) struct DeviceRuntime {
    pub(crate) hub: Arc<Hub>,
    pub(crate) device: usize,
}

impl Runtime for DeviceRuntime {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        self.hub.sleep(self.device, wait)
    }

    fn run_blocking(&self, job: Box<dyn FnOnce() + Send>) -> BoxFuture<'static, ()> {
        Box::pin(async move { job() })
    }
}

#[derive(Default)]
struct LockState {
    is_held: bool,
    waiting: VecDeque<oneshot::Sender<Guard>>,
}

/// The right to send for one profile of one device.
#[derive(Clone, Default)]
pub(crate) struct Lock {
    state: Arc<Mutex<LockState>>,
}

/// Gives the right back when its process is done, or dead.
struct Guard(Lock);

impl Lock {
    fn take(&self) -> Option<Guard> {
        let mut state = self.state.lock().unwrap();
        if state.is_held {
            return None;
        }
        state.is_held = true;
        Some(Guard(self.clone()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let next = {
            let mut state = self.0.state.lock().unwrap();
            let next = std::iter::from_fn(|| state.waiting.pop_front())
                .find(|waiting| !waiting.is_closed());
            state.is_held = next.is_some();
            next
        };
        if let Some(next) = next {
            // Where that one is gone meanwhile, the guard in the error lets go again.
            drop(next.send(Guard(self.0.clone())));
        }
    }
}

/// The right to send as one engine sees it. Asking for it begins a round.
pub(crate) struct SenderRight {
    pub(crate) hub: Arc<Hub>,
    pub(crate) lock: Lock,
    pub(crate) owner: Owner,
    pub(crate) key: Key,
}

impl SenderLock for SenderRight {
    fn acquire(&self) -> BoxFuture<'static, io::Result<SenderGuard>> {
        let lock = self.lock.clone();
        let (owner, key) = (self.owner, self.key);
        let begun_at = self.hub.now();
        self.hub.soon(move |world| world.reference.round_begins(owner, key, begun_at));
        Box::pin(async move {
            if let Some(guard) = lock.take() {
                return Ok(Box::new(guard) as SenderGuard);
            }
            let (give, given) = oneshot::channel();
            lock.state.lock().unwrap().waiting.push_back(give);
            let guard = given.await.map_err(io::Error::other)?;
            Ok(Box::new(guard) as SenderGuard)
        })
    }

    fn try_acquire(&self) -> io::Result<Option<SenderGuard>> {
        Ok(self.lock.take().map(|guard| Box::new(guard) as SenderGuard))
    }
}

/// The tokens that a device keeps.
#[derive(Default)]
pub(crate) struct Secrets {
    tokens: Mutex<BTreeMap<ProfileId, StoredToken>>,
}

impl SecretStore for Secrets {
    fn load(&self, profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError> {
        Ok(self.tokens.lock().unwrap().get(profile).cloned())
    }

    fn store(&self, profile: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError> {
        self.tokens.lock().unwrap().insert(profile.clone(), token.clone());
        Ok(())
    }

    fn forget(&self, profile: &ProfileId) -> Result<(), SecretStoreError> {
        self.tokens.lock().unwrap().remove(profile);
        Ok(())
    }
}

/// How the disk of a device is at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Quick,
    Slow,
    Busy,
    Full,
}

/// The disk of a device.
pub(crate) struct Disk {
    hub: Arc<Hub>,
    device: usize,
    state: Mutex<(Mood, bool, fastrand::Rng)>,
}

impl fmt::Debug for Disk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Disk").field("device", &self.device).finish_non_exhaustive()
    }
}

impl Disk {
    pub(crate) fn new(hub: Arc<Hub>, device: usize, dice: fastrand::Rng) -> Self {
        Self { hub, device, state: Mutex::new((Mood::Quick, false, dice)) }
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.state.lock().unwrap().0 = mood;
    }

    /// While the world itself looks, the disk is as it should be.
    pub(crate) fn set_observed(&self, is_observed: bool) {
        self.state.lock().unwrap().1 = is_observed;
    }

    fn delay(&self) -> Option<Duration> {
        let mut state = self.state.lock().unwrap();
        let (mood, is_observed, dice) = &mut *state;
        let longest_ms = match mood {
            _ if *is_observed => return None,
            Mood::Slow => 900,
            // Most commits are so quick that nothing happens meanwhile.
            _ if dice.u8(..4) > 0 => return None,
            _ => 20,
        };
        Some(Duration::from_micros(dice.u64(1..longest_ms * 1_000)))
    }

    fn refusal(&self) -> Result<(), StoreError> {
        let (mood, is_observed, _) = &*self.state.lock().unwrap();
        let refusal = match mood {
            _ if *is_observed => return Ok(()),
            Mood::Quick | Mood::Slow => return Ok(()),
            Mood::Busy => StoreError::Busy,
            Mood::Full => StoreError::Full,
        };
        let name = format!("storage: {refusal}");
        self.hub.soon(move |world| world.counts.add(name));
        Err(refusal)
    }
}

impl PlayedDisk for Disk {
    fn before(&self) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>> {
        let (delay, refusal) = (self.delay(), self.refusal());
        let waiting = delay.map(|delay| self.hub.sleep(self.device, delay));
        Box::pin(async move {
            if let Some(waiting) = waiting {
                waiting.await;
            }
            refusal
        })
    }

    fn after(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        match self.delay() {
            Some(delay) => self.hub.sleep(self.device, delay),
            None => Box::pin(std::future::ready(())),
        }
    }
}

/// The way from one engine to its server.
pub(crate) struct Line {
    pub(crate) hub: Arc<Hub>,
    pub(crate) owner: Owner,
    pub(crate) key: Key,
}

impl Line {
    /// Asks the world, with the time limit of the client.
    pub(crate) async fn ask(&self, question: Question) -> Exchange<Answer> {
        let (reply, replied) = oneshot::channel();
        let asked_at = self.hub.read_clocks(self.owner.device);
        let request =
            Request { owner: self.owner, key: self.key, question, asked_at: self.hub.now() };
        let limit = self.hub.sleep(self.owner.device, REQUEST_LIMIT);
        self.hub.soon(move |world| world.ask(request, reply));
        let (result, server_date) = tokio::select! {
            biased;
            reply = replied => reply.unwrap_or((Err(GlueFailure::Cut), None)),
            () = limit => (Err(GlueFailure::Cut), None),
        };
        let answered_at = self.hub.read_clocks(self.owner.device);
        Exchange { result, server_date, asked_at, answered_at }
    }
}

impl Server for Line {
    fn assignments<'a>(
        &'a self,
        token: &'a AccessToken,
        user: UserUuid,
        extent: ListExtent,
    ) -> BoxFuture<'a, Exchange<Vec<Assignment>>> {
        let question = Question::List { token: token.expose().to_owned(), user, extent };
        Box::pin(async move {
            let Exchange { result, server_date, asked_at, answered_at } = self.ask(question).await;
            let result = result.and_then(|answer| match answer {
                Answer::List(rows) => Ok(rows),
                Answer::Token(_) | Answer::Patched => Err(GlueFailure::CaptivePortal),
            });
            Exchange { result, server_date, asked_at, answered_at }
        })
    }

    fn refresh<'a>(&'a self, refresh: &'a RefreshToken) -> BoxFuture<'a, Exchange<Token>> {
        let question = Question::Refresh { refresh: refresh.expose().to_owned() };
        Box::pin(async move {
            let Exchange { result, server_date, asked_at, answered_at } = self.ask(question).await;
            let result = result.and_then(|answer| match answer {
                Answer::Token(token) => Ok(token),
                Answer::List(_) | Answer::Patched => Err(GlueFailure::CaptivePortal),
            });
            Exchange { result, server_date, asked_at, answered_at }
        })
    }

    fn patch<'a>(
        &'a self,
        token: &'a AccessToken,
        attempt: &'a Attempt,
        code: Option<&'a SecondFactorCode>,
    ) -> BoxFuture<'a, Exchange<()>> {
        let question = Question::Patch {
            token: token.expose().to_owned(),
            attempt: Box::new(attempt.clone()),
            has_code: code.is_some(),
        };
        Box::pin(async move {
            let Exchange { result, server_date, asked_at, answered_at } = self.ask(question).await;
            Exchange { result: result.map(drop), server_date, asked_at, answered_at }
        })
    }
}
