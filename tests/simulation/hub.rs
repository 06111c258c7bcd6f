//! Virtual time: the queue of what happens, the clocks of the devices, and the trace of a run.
//!
//! The ports of the engines hold a [`Hub`]; they put what they want of the world into its queue.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;
use wareswitch::domain::time::{BootId, Reading, UnixMillis};
use wareswitch::sync::ports::BoxFuture;

use super::world::World;

/// Something that happens at its time.
pub(crate) type Happening = Box<dyn FnOnce(&mut World) + Send>;

/// The calendar at the beginning of every run: 2026-11-25T00:00:00Z.
const DAWN_MS: i64 = 1_795_564_800_000;

struct Entry {
    at: Duration,
    order: u64,
    what: Happening,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    /// The earliest is the greatest, since the heap gives that first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

/// The clocks of one device.
struct Clocks {
    boot: u128,
    booted_at: Duration,
    /// How wrong the calendar of the device is.
    wall_error_ms: i64,
    asleep_since: Option<Duration>,
    slept: Duration,
    /// Timers that ran out while the device slept, by the waking time that they are due at.
    overslept: Vec<(Duration, oneshot::Sender<()>)>,
}

struct State {
    now: Duration,
    order: u64,
    queue: BinaryHeap<Entry>,
    records: Vec<Happening>,
    clocks: Vec<Clocks>,
    boots: u128,
    trace: Option<Vec<String>>,
}

/// Time, shared by the world and everything in it.
pub(crate) struct Hub {
    state: Mutex<State>,
}

impl Hub {
    pub(crate) fn new(devices: usize, is_traced: bool) -> Self {
        let clocks = (0..devices).map(|device| Clocks {
            boot: 1 + device as u128,
            booted_at: Duration::ZERO,
            wall_error_ms: 0,
            asleep_since: None,
            slept: Duration::ZERO,
            overslept: Vec::new(),
        });
        let state = State {
            now: Duration::from_secs(1),
            order: 0,
            queue: BinaryHeap::new(),
            records: Vec::new(),
            clocks: clocks.collect(),
            boots: devices as u128,
            trace: is_traced.then(Vec::new),
        };
        Self { state: Mutex::new(state) }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap())
    }

    pub(crate) fn now(&self) -> Duration {
        self.with(|state| state.now)
    }

    /// The calendar of the servers, which is right.
    pub(crate) fn calendar(&self) -> UnixMillis {
        UnixMillis(DAWN_MS).plus(self.now())
    }

    pub(crate) fn after(&self, wait: Duration, what: impl FnOnce(&mut World) + Send + 'static) {
        self.with(|state| {
            state.order += 1;
            let at = state.now.saturating_add(wait);
            state.queue.push(Entry { at, order: state.order, what: Box::new(what) });
        });
    }

    /// Before anything else happens: for what is in a database now, and must be known of it.
    pub(crate) fn first(&self, what: impl FnOnce(&mut World) + Send + 'static) {
        self.with(|state| state.records.push(Box::new(what)));
    }

    /// What was put there by [`Self::first`].
    pub(crate) fn take_records(&self) -> Vec<Happening> {
        self.with(|state| std::mem::take(&mut state.records))
    }

    pub(crate) fn soon(&self, what: impl FnOnce(&mut World) + Send + 'static) {
        self.after(Duration::ZERO, what);
    }

    /// The next thing to happen until `end`; the clock moves to it.
    pub(crate) fn next_until(&self, end: Duration) -> Option<Happening> {
        self.with(|state| {
            if state.queue.peek().is_none_or(|entry| entry.at > end) {
                state.now = state.now.max(end);
                return None;
            }
            let entry = state.queue.pop()?;
            state.now = state.now.max(entry.at);
            Some(entry.what)
        })
    }

    /// Adds a line to the trace, if there is one.
    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        self.with(|state| {
            let now = state.now;
            if let Some(trace) = state.trace.as_mut() {
                trace.push(format!("{:>12.3} {}", now.as_secs_f64(), line()));
            }
        });
    }

    pub(crate) fn take_trace(&self) -> Vec<String> {
        self.with(|state| state.trace.take().unwrap_or_default())
    }

    pub(crate) fn read_clocks(&self, device: usize) -> Reading {
        self.with(|state| {
            let clocks = &state.clocks[device];
            let wall = UnixMillis(DAWN_MS + clocks.wall_error_ms).plus(state.now);
            Reading {
                boot_id: BootId(Uuid::from_u128(clocks.boot)),
                since_boot: state.now - clocks.booted_at,
                wall,
            }
        })
    }

    pub(crate) fn booted_at(&self, device: usize) -> Duration {
        self.with(|state| state.clocks[device].booted_at)
    }

    pub(crate) fn is_asleep(&self, device: usize) -> bool {
        self.with(|state| state.clocks[device].asleep_since.is_some())
    }

    pub(crate) fn move_wall_clock(&self, device: usize, by_ms: i64) {
        self.with(|state| state.clocks[device].wall_error_ms += by_ms);
    }

    /// A new run of the kernel begins. Timers of the old one are gone with their processes.
    pub(crate) fn reboot(&self, device: usize) {
        self.with(|state| {
            state.boots += 1;
            let clocks = &mut state.clocks[device];
            clocks.boot = state.boots;
            clocks.booted_at = state.now;
        });
    }

    pub(crate) fn fall_asleep(&self, device: usize) {
        self.with(|state| state.clocks[device].asleep_since = Some(state.now));
    }

    /// The device goes on; its timers go on from where they were.
    pub(crate) fn wake_up(&self, device: usize) {
        let overslept = self.with(|state| {
            let clocks = &mut state.clocks[device];
            if let Some(since) = clocks.asleep_since.take() {
                clocks.slept += state.now - since;
            }
            std::mem::take(&mut clocks.overslept)
        });
        for (due, ring) in overslept {
            let rest = due.saturating_sub(self.waking_time(device));
            self.after(rest, move |world| world.hub.ring(device, due, ring));
        }
    }

    /// How long the device has been awake: what the timers of a runtime count.
    fn waking_time(&self, device: usize) -> Duration {
        self.with(|state| {
            let clocks = &state.clocks[device];
            let sleeping = clocks.asleep_since.map(|since| state.now - since).unwrap_or_default();
            state.now - clocks.slept - sleeping
        })
    }

    /// Waits for a time in which the device is awake.
    pub(crate) fn sleep(&self, device: usize, wait: Duration) -> BoxFuture<'static, ()> {
        let (ring, rung) = oneshot::channel();
        let due = self.waking_time(device).saturating_add(wait);
        self.after(wait, move |world| world.hub.ring(device, due, ring));
        Box::pin(async move {
            // A sender that is gone means that the run is over.
            let _ = rung.await;
        })
    }

    fn ring(&self, device: usize, due: Duration, ring: oneshot::Sender<()>) {
        if ring.is_closed() {
            return;
        }
        if self.is_asleep(device) {
            self.with(|state| state.clocks[device].overslept.push((due, ring)));
            return;
        }
        let rest = due.saturating_sub(self.waking_time(device));
        if rest.is_zero() {
            // Whoever waited is gone otherwise.
            let _ = ring.send(());
        } else {
            self.after(rest, move |world| world.hub.ring(device, due, ring));
        }
    }
}
