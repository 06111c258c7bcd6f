//! Holds what a device's database says, and what the view makes of it, against the reference.

use std::time::Duration;

use wareswitch::domain::change::{Change, ChangeState, Reason, Wish};
use wareswitch::domain::decide::OnConflict;
use wareswitch::domain::time::{Moment, Reading};
use wareswitch::domain::view::{Activity, ProfileView, Storage};
use wareswitch::store::Shown;

use super::actions::Came;
use super::backend::{Places, WAREHOUSES, place, warehouse_uuid};
use super::executor::at_once;
use super::sight::{Told, Word};
use super::world::{Device, Key, World};

/// A wish older than this is asked about.
const STALE: Duration = Duration::from_secs(8 * 3600);

fn reading(moment: Moment) -> Reading {
    Reading { boot_id: moment.boot_id, since_boot: moment.since_boot, wall: moment.wall }
}

fn wished(wish: &Wish) -> Option<usize> {
    wish.target().map(|target| place(target.warehouse_uuid))
}

fn server_active(shown: &Shown) -> Places {
    let rows = shown.snapshot.iter().flat_map(|snapshot| &snapshot.assignments);
    rows.filter(|row| row.is_active).map(|row| place(row.warehouse.uuid)).collect()
}

impl World {
    /// Looks at a database after something was written to it.
    pub(crate) fn look_into(&mut self, device: usize, key: Key) {
        let Some(shown) = self.observe(device, key) else { return };
        self.check_view(key, &shown);
        self.check_wishes(device, key, &shown);
        let fetched_at = shown.snapshot.as_ref().map(|snapshot| reading(snapshot.fetched_at));
        let told = fetched_at.and_then(|at| self.reference.sight(device, key).newly_judged(at));
        for change in &shown.changes {
            let states = &mut self.reference.sight(device, key).states;
            if states.insert(change.seq, change.state) != Some(change.state) {
                self.moved(device, key, change, &shown, told.as_ref());
            }
        }
        if let Some(told) = &told {
            let booted_at = self.hub.booted_at(device);
            self.reference.sight(device, key).judge(told, booted_at);
            if told.active != server_active(&shown) {
                self.fail("the snapshot is what the server told", format!("{key}: {shown:?}"));
            }
        }
        self.take_broken();
    }

    pub(crate) fn take_broken(&mut self) {
        for (promise, text) in std::mem::take(&mut self.reference.broken) {
            self.fail(promise, text);
        }
    }

    /// A change has come into another state.
    fn moved(
        &mut self,
        device: usize,
        key: Key,
        change: &Change,
        shown: &Shown,
        told: Option<&Told>,
    ) {
        let text = || format!("d{device} {key} change {} {:?}", change.seq, change.wish);
        let is_newest = shown.changes.first().is_some_and(|newest| newest.seq == change.seq);
        let sight = self.reference.sight(device, key);
        match change.state {
            ChangeState::Confirmed => {
                // Where more than one list came since the last look the last one need not be it.
                let Some(told) = told else { return };
                let is_shown = match wished(&change.wish) {
                    Some(place) => told.active == Places::from([place]),
                    None => sight.has_left(change.seq, told),
                };
                let is_by_this_list = change
                    .settled_at
                    .is_some_and(|at| at.since_boot >= told.answered_at.since_boot);
                if is_by_this_list && !is_shown {
                    let text = format!("{} by {told:?} knowing {sight:?}", text());
                    self.fail("confirmed only by a list that shows it", text);
                }
                self.counts.add("settled: confirmed");
            }
            ChangeState::Superseded => {
                let is_newer = change.superseded_by.is_some_and(|by| by > change.seq);
                if !is_newer || is_newest {
                    self.fail("superseded only by a newer wish", text());
                }
                self.counts.add("settled: superseded");
            }
            ChangeState::Rejected => {
                if is_newest {
                    sight.word = Some(Word::Anything);
                }
                let is_by_server = match &change.reason {
                    Some(Reason::ServerRefused { .. }) => sight.refused.contains(&change.seq),
                    Some(Reason::NoLongerAssigned | Reason::WarehouseClosed) => {
                        !self.reference.is_alone()
                    }
                    _ => false,
                };
                if !is_by_server {
                    self.fail("rejected only by the server", text());
                }
                self.counts.add("settled: rejected");
            }
            ChangeState::Discarded => {
                let is_given_up =
                    sight.is_given_up(change.seq) || self.plan.on_conflict == OnConflict::Theirs;
                if !is_given_up {
                    self.fail("given up only by a person", text());
                }
                self.counts.add("settled: discarded");
            }
            ChangeState::NeedsDecision => self.asked(device, key, change),
            ChangeState::Queued | ChangeState::Sending => {}
        }
    }

    /// A question was put.
    fn asked(&mut self, device: usize, key: Key, change: &Change) {
        let recorded = self.reference.sight(device, key).wishes.get(&change.seq).copied();
        let recorded = recorded.map(|(_, at)| at);
        let is_of_this_boot = recorded.is_some_and(|at| at >= self.hub.booted_at(device));
        let age = recorded.map(|at| self.hub.now() - at);
        let name = match (&change.reason, age) {
            (Some(Reason::Stale { .. }), Some(age)) if age > STALE => "questions: stale",
            (Some(Reason::Stale { .. }), _) if !is_of_this_boot => "questions: age unknown",
            _ if self.reference.is_alone() => "questions: needless",
            _ => "questions: switched meanwhile",
        };
        self.counts.add(name);
        self.hub.note(|| format!("{name}: {:?}", change.reason));
    }

    /// What the view says follows from the database.
    fn check_view(&mut self, key: Key, shown: &Shown) {
        let waiting = shown.changes.iter().filter(|change| change.settled_at.is_none());
        let waiting = waiting.max_by_key(|change| change.seq);
        let expected = match waiting {
            Some(change) => wished(&change.wish).into_iter().collect(),
            None => server_active(shown),
        };
        let view = ProfileView {
            profile: key.profile(),
            username: String::new(),
            snapshot: shown.snapshot.clone(),
            changes: shown.changes.clone().into(),
            sync: shown.sync.clone(),
            activity: Activity::Idle,
            storage: Storage::Ok,
            preferences: shown.preferences,
        };
        let is_shown = |place: &usize| view.is_shown_active(warehouse_uuid(*place));
        let seen: Places = (0..WAREHOUSES).filter(is_shown).collect();
        let is_on_top = view
            .rows()
            .iter()
            .map(|row| expected.contains(&place(row.warehouse.uuid)))
            .is_sorted_by(|one, next| one >= next);
        if seen != expected || !is_on_top {
            let text = format!("{key} shows {seen:?}, the database says {expected:?}");
            self.fail("the screen tells the truth", text);
        }
    }

    /// Every wish that was ever recorded is there, as it was made, and at most the newest waits.
    fn check_wishes(&mut self, device: usize, key: Key, shown: &Shown) {
        let oldest = shown.changes.last().map(|change| change.seq);
        let wishes = self.reference.sight(device, key).wishes.clone();
        let wishes =
            wishes.into_iter().filter(|(seq, _)| oldest.is_none_or(|oldest| *seq >= oldest));
        let wishes: Vec<_> = wishes.collect();
        let is_kept = wishes.iter().all(|(seq, (place, _))| {
            let kept = shown.changes.iter().find(|change| change.seq == *seq);
            kept.is_some_and(|change| wished(&change.wish) == *place)
        });
        let unsettled = shown.changes.iter().filter(|change| change.settled_at.is_none());
        let waiting = unsettled.filter(|change| change.state != ChangeState::Sending).count();
        if !is_kept || waiting > 1 {
            self.fail("no accepted tap is lost", format!("{key}: {wishes:?} {shown:?}"));
        }
    }

    /// What was accepted is in the database when the worker learns of it.
    pub(crate) fn check_kept(&mut self, device: usize, key: Key, came: Option<&Came>) {
        let Some(seq) = came.and_then(Came::new_change) else { return };
        let Some(shown) = self.observe(device, key) else { return };
        if !shown.changes.iter().any(|change| change.seq == seq) {
            self.fail("durable before shown", format!("d{device} {key} change {seq}"));
        }
    }

    /// Whether nothing of a profile waits for anything.
    pub(crate) fn is_at_rest(&self, device: usize, key: Key) -> bool {
        let Some(shown) = self.observe(device, key) else { return true };
        shown.changes.iter().all(|change| change.settled_at.is_some())
    }

    /// Whether a user who signed out is done with, as far as their device can tell.
    pub(crate) fn may_be_forgotten(&self, device: usize, key: Key) -> bool {
        let Device { disk, kept, .. } = &self.devices[device];
        let Some(kept) = kept.get(&key) else { return true };
        disk.set_observed(true);
        let is_at_rest = at_once(kept.store.is_at_rest());
        disk.set_observed(false);
        is_at_rest.unwrap()
    }

    /// Whether nothing waits, on no device, and no attempt may still take effect.
    pub(crate) fn has_settled(&self) -> bool {
        (0..self.devices.len()).all(|device| {
            let keys = self.keys_on(device);
            keys.iter().all(|key| {
                self.reference.has_settled(device, *key)
                    && self.reference.has_list_since(device, *key, self.plan.ends)
                    && self.is_at_rest(device, *key)
            })
        })
    }

    /// What must be true once everything has settled.
    pub(crate) fn check_end(&mut self) {
        for device in 0..self.devices.len() {
            for key in self.keys_on(device) {
                self.check_end_of(device, key);
            }
        }
        if self.reference.is_alone() {
            self.check_last_words();
        }
        self.take_broken();
    }

    /// Nobody but the worker themselves touched their assignments.
    fn check_last_words(&mut self) {
        for (key, wanted) in self.reference.last_words() {
            let active = self.backends[key.server].active(key.user);
            if wanted != active {
                let text = format!("{key}: the server has {active:?}, wanted was {wanted:?}");
                self.fail("the last word comes true", text);
            }
        }
    }

    fn check_end_of(&mut self, device: usize, key: Key) {
        self.look_into(device, key);
        let Some(shown) = self.observe_changes(device, key, usize::MAX) else { return };
        self.check_wishes(device, key, &shown);
        let changes = self.reference.sight(device, key).wishes.len();
        if shown.changes.len() < changes {
            self.fail(
                "no accepted tap is lost",
                format!("{key}: {} of {changes}", shown.changes.len()),
            );
        }
        if !self.is_at_rest(device, key) {
            let waiting = shown.changes.iter().find(|change| change.settled_at.is_none());
            let text = format!("d{device} {key} {waiting:?} {:?}", shown.sync);
            self.fail("everything settles within 15 minutes", text);
        }
        let active = self.backends[key.server].active(key.user);
        if self.reference.is_alone() && server_active(&shown) != active {
            let text = format!("{key}: the server has {active:?}, the device {shown:?}");
            self.fail("the device knows it in the end", text);
        }
    }
}
