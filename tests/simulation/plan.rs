//! What a seed stands for: who is there, what they do and when, and what goes wrong beside requests.

use std::collections::BTreeSet;
use std::time::Duration;

use wareswitch::domain::decide::OnConflict;

use super::backend::{USERS, WAREHOUSES};
use super::faults::Fault;
use super::ports::Mood;

/// What surrounds the first user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody else touches their assignments: one device, whatever else is on it.
    Alone,
    /// A second device of the same user, and the Back Office.
    Disturbed,
}

/// Something that a person or the world does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Tap(usize),
    Leave,
    Undo,
    /// The person looks at the window and does what it asks for.
    Look,
    SendNow,
    Touch,
    InFront(bool),
    CommandSwitch {
        place: usize,
        offline: bool,
    },
    CommandLeave {
        offline: bool,
    },
    CommandSync,
    SignOut {
        discard: bool,
    },
    SwitchUser(usize),
    SwitchServer(usize),
    NetworkGone(Duration),
    NetworkHint,
    Portal(Duration),
    Suspend(Duration),
    Crash(Duration),
    Reboot(Duration),
    ClockJump(i64),
    Disk(Mood, Duration),
    TokensRevoked,
    OfficeActivates(usize),
    OfficeDeactivates(usize),
    OfficeTakesAway(usize),
    OfficeGivesAgain(usize),
    OfficeCloses(usize),
    OfficeOpens(usize),
    OfficeTakesRole,
    OfficeGivesRole,
}

/// Something with its time and its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) at: Duration,
    pub(crate) device: usize,
    pub(crate) what: What,
}

/// A whole run, before it begins.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) kind: Kind,
    pub(crate) devices: usize,
    pub(crate) fault_percent: u32,
    /// The fault that is met more often than others: each kind needs days of its own.
    pub(crate) favourite: Option<Fault>,
    pub(crate) on_conflict: OnConflict,
    /// Whether the engines of all profiles run, or only that of the one in front.
    pub(crate) runs_side_by_side: bool,
    /// Whether the servers renew tokens, which a stock one does not.
    pub(crate) offers_refresh: bool,
    /// Whether the answers carry a `Date`, which a gateway may take away.
    pub(crate) tells_time: bool,
    pub(crate) events: Vec<Planned>,
    /// Requests that no fault meets: how a run is cut down to what matters.
    pub(crate) muted: BTreeSet<u64>,
    /// When all faults stop.
    pub(crate) ends: Duration,
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed);
        let kind = if dice.u8(..10) < 6 { Kind::Alone } else { Kind::Disturbed };
        let devices = if kind == Kind::Alone { 1 } else { 2 };
        let on_conflict = match (kind, dice.u8(..10)) {
            (Kind::Disturbed, 0) => OnConflict::Mine,
            (Kind::Disturbed, 1) => OnConflict::Theirs,
            _ => OnConflict::Ask,
        };
        let fault_percent = [0, 15, 30, 45, 60][dice.usize(..5)];
        let favourite = dice.bool().then(|| Fault::draw(&mut dice));
        let runs_side_by_side = dice.bool();
        let offers_refresh = dice.u8(..3) == 0;
        let tells_time = dice.u8(..8) > 0;
        let mut events = Vec::new();
        for device in 0..devices {
            events_of(device, kind, &mut dice, &mut events);
        }
        events.sort_by_key(|event| event.at);
        let last = events.last().map(|event| event.at).unwrap_or_default();
        Self {
            seed,
            kind,
            devices,
            fault_percent,
            favourite,
            on_conflict,
            runs_side_by_side,
            offers_refresh,
            tells_time,
            events,
            muted: BTreeSet::new(),
            ends: last + Duration::from_millis(dice.u64(100..100_000)),
        }
    }
}

fn events_of(device: usize, kind: Kind, dice: &mut fastrand::Rng, events: &mut Vec<Planned>) {
    let mut at = Duration::from_secs(3);
    for _ in 0..dice.u32(8..32) {
        at += gap(dice);
        let what = if kind == Kind::Disturbed && dice.u8(..8) == 0 {
            by_office(dice)
        } else {
            by_worker_or_world(dice)
        };
        events.push(Planned { at, device, what });
    }
}

/// People do things in bursts, and then nothing for a long time.
fn gap(dice: &mut fastrand::Rng) -> Duration {
    let (least_ms, most_ms) = match dice.u8(..100) {
        0..45 => (20, 6_000),
        45..80 => (6_000, 120_000),
        80..97 => (120_000, 3_600_000),
        _ => (3_600_000, 36_000_000),
    };
    Duration::from_millis(dice.u64(least_ms..most_ms))
}

fn by_worker_or_world(dice: &mut fastrand::Rng) -> What {
    let place = dice.usize(..WAREHOUSES);
    let offline = dice.bool();
    let seconds =
        |dice: &mut fastrand::Rng, most: u64| Duration::from_millis(dice.u64(100..most * 1_000));
    match dice.u8(..100) {
        0..30 => What::Tap(place),
        30..36 => What::Leave,
        36..43 => What::Undo,
        43..51 => What::Look,
        51..54 => What::SendNow,
        54..56 => What::Touch,
        56..59 => What::InFront(dice.bool()),
        59..64 => What::CommandSwitch { place, offline },
        64..65 => What::CommandLeave { offline },
        65..67 => What::CommandSync,
        67..69 => What::SignOut { discard: dice.u8(..4) == 0 },
        69..72 => What::SwitchUser(dice.usize(..USERS)),
        72..74 => What::SwitchServer(dice.usize(..2)),
        74..80 => What::NetworkGone(seconds(dice, 600)),
        80..82 => What::NetworkHint,
        82..84 => What::Portal(seconds(dice, 120)),
        84..87 => What::Suspend(seconds(dice, 3_600)),
        87..91 => What::Crash(seconds(dice, 60)),
        91..93 => What::Reboot(seconds(dice, 300)),
        93..95 => What::ClockJump(dice.i64(-90_000_000..90_000_000)),
        95..96 => What::Disk(Mood::Slow, seconds(dice, 120)),
        96..98 => What::Disk(Mood::Busy, seconds(dice, 30)),
        98..99 => What::Disk(Mood::Full, seconds(dice, 60)),
        _ => What::TokensRevoked,
    }
}

fn by_office(dice: &mut fastrand::Rng) -> What {
    let place = dice.usize(..WAREHOUSES);
    match dice.u8(..12) {
        0..5 => What::OfficeActivates(place),
        5..6 => What::OfficeDeactivates(place),
        6..7 => What::OfficeTakesAway(place),
        7..9 => What::OfficeGivesAgain(place),
        9..10 => What::OfficeCloses(place),
        10..11 => What::OfficeOpens(place),
        _ if dice.bool() => What::OfficeTakesRole,
        _ => What::OfficeGivesRole,
    }
}
