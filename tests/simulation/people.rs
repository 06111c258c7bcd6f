//! What people and the world do when their time has come.

use std::sync::Arc;
use std::time::Duration;

use wareswitch::clock::Clock as _;
use wareswitch::domain::change::{Change, ChangeState};
use wareswitch::domain::connection::Connection;
use wareswitch::domain::time::{Moment, ServerAnchor};
use wareswitch::glue::SecondFactorCode;
use wareswitch::session::secret_store::{SecretStore as _, StoredToken};
use wareswitch::store::{ProfileStore, Shown};
use wareswitch::sync::driver::Message;

use super::actions::{Action, Came, perform};
use super::backend::place;
use super::network::{Answer, Question};
use super::plan::{Planned, What};
use super::ports::{DeviceClock, Line, Lock, Mood};
use super::world::{Kept, Key, World};

impl World {
    pub(crate) fn happen(&mut self, event: Planned) {
        let Planned { device, what, .. } = event;
        self.hub.note(|| format!("d{device} {what:?}"));
        let front = self.devices[device].front;
        if self.is_out(device) && !matches!(what, What::Reboot(_)) && !is_of_office(what) {
            return;
        }
        match what {
            What::Tap(place) => self.act(device, front, Action::Switch(place)),
            What::Leave => self.act(device, front, Action::Leave),
            What::Undo => {
                if let Some(seq) = self.reference.latest(device, front) {
                    self.act(device, front, Action::Undo(seq));
                }
            }
            What::Look => self.look(device),
            What::SendNow => self.tell(device, front, Message::SendNow),
            What::Touch => self.tell(device, front, Message::Touched),
            What::InFront(is_so) => self.tell(device, front, Message::InFront(is_so)),
            What::CommandSwitch { place, offline } => {
                self.command(device, front, Some(Action::Switch(place)), offline);
            }
            What::CommandLeave { offline } => {
                self.command(device, front, Some(Action::Leave), offline);
            }
            What::CommandSync => self.command(device, front, None, false),
            What::SignOut { discard } => self.sign_out(device, discard),
            What::SwitchUser(user) => self.bring_to_front(device, Key { user, ..front }),
            What::SwitchServer(server) => self.bring_to_front(device, Key { server, ..front }),
            other => self.go_wrong(device, other),
        }
    }

    fn go_wrong(&mut self, device: usize, what: What) {
        match what {
            What::NetworkGone(time) => {
                self.counts.add("fault: network gone");
                self.devices[device].has_network = false;
                self.hub.after(time, move |world| world.network_back(device));
            }
            What::NetworkHint => self.tell_all(device, || Message::Reconnected),
            What::Portal(time) => {
                self.devices[device].is_behind_portal = true;
                self.hub.after(time, move |world| world.devices[device].is_behind_portal = false);
            }
            What::Suspend(time) => {
                self.counts.add("fault: suspend");
                self.hub.fall_asleep(device);
                self.reference.slept();
                self.hub.after(time, move |world| world.wake_up(device));
            }
            What::Crash(time) => {
                self.crash(device);
                self.hub.after(time, move |world| world.open_window(device));
            }
            What::Reboot(time) => self.reboot(device, time),
            What::ClockJump(by_ms) => {
                self.counts.add("fault: clock jump");
                self.hub.move_wall_clock(device, by_ms);
            }
            What::Disk(mood, time) => {
                self.counts.add(format!("fault: disk {mood:?}"));
                self.devices[device].disk.set_mood(mood);
                self.hub.after(time, move |world| world.devices[device].disk.set_mood(Mood::Quick));
            }
            What::TokensRevoked => {
                self.counts.add("fault: tokens revoked");
                let front = self.devices[device].front;
                self.backends[front.server].revoke_all_of(front.user);
            }
            other => self.office(other),
        }
    }

    /// The Back Office is concerned with the first user of the first server.
    fn office(&mut self, what: What) {
        let backend = &mut self.backends[0];
        match what {
            What::OfficeActivates(place) => backend.set_active(0, place, true),
            What::OfficeDeactivates(place) => backend.set_active(0, place, false),
            What::OfficeTakesAway(place) => backend.take_away(0, place),
            What::OfficeGivesAgain(place) => backend.assign(0, place),
            What::OfficeCloses(place) => backend.set_closed(place, true),
            What::OfficeOpens(place) => backend.set_closed(place, false),
            What::OfficeTakesRole => backend.set_role(0, false),
            What::OfficeGivesRole => backend.set_role(0, true),
            _ => {}
        }
        self.counts.add("action: Back Office");
        let active = self.backends[0].active(0);
        self.hub.note(|| format!("the server has {active:?}"));
    }

    fn network_back(&mut self, device: usize) {
        self.devices[device].has_network = true;
        if !self.is_out(device) {
            self.hub.note(|| format!("d{device} the network is back"));
            self.tell_all(device, || Message::Reconnected);
        }
    }

    pub(crate) fn wake_up(&mut self, device: usize) {
        if !self.hub.is_asleep(device) {
            return;
        }
        self.hub.note(|| format!("d{device} wakes up"));
        self.hub.wake_up(device);
        self.executor.resume();
        self.deliver_overslept(device);
        let front = self.devices[device].front;
        self.open_window(device);
        self.tell(device, front, Message::Appeared);
    }

    /// The process with the window dies; what it had sent goes its way.
    fn crash(&mut self, device: usize) {
        if let Some(window) = self.devices[device].window.take() {
            self.counts.add("fault: crash");
            self.hub.note(|| format!("{} dies", window.owner));
            self.executor.kill(window.owner);
            self.devices[device].is_signing_in = false;
            self.reference.ended(|owner, _| owner == window.owner);
        }
    }

    fn reboot(&mut self, device: usize, off: Duration) {
        self.counts.add("fault: reboot");
        self.crash(device);
        self.executor.kill_device(device);
        self.reference.ended(|owner, _| owner.device == device);
        self.devices[device].overslept.clear();
        self.hub.wake_up(device);
        self.executor.resume();
        self.devices[device].is_off = true;
        self.hub.after(off, move |world| world.boot(device));
    }

    pub(crate) fn boot(&mut self, device: usize) {
        if std::mem::take(&mut self.devices[device].is_off) {
            self.hub.reboot(device);
            self.open_window(device);
        }
    }

    /// A person looks at the window and does what it asks for.
    pub(crate) fn look(&mut self, device: usize) {
        self.open_window(device);
        self.open_engines(device);
        let front = self.devices[device].front;
        let keys = if self.is_calm { self.keys_on(device) } else { [front].into() };
        for key in keys {
            self.see(device, key);
            if self.is_calm && !self.reference.has_list_since(device, key, self.plan.ends) {
                self.tell(device, key, Message::Appeared);
            }
        }
        if !self.is_calm {
            self.tell(device, front, Message::Appeared);
        }
    }

    fn see(&mut self, device: usize, key: Key) {
        let Some(shown) = self.observe(device, key) else {
            self.sign_in(device, key);
            return;
        };
        let clock = DeviceClock { hub: Arc::clone(&self.hub), device };
        let now = Moment::new(clock.read(), shown.sync.anchor.as_ref());
        let token = self.devices[device].secrets.load(&key.profile()).unwrap_or_default();
        if token.is_none_or(|token| token.needs_sign_in_at(&now)) {
            self.sign_in(device, key);
        }
        if shown.sync.connection == Connection::NeedsCode {
            self.counts.add("action: code");
            self.tell(device, key, Message::Code(SecondFactorCode::new("123456".into())));
        }
        self.answer(device, key, &shown);
    }

    /// Answers a question, in one of the ways there are.
    fn answer(&mut self, device: usize, key: Key, shown: &Shown) {
        let waiting = shown.changes.iter().find(|change| !change.state.is_settled());
        let is_quick = self.is_calm || self.gaps.u8(..3) > 0;
        match waiting {
            Some(question) if question.state == ChangeState::NeedsDecision && is_quick => {
                let action = self.answer_to(question);
                self.act(device, key, action);
            }
            None if is_quick => {
                let active: Vec<usize> = shown
                    .snapshot
                    .iter()
                    .flat_map(|snapshot| &snapshot.assignments)
                    .filter(|row| row.is_active && row.warehouse.is_active)
                    .map(|row| place(row.warehouse.uuid))
                    .collect();
                if let [first, _, ..] = active.as_slice() {
                    if self.reference.is_alone() {
                        self.counts.add("questions: needless, of two active");
                    }
                    self.act(device, key, Action::Switch(*first));
                }
            }
            _ => {}
        }
    }

    fn answer_to(&mut self, question: &Change) -> Action {
        let shown = question.question.clone().unwrap_or_default();
        let wished = question.wish.target().map(|target| place(target.warehouse_uuid));
        let seq = question.seq;
        match (self.gaps.u8(..8), wished, shown.first()) {
            (0, Some(wished), _) => Action::Switch(wished),
            (1, None, _) => Action::Leave,
            (2, _, Some(theirs)) => Action::Switch(place(*theirs)),
            (3, _, _) => Action::Switch(self.gaps.usize(..super::backend::WAREHOUSES)),
            (choice, _, _) => Action::Decide { seq, is_mine: choice % 2 == 0 },
        }
    }

    /// Asks the server for a token.
    pub(crate) fn sign_in(&mut self, device: usize, key: Key) {
        let Some(owner) = self.devices[device].window.as_ref().map(|window| window.owner) else {
            return;
        };
        if std::mem::replace(&mut self.devices[device].is_signing_in, true) {
            return;
        }
        let hub = Arc::clone(&self.hub);
        let line = Line { hub: Arc::clone(&self.hub), owner, key };
        self.executor.spawn(owner, async move {
            let exchange = line.ask(Question::SignIn { user: key.user }).await;
            let anchor = exchange.server_date.map(|server| ServerAnchor {
                server,
                boot_id: exchange.answered_at.boot_id,
                since_boot: exchange.answered_at.since_boot,
            });
            let token = match exchange.result {
                Ok(Answer::Token(token)) => {
                    let received_at = Moment::new(exchange.answered_at, anchor.as_ref());
                    Some(StoredToken::received(token, received_at))
                }
                _ => None,
            };
            hub.soon(move |world| world.signed_in(device, key, token));
        });
    }

    fn signed_in(&mut self, device: usize, key: Key, token: Option<StoredToken>) {
        self.devices[device].is_signing_in = false;
        let Some(token) = token else { return };
        self.hub.note(|| format!("d{device} {key} is signed in"));
        self.counts.add("action: sign-in");
        // The secrets of a device are in memory here; they can't refuse.
        let _ = self.devices[device].secrets.store(&key.profile(), &token);
        if !self.devices[device].kept.contains_key(&key) {
            let disk = Arc::clone(&self.devices[device].disk);
            let store = ProfileStore::in_memory(&key.profile(), disk).unwrap();
            let kept = Kept { store, lock: Lock::default(), is_signing_out: false };
            self.devices[device].kept.insert(key, kept);
        }
        if let Some(kept) = self.devices[device].kept.get_mut(&key) {
            kept.is_signing_out = false;
        }
        if !self.is_calm {
            self.bring_to_front(device, key);
        }
        self.open_engines(device);
        self.tell(device, key, Message::SignedIn(token));
    }

    /// Another user, or another server: what waits for the old one stays.
    fn bring_to_front(&mut self, device: usize, key: Key) {
        let old = std::mem::replace(&mut self.devices[device].front, key);
        if old != key {
            let is_same_server = old.server == key.server;
            self.counts.add(if is_same_server {
                "action: other user"
            } else {
                "action: other server"
            });
            let is_leaving =
                self.devices[device].kept.get(&old).is_some_and(|kept| kept.is_signing_out);
            if !self.plan.runs_side_by_side && !is_leaving {
                self.close_engine(device, old);
            }
        }
        self.open_engines(device);
        if !self.devices[device].kept.contains_key(&key) {
            self.sign_in(device, key);
        }
    }

    fn sign_out(&mut self, device: usize, discard: bool) {
        let key = self.devices[device].front;
        let Some(owner) = self.devices[device].window.as_ref().map(|window| window.owner) else {
            return;
        };
        let Some(kept) = self.devices[device].kept.get(&key) else { return };
        let store = kept.store.clone();
        self.counts.add("action: sign-out");
        if discard {
            self.counts.add(format!("action: {}", Action::Discard.name()));
        }
        self.close_engine(device, key);
        let (hub, id) = (Arc::clone(&self.hub), self.new_change_id());
        self.executor.spawn(owner, async move {
            let performing = perform(Arc::clone(&hub), store, owner, key, Action::Discard, id);
            let came = if discard { performing.await } else { Some(Came::Discarded(0)) };
            hub.soon(move |world| world.signed_out(device, key, discard, came));
        });
    }

    fn signed_out(&mut self, device: usize, key: Key, discard: bool, came: Option<Came>) {
        if came.is_none() {
            // Nothing could be saved: the user stays.
            self.open_engines(device);
            return;
        }
        if let Some(kept) = self.devices[device].kept.get_mut(&key) {
            kept.is_signing_out = true;
        }
        if discard && self.is_at_rest(device, key) {
            self.forget(device, key);
        }
        self.finish_sign_out(device, key);
        self.open_engines(device);
        self.tell(device, key, Message::SendNow);
    }

    /// Forgets a profile that waited only for its last change to be safe.
    pub(crate) fn finish_sign_out(&mut self, device: usize, key: Key) {
        let Some(kept) = self.devices[device].kept.get(&key) else { return };
        if !kept.is_signing_out || !self.may_be_forgotten(device, key) {
            return;
        }
        self.forget(device, key);
    }

    fn forget(&mut self, device: usize, key: Key) {
        self.hub.note(|| format!("d{device} {key} is forgotten"));
        self.close_engine(device, key);
        let _ = self.devices[device].secrets.forget(&key.profile());
        if let Some(kept) = self.devices[device].kept.remove(&key) {
            super::executor::at_once(kept.store.close());
        }
        self.reference.forgotten(device, key);
    }
}

fn is_of_office(what: What) -> bool {
    matches!(
        what,
        What::OfficeActivates(_)
            | What::OfficeDeactivates(_)
            | What::OfficeTakesAway(_)
            | What::OfficeGivesAgain(_)
            | What::OfficeCloses(_)
            | What::OfficeOpens(_)
            | What::OfficeTakesRole
            | What::OfficeGivesRole
            | What::TokensRevoked
    )
}
