//! The processes of a device: the window with its engines, and commands beside it. They do what
//! `app::worker` and `app::profile` do, on the ports of the simulation.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use wareswitch::domain::judge::Rules;
use wareswitch::domain::outbox::{Recorded, Undone};
use wareswitch::session::secret_store::SecretStore as _;
use wareswitch::store::ProfileStore;
use wareswitch::sync::driver::{Driver, Message, Parts};
use wareswitch::sync::machine::Trigger;
use wareswitch::sync::ports::News;

use super::actions::{Action, Came, perform};
use super::executor::Owner;
use super::ports::{DeviceClock, DeviceRuntime, Line, Lock, SenderRight};
use super::world::{Kept, Key, Window, World};

/// How long a command waits for another process that is sending.
const LOCK_WAIT: Duration = Duration::from_secs(20);
/// How long a command waits in all.
const ROUND_WAIT: Duration = Duration::from_secs(45);

impl World {
    /// Opens the window: the engine of the profile in front, of those that sign out, and of all
    /// others where the plan says so.
    pub(crate) fn open_window(&mut self, device: usize) {
        if self.devices[device].window.is_some() || self.is_out(device) {
            return;
        }
        let owner = self.new_process(device);
        self.hub.note(|| format!("{owner} the window opens"));
        self.devices[device].window = Some(Window { owner, engines: Default::default() });
        self.open_engines(device);
    }

    /// Whether a device can do nothing now.
    pub(crate) fn is_out(&self, device: usize) -> bool {
        self.devices[device].is_off || self.hub.is_asleep(device)
    }

    /// Starts the engines that should run.
    pub(crate) fn open_engines(&mut self, device: usize) {
        let front = self.devices[device].front;
        for key in self.keys_on(device) {
            let is_leaving = self.devices[device].kept[&key].is_signing_out;
            if key == front || is_leaving || self.plan.runs_side_by_side || self.is_calm {
                self.open_engine(device, key);
            }
        }
    }

    fn open_engine(&mut self, device: usize, key: Key) {
        let Some(window) = self.devices[device].window.as_ref() else { return };
        let is_running = window.engines.get(&key).is_some_and(|engine| !engine.is_closed());
        if is_running {
            return;
        }
        let owner = window.owner;
        let parts = self.parts(owner, key);
        let token = self.devices[device].secrets.load(&key.profile()).unwrap_or_default();
        let seed = self.dice("engine", self.processes << 8 | key.server as u64).u64(..);
        let (engine, inbox) = mpsc::unbounded_channel();
        if let Some(window) = self.devices[device].window.as_mut() {
            window.engines.insert(key, engine);
        }
        self.executor.spawn(owner, async move {
            // A disk that fails now leaves the profile without an engine until the next look.
            if let Ok(driver) = Driver::new(parts, token).await {
                driver.with_seed(seed).run(inbox).await;
            }
        });
    }

    pub(crate) fn close_engine(&mut self, device: usize, key: Key) {
        if let Some(window) = self.devices[device].window.as_mut() {
            window.engines.remove(&key);
            let window = window.owner;
            self.reference.ended(|owner, of| (owner, of) == (window, key));
        }
    }

    pub(crate) fn tell(&mut self, device: usize, key: Key, message: Message) {
        let Some(window) = self.devices[device].window.as_ref() else { return };
        let Some(engine) = window.engines.get(&key) else { return };
        let (owner, now) = (window.owner, self.hub.now());
        match &message {
            Message::Wish(seq) => self.reference.told_of_wish(owner, key, *seq),
            Message::Recorded => self.reference.told_of_others(owner, key, now),
            _ => {}
        }
        // An engine that could not start hears nothing.
        let _ = engine.send(message);
    }

    pub(crate) fn tell_all(&mut self, device: usize, message: impl Fn() -> Message) {
        for key in self.keys_on(device) {
            self.tell(device, key, message());
        }
    }

    fn parts(&self, owner: Owner, key: Key) -> Parts {
        let device = &self.devices[owner.device];
        let Kept { store, lock, .. } = &device.kept[&key];
        let hub = &self.hub;
        let line = Line { hub: Arc::clone(hub), owner, key };
        let listening = Arc::clone(hub);
        Parts {
            profile: key.profile(),
            store: store.clone(),
            server: Arc::new(line),
            lock: Arc::new(self.right(owner, key, lock)),
            secrets: Arc::clone(&device.secrets) as _,
            clock: Arc::new(DeviceClock { hub: Arc::clone(hub), device: owner.device }),
            runtime: Arc::new(DeviceRuntime { hub: Arc::clone(hub), device: owner.device }),
            rules: Rules { on_conflict: self.plan.on_conflict, ..Rules::default() },
            sync_spread: Duration::from_secs(5),
            listener: Box::new(move |news| {
                listening.soon(move |world| world.hear(owner, key, news));
            }),
        }
    }

    fn right(&self, owner: Owner, key: Key, lock: &Lock) -> SenderRight {
        SenderRight { hub: Arc::clone(&self.hub), lock: lock.clone(), owner, key }
    }

    /// What an engine tells its window.
    fn hear(&mut self, owner: Owner, key: Key, news: News) {
        self.hub.note(|| format!("{owner} {key} tells {}", short(&news)));
        match news {
            News::Stored(_) => {
                self.reference.noted(owner, key, true);
                self.look_into(owner.device, key);
                self.finish_sign_out(owner.device, key);
            }
            News::StorageFailed => self.reference.noted(owner, key, false),
            News::Activity(_) | News::TokenChanged | News::CodeRefused => {}
        }
    }

    /// A person does something in the window.
    pub(crate) fn act(&mut self, device: usize, key: Key, action: Action) {
        let Some(window) = self.devices[device].window.as_ref() else { return };
        let owner = window.owner;
        let Some(task) = self.task(owner, key, action) else { return };
        let hub = Arc::clone(&self.hub);
        self.executor.spawn(owner, async move {
            let came = task.await;
            hub.soon(move |world| world.acted(owner, key, action, came));
        });
    }

    fn task(
        &mut self,
        owner: Owner,
        key: Key,
        action: Action,
    ) -> Option<impl Future<Output = Option<Came>> + use<>> {
        self.counts.add(format!("action: {}", action.name()));
        if action.is_tap() {
            self.counts.add("taps");
        }
        let id = self.new_change_id();
        let store: ProfileStore = self.devices[owner.device].kept.get(&key)?.store.clone();
        Some(perform(Arc::clone(&self.hub), store, owner, key, action, id))
    }

    /// The window learns that an action is in the database, and has its engine told.
    fn acted(&mut self, owner: Owner, key: Key, action: Action, came: Option<Came>) {
        self.hub.note(|| format!("{owner} {key} {action:?} came to {came:?}"));
        let device = owner.device;
        self.check_kept(device, key, came.as_ref());
        match came {
            Some(Came::Recorded(Ok(Recorded::New(seq))))
            | Some(Came::Undone(Ok(Undone::WishedAgain(Recorded::New(seq))))) => {
                self.tell(device, key, Message::Wish(seq));
            }
            Some(Came::Recorded(Ok(_)) | Came::Undone(Ok(Undone::WishedAgain(_))))
            | Some(Came::Decided(Ok(_))) => self.tell(device, key, Message::SendNow),
            Some(Came::Undone(Ok(Undone::TakenBack(_)))) => {
                self.tell(device, key, Message::Recorded);
            }
            Some(Came::Discarded(_) | Came::Recorded(Err(_)) | Came::Undone(Err(_)))
            | Some(Came::Decided(Err(_)))
            | None => {}
        }
        self.look_into(device, key);
    }

    /// A command beside the window: records, tells the window, and runs a round of its own.
    pub(crate) fn command(
        &mut self,
        device: usize,
        key: Key,
        action: Option<Action>,
        offline: bool,
    ) {
        if self.is_out(device) || !self.devices[device].kept.contains_key(&key) {
            return;
        }
        let owner = self.new_process(device);
        self.hub.note(|| format!("{owner} {key} command {action:?}"));
        self.counts.add("action: command");
        let task = match action {
            Some(action) => self.task(owner, key, action),
            None => None,
        };
        let parts = self.parts(owner, key);
        let token = self.devices[device].secrets.load(&key.profile()).unwrap_or_default();
        let seed = self.dice("command", self.processes).u64(..);
        let hub = Arc::clone(&self.hub);
        self.executor.spawn(owner, async move {
            let came = match task {
                Some(task) => {
                    let came = task.await;
                    hub.soon(move |world| world.recorded_by_command(owner, key, came));
                    came
                }
                None => None,
            };
            let Some(trigger) = trigger_of(action, came.as_ref()).filter(|_| !offline) else {
                return;
            };
            if let Trigger::Wish(seq) = trigger {
                hub.soon(move |world| world.reference.told_of_wish(owner, key, seq));
            }
            let acquired = parts.lock.acquire();
            tokio::select! {
                biased;
                _guard = acquired => {}
                () = hub.sleep(device, LOCK_WAIT) => return,
            }
            let Ok(driver) = Driver::new(parts, token).await else { return };
            let mut driver = driver.with_seed(seed);
            if let Trigger::Wish(seq) = trigger {
                hub.soon(move |world| world.reference.told_of_wish(owner, key, seq));
            }
            tokio::select! {
                biased;
                _ = driver.run_round(trigger) => {}
                () = hub.sleep(device, ROUND_WAIT) => {}
            }
            hub.soon(move |world| {
                world.reference.ended(|other, _| other == owner);
                world.others_recorded(device, key);
            });
        });
    }

    fn recorded_by_command(&mut self, owner: Owner, key: Key, came: Option<Came>) {
        self.hub.note(|| format!("{owner} {key} came to {came:?}"));
        self.check_kept(owner.device, key, came.as_ref());
        self.look_into(owner.device, key);
        self.others_recorded(owner.device, key);
    }

    /// Another process touched the file by which the window is told; that may be missed.
    fn others_recorded(&mut self, device: usize, key: Key) {
        if self.is_calm || self.gaps.u8(..8) > 0 {
            self.tell(device, key, Message::Recorded);
        }
    }
}

fn trigger_of(action: Option<Action>, came: Option<&Came>) -> Option<Trigger> {
    match (action, came) {
        (None, _) => Some(Trigger::SendNow),
        (_, Some(Came::Recorded(Ok(Recorded::New(seq))))) => Some(Trigger::Wish(*seq)),
        (_, Some(Came::Recorded(Ok(_)))) => Some(Trigger::SendNow),
        _ => None,
    }
}

fn short(news: &News) -> String {
    match news {
        News::Stored(moved) => {
            let moved = moved.iter().map(|change| format!("{}={:?}", change.seq, change.state));
            format!("stored {}", moved.collect::<Vec<_>>().join(" "))
        }
        other => format!("{other:?}"),
    }
}
