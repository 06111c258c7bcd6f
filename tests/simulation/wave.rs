//! Ten thousand devices leave one dead zone at once: the app's own machine, policy, backoff and
//! rules, and a server that takes 200 requests a second.

// The curve must be seen.
#![allow(clippy::print_stdout)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use uuid::Uuid;
use wareswitch::domain::assignment::{Assignment, AssignmentList, Warehouse};
use wareswitch::domain::change::{Attempt, Origin, Target};
use wareswitch::domain::ids::{AssignmentId, ChangeId};
use wareswitch::domain::judge::{Circumstances, Rules, judge};
use wareswitch::domain::outbox::{Outbox, Recording, ServerWord, record_switch};
use wareswitch::domain::time::{BootId, Moment, UnixMillis};
use wareswitch::glue::GlueFailure;
use wareswitch::sync::backoff::Chance;
use wareswitch::sync::machine::{Effect, Event, Facts, Machine, TokenState, Trigger};
use wareswitch::sync::policy::{self, Situation};

use super::backend::warehouse_uuid;

const DEVICES: usize = 10_000;
/// What the server takes.
const REQUESTS_PER_SECOND: u64 = 200;
/// What each device needs: look, PATCH, look.
const REQUESTS_NEEDED: u64 = 3;
/// What waits longer than that is turned away.
const QUEUE_MAX: usize = 400;
/// One way through the network.
const LATENCY: Duration = Duration::from_millis(40);
const LATE_EFFECT: Duration = Duration::from_secs(90);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// The network is back.
    Reconnected(usize),
    /// A timer of a device, if it was not set anew since.
    Deadline(usize, u64),
    /// A request reaches the server.
    Arrives(usize),
    /// The server has done one request.
    Served,
    /// An answer reaches the device: done, or turned away.
    Answered(usize, bool),
}

#[derive(Clone, Debug)]
enum Asked {
    Look { round_of_tap: Option<wareswitch::domain::ids::Seq>, may_send: bool },
    Send(Box<Attempt>),
}

struct Handheld {
    machine: Machine,
    outbox: Outbox,
    dice: fastrand::Rng,
    timer: u64,
    asked: Option<(Asked, Duration)>,
    active: usize,
    requests: u64,
}

struct Wave {
    now: Duration,
    steps: BinaryHeap<Reverse<(Duration, u64, Step)>>,
    order: u64,
    devices: Vec<Handheld>,
    queue: VecDeque<usize>,
    arrivals: Vec<u64>,
    turned_away: u64,
    settled_at: Duration,
}

fn moment(now: Duration) -> Moment {
    Moment {
        boot_id: BootId(Uuid::from_u128(1)),
        since_boot: now,
        server: None,
        wall: UnixMillis(0),
    }
}

fn assignment(place: usize, active: usize) -> Assignment {
    Assignment {
        id: AssignmentId::new(Uuid::from_u128(0x3000 + place as u128)),
        warehouse: Warehouse {
            uuid: warehouse_uuid(place),
            name: format!("Halle {place}"),
            is_active: true,
        },
        is_active: place == active,
    }
}

/// A device whose worker has tapped the second warehouse in the dead zone.
fn handheld(number: usize, spread: Duration, dice: fastrand::Rng) -> Handheld {
    let mut outbox = Outbox::empty();
    let first = assignment(0, 0);
    outbox.server_word = Some(ServerWord {
        active: vec![Target {
            assignment_id: first.id,
            warehouse_uuid: first.warehouse.uuid,
            warehouse_name: first.warehouse.name,
        }],
        fetched_at: moment(Duration::ZERO),
    });
    outbox.named_assignment = Some(assignment(1, 0));
    let id = ChangeId::new(Uuid::from_u128(number as u128));
    let how = Recording { origin: Origin::Tap, now: moment(Duration::ZERO), id };
    record_switch(&mut outbox, how).unwrap();
    let facts = Facts::of(&outbox, LATE_EFFECT);
    Handheld {
        machine: Machine::new(facts, TokenState::Usable, spread),
        outbox,
        dice,
        timer: 0,
        asked: None,
        active: 0,
        requests: 0,
    }
}

impl Handheld {
    fn chance(&mut self) -> Chance {
        Chance::new(self.dice.f64())
    }

    fn facts(&self) -> Facts {
        Facts::of(&self.outbox, LATE_EFFECT)
    }

    /// What an answer comes to, in the way of `sync::work`.
    fn digest(&mut self, asked: Asked, asked_at: Duration, now: Duration, is_done: bool) -> Event {
        let chance = self.chance();
        let situation =
            Situation { now: moment(now), chance, is_in_front: false, is_token_over: false };
        let busy = GlueFailure::ServerTrouble {
            status: Some(503),
            retry_after: None,
            outcome_known: false,
        };
        match asked {
            Asked::Look { .. } if !is_done => {
                policy::note_look_failure(&mut self.outbox, &busy, &situation);
                Event::Ended(self.facts())
            }
            Asked::Look { round_of_tap, may_send } => {
                let rows = (0..2).map(|place| assignment(place, self.active)).collect();
                let list = AssignmentList::new(rows, moment(asked_at), moment(now));
                policy::note_list(&mut self.outbox.sync, None, true, moment(now));
                let circumstances = Circumstances {
                    rules: Rules::default(),
                    round_of_tap,
                    may_send,
                    now: moment(now),
                    repair_id: ChangeId::new(Uuid::nil()),
                };
                let judgement = judge(&mut self.outbox, &list, &circumstances);
                policy::note_judgement(&mut self.outbox.sync, &judgement, 0, &situation);
                let (next, found_odd_answer) = (judgement.next, judgement.found_odd_answer);
                Event::Judged { next, found_odd_answer, facts: self.facts() }
            }
            Asked::Send(attempt) => {
                let result = if is_done { Ok(()) } else { Err(busy) };
                let after = policy::note_patch(&mut self.outbox, attempt.id, &result, &situation);
                Event::Patched { after, was_odd: false, facts: self.facts() }
            }
        }
    }
}

impl Wave {
    fn new(spread: Duration) -> Self {
        let mut dice = fastrand::Rng::with_seed(1);
        let mut wave = Self {
            now: Duration::ZERO,
            steps: BinaryHeap::new(),
            order: 0,
            devices: (0..DEVICES).map(|number| handheld(number, spread, dice.fork())).collect(),
            queue: VecDeque::new(),
            arrivals: Vec::new(),
            turned_away: 0,
            settled_at: Duration::ZERO,
        };
        (0..DEVICES).for_each(|number| wave.after(Duration::ZERO, Step::Reconnected(number)));
        wave
    }

    fn after(&mut self, wait: Duration, step: Step) {
        self.order += 1;
        self.steps.push(Reverse((self.now + wait, self.order, step)));
    }

    fn run(&mut self) {
        while let Some(Reverse((at, _, step))) = self.steps.pop() {
            // Whoever has nothing to do any more sets no timer, so this comes to an end.
            self.now = at;
            self.step(step);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Reconnected(number) => {
                self.feed(number, Event::Asked(Trigger::Reconnected));
            }
            Step::Deadline(number, timer) if self.devices[number].timer == timer => {
                self.feed(number, Event::Deadline);
            }
            Step::Deadline(..) => {}
            Step::Arrives(number) => self.arrive(number),
            Step::Served => self.serve(),
            Step::Answered(number, is_done) => {
                let now = self.now;
                let device = &mut self.devices[number];
                let Some((asked, asked_at)) = device.asked.take() else { return };
                let event = device.digest(asked, asked_at, now, is_done);
                if device.outbox.waiting().is_none() {
                    self.settled_at = self.settled_at.max(now);
                }
                self.feed(number, event);
            }
        }
    }

    fn arrive(&mut self, number: usize) {
        let second = usize::try_from(self.now.as_secs()).unwrap();
        if self.arrivals.len() <= second {
            self.arrivals.resize(second + 1, 0);
        }
        self.arrivals[second] += 1;
        if self.queue.len() >= QUEUE_MAX {
            self.turned_away += 1;
            self.after(LATENCY, Step::Answered(number, false));
            return;
        }
        self.queue.push_back(number);
        if self.queue.len() == 1 {
            self.after(Duration::from_secs(1) / REQUESTS_PER_SECOND as u32, Step::Served);
        }
    }

    fn serve(&mut self) {
        let Some(number) = self.queue.pop_front() else { return };
        if let Some((Asked::Send(_), _)) = &self.devices[number].asked {
            self.devices[number].active = 1;
        }
        self.after(LATENCY, Step::Answered(number, true));
        if !self.queue.is_empty() {
            self.after(Duration::from_secs(1) / REQUESTS_PER_SECOND as u32, Step::Served);
        }
    }

    fn feed(&mut self, number: usize, event: Event) {
        let now = self.now;
        let device = &mut self.devices[number];
        let chance = device.chance();
        for effect in device.machine.handle(event, moment(now), chance) {
            self.carry_out(number, effect);
        }
    }

    fn carry_out(&mut self, number: usize, effect: Effect) {
        let now = self.now;
        let device = &mut self.devices[number];
        match effect {
            Effect::Begin => {
                let facts = device.facts();
                self.feed(number, Event::Began(facts));
            }
            Effect::Look { round_of_tap, may_send, .. } => {
                device.asked = Some((Asked::Look { round_of_tap, may_send }, now));
                device.requests += 1;
                self.after(LATENCY, Step::Arrives(number));
            }
            Effect::Send(attempt) => {
                device.asked = Some((Asked::Send(attempt), now));
                device.requests += 1;
                self.after(LATENCY, Step::Arrives(number));
            }
            Effect::WakeAfter(Some(wait)) => {
                device.timer += 1;
                let timer = device.timer;
                self.after(wait, Step::Deadline(number, timer));
            }
            Effect::WakeAfter(None) => device.timer += 1,
            Effect::Finish => {}
        }
    }

    fn print_curve(&self, ideal: Duration) {
        println!("requests a second, of {DEVICES} devices; ideal {} s", ideal.as_secs());
        for (number, seconds) in self.arrivals.chunks(10).enumerate() {
            let most = seconds.iter().max().copied().unwrap_or_default();
            let mean = seconds.iter().sum::<u64>() / seconds.len() as u64;
            let bar = "#".repeat(usize::try_from(mean / 5).unwrap_or_default());
            println!("{:>4} s  mean {mean:>4}  most {most:>4}  {bar}", number * 10);
        }
    }
}

/// The spread that the administrator's guide tells for that many devices.
fn spread_for(devices: usize) -> Duration {
    Duration::from_secs(devices as u64 * REQUESTS_NEEDED / REQUESTS_PER_SECOND)
}

#[test]
fn ten_thousand_devices_come_back_without_a_flood() {
    let ideal = spread_for(DEVICES);
    let mut wave = Wave::new(ideal);

    wave.run();

    let peak = wave.arrivals.iter().max().copied().unwrap();
    let all: u64 = wave.devices.iter().map(|device| device.requests).sum();
    let settled = wave.devices.iter().filter(|device| device.outbox.waiting().is_none()).count();
    wave.print_curve(ideal);
    println!(
        "peak {peak}, requests a device {:.2}, turned away {}, settled after {:.1} s",
        all as f64 / DEVICES as f64,
        wave.turned_away,
        wave.settled_at.as_secs_f64()
    );
    assert_eq!(settled, DEVICES);
    assert!(wave.devices.iter().all(|device| device.active == 1));
    assert!(peak * 10 <= REQUESTS_PER_SECOND * 16, "{peak}");
    assert!(all <= 4 * DEVICES as u64, "{all}");
    assert!(wave.settled_at <= 2 * ideal, "{:?}", wave.settled_at);
}
