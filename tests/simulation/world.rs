//! Everything of one run: servers, devices with their processes, the reference beside them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;
use wareswitch::domain::ids::{ProfileId, ServerOrigin};
use wareswitch::domain::time::UnixMillis;
use wareswitch::store::{ProfileStore, Shown};
use wareswitch::sync::driver::Message;

use super::backend::{Backend, user_uuid};
use super::executor::{Executor, Owner, at_once};
use super::faults::Counts;
use super::hub::Hub;
use super::network::{Outcome, Reply, Request};
use super::plan::Plan;
use super::ports::{Disk, Lock, Secrets};
use super::reference::Reference;

/// So many changes are looked at again and again; the others have settled.
const NEWEST_CHANGES: usize = 5;

/// A user on a server, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) server: usize,
    pub(crate) user: usize,
}

impl Key {
    pub(crate) fn profile(self) -> ProfileId {
        let origin = format!("https://glue{}.example", self.server);
        ProfileId { origin: ServerOrigin::parse(&origin).unwrap(), user: user_uuid(self.user) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "s{}u{}", self.server, self.user)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "d{}p{}", self.device, self.process)
    }
}

/// What a device keeps of a profile, whatever becomes of its processes.
pub(crate) struct Kept {
    pub(crate) store: ProfileStore,
    pub(crate) lock: Lock,
    pub(crate) is_signing_out: bool,
}

/// The process with the window, and the engines that run in it.
pub(crate) struct Window {
    pub(crate) owner: Owner,
    pub(crate) engines: BTreeMap<Key, UnboundedSender<Message>>,
}

/// One device.
pub(crate) struct Device {
    pub(crate) has_network: bool,
    pub(crate) is_behind_portal: bool,
    /// Between two runs of its kernel.
    pub(crate) is_off: bool,
    pub(crate) overslept: Vec<(Request, Outcome, Reply)>,
    /// When it last asked, whomever.
    pub(crate) asked: VecDeque<Duration>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) kept: BTreeMap<Key, Kept>,
    /// The server that is configured, and the user in front.
    pub(crate) front: Key,
    pub(crate) window: Option<Window>,
    pub(crate) is_signing_in: bool,
}

/// What was found wrong, first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The promise that was broken.
    pub(crate) promise: String,
    /// How.
    pub(crate) text: String,
}

/// One run.
pub(crate) struct World {
    pub(crate) hub: Arc<Hub>,
    pub(crate) plan: Plan,
    pub(crate) executor: Executor,
    pub(crate) backends: Vec<Backend>,
    pub(crate) devices: Vec<Device>,
    pub(crate) reference: Reference,
    pub(crate) counts: Counts,
    /// Requests so far; each has its number.
    pub(crate) requests: u64,
    /// Those who wait for an answer that never comes.
    pub(crate) unanswered: Vec<Reply>,
    /// Whether the faults have stopped.
    pub(crate) is_calm: bool,
    pub(crate) gaps: fastrand::Rng,
    pub(crate) processes: u64,
    pub(crate) changes: u128,
    pub(crate) failure: Option<Failure>,
}

impl World {
    pub(crate) fn new(plan: Plan, is_traced: bool) -> Self {
        let hub = Arc::new(Hub::new(plan.devices, is_traced));
        let devices = (0..plan.devices).map(|device| Device {
            has_network: true,
            is_behind_portal: false,
            is_off: false,
            overslept: Vec::new(),
            asked: VecDeque::new(),
            disk: Arc::new(Disk::new(Arc::clone(&hub), device, dice(plan.seed, "disk", device))),
            secrets: Arc::new(Secrets::default()),
            kept: BTreeMap::new(),
            front: Key { server: 0, user: 0 },
            window: None,
            is_signing_in: false,
        });
        Self {
            devices: devices.collect(),
            executor: Executor::default(),
            backends: (0..2).map(|number| Backend::new(number, plan.offers_refresh)).collect(),
            reference: Reference::new(&plan),
            counts: Counts::default(),
            requests: 0,
            unanswered: Vec::new(),
            is_calm: false,
            gaps: dice(plan.seed, "gaps", 0_u64),
            processes: 0,
            changes: 0,
            failure: None,
            hub,
            plan,
        }
    }

    /// Random numbers for one purpose: taking an event out of a run leaves the others as they were.
    pub(crate) fn dice(&self, purpose: &str, number: u64) -> fastrand::Rng {
        dice(self.plan.seed, purpose, number)
    }

    /// Lets time pass until `end`, or until something is found wrong.
    pub(crate) fn run_until(&mut self, end: Duration) {
        loop {
            let hub = Arc::clone(&self.hub);
            self.executor.run(|device| hub.is_asleep(device));
            self.hub.take_records().into_iter().for_each(|record| record(self));
            if self.failure.is_some() {
                return;
            }
            match self.hub.next_until(end) {
                Some(happening) => happening(self),
                None => return,
            }
        }
    }

    /// Notes that a promise was broken; the first one counts.
    pub(crate) fn fail(&mut self, promise: &str, text: String) {
        self.hub.note(|| format!("BROKEN {promise}: {text}"));
        if self.failure.is_none() {
            self.failure = Some(Failure { promise: promise.to_owned(), text });
        }
    }

    /// What a device's database says about a profile, read past the moods of its disk: all that has
    /// not settled is among the newest changes.
    pub(crate) fn observe(&self, device: usize, key: Key) -> Option<Shown> {
        self.observe_changes(device, key, NEWEST_CHANGES)
    }

    /// The same, with so many changes.
    pub(crate) fn observe_changes(&self, device: usize, key: Key, count: usize) -> Option<Shown> {
        let Device { disk, kept, .. } = &self.devices[device];
        let store = &kept.get(&key)?.store;
        disk.set_observed(true);
        let shown = at_once(store.shown(None, |_| UnixMillis(i64::MIN), count));
        disk.set_observed(false);
        Some(shown.unwrap())
    }

    pub(crate) fn new_process(&mut self, device: usize) -> Owner {
        self.processes += 1;
        Owner { device, process: self.processes }
    }

    pub(crate) fn new_change_id(&mut self) -> Uuid {
        self.changes += 1;
        Uuid::from_u128(self.changes)
    }

    /// The profiles that a device knows.
    pub(crate) fn keys_on(&self, device: usize) -> BTreeSet<Key> {
        self.devices[device].kept.keys().copied().collect()
    }
}

fn dice(seed: u64, purpose: &str, number: impl std::hash::Hash) -> fastrand::Rng {
    // Its keys are fixed, so that a seed means the same everywhere.
    let mut hasher = std::hash::DefaultHasher::new();
    (seed, purpose).hash(&mut hasher);
    number.hash(&mut hasher);
    fastrand::Rng::with_seed(hasher.finish())
}
