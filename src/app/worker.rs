//! The app behind the window: one task that owns the device, hears everything in one inbox, and
//! publishes an [`AppState`] whenever there is something new to show.
//!
//! It owns the invariant *durable before shown*: what it publishes was read from the database after
//! the transaction that recorded it.

mod locking;
mod outside;
mod profiles;
mod saving;
mod scans;
mod second_factor;
mod secrets;
mod showing;
mod tidying;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::config::Config;
use crate::domain::change::Origin;
use crate::domain::ids::{ProfileId, Seq, ServerOrigin};
use crate::domain::outbox::{Recorded, Undone};
use crate::domain::preferences::Preference;
use crate::domain::time::Moment;
use crate::error::{UserError, UserErrorKind};
use crate::session::idle_lock::IdleLock;
use crate::session::secret_store::{SecretStoreError, StoredToken};
use crate::sync::driver::Message;
use crate::sync::ports::News;

use super::device::Device;
use super::feedback::{Feedback, Signal};
use super::outside::Outside;
use super::platform::{DeviceEvent, Watch};
use super::profile::Profile;
use super::running::Running;
use locking::Locking;
use secrets::Reading;

use super::state::{AppState, Command, DemoState, NoticeKind, Progress, ServerSetting};

/// How long an undo is offered after a tap.
const UNDO_OFFER: Duration = Duration::from_secs(5);

/// Shows a new state. Called from the worker's task; must not block.
pub type Publish = Box<dyn Fn(Arc<AppState>) + Send + Sync>;

/// The demo's two switches.
pub trait DemoSwitches: Send + Sync {
    /// Cuts or restores the network between app and server.
    fn set_offline(&self, is_offline: bool);
    /// Has another device of the same user switch.
    fn switch_on_other_device(&self);
}

/// What the worker's inbox holds.
pub enum Input {
    /// A person asks for something.
    Command(Command),
    /// The engine of a profile tells something.
    News(ProfileId, News),
    /// Another process recorded something for a profile.
    OthersRecorded(ProfileId),
    /// Another process signed somebody in or out.
    OthersSignedInOrOut,
    /// Something of a signed-out user could not be removed some time ago.
    RemoveAgain,
    /// A token was read, or could not be.
    TokenRead {
        /// Whose.
        profile: ProfileId,
        /// Why it was read.
        reading: Reading,
        /// The token.
        result: Result<Option<StoredToken>, SecretStoreError>,
    },
    /// It is time to ask again for the token of a profile.
    ReadTokenAgain(ProfileId),
    /// The person was asked to unlock the keyring.
    KeyringAsked,
    /// Somebody wanted to open a profile.
    Unlocked(Box<Result<Profile, UserError>>),
    /// A PIN was set (`true`) or removed, or could not be.
    PinSet(Result<bool, UserError>),
    /// It may be time to lock the window.
    IdleDeadline,
    /// The device tells of itself.
    Device(DeviceEvent),
    /// The server was asked to send a new code.
    NewCode(Result<(), UserError>),
    /// A server was tried.
    ServerTried(ServerOrigin, Result<(), UserError>),
    /// A sign-in ended.
    SignedIn(Box<Result<Profile, UserError>>),
    /// Nothing could be saved some time ago.
    TrySaving,
    /// Nobody does anything just now.
    Tidy,
    /// The undo offer with this number is over.
    UndoOver(u64),
    /// The token is near its end, or there.
    TokenDeadline,
}

/// A way into the worker's inbox that does not keep the worker alive.
#[derive(Clone, Debug)]
pub struct Mailbox(pub mpsc::WeakUnboundedSender<Input>);

impl Mailbox {
    /// Puts something into the inbox; the worker is gone only when the window is.
    fn put(&self, input: Input) {
        if let Some(inbox) = self.0.upgrade() {
            let _ = inbox.send(input);
        }
    }
}

/// The app behind the window.
pub struct Worker {
    device: Device,
    front: Option<Running>,
    /// Profiles that are not in front and have something to send.
    back: Vec<Running>,
    locking: Locking,
    state: AppState,
    notices: u64,
    mailbox: Mailbox,
    publish: Publish,
    outside: Box<dyn Outside>,
    demo: Option<Box<dyn DemoSwitches>>,
    feedback: Arc<dyn Feedback>,
    is_scanner_tested: bool,
    removals: profiles::Removals,
    saving: saving::Saving,
    tidying: tidying::Tidying,
    _device_events: Option<Watch>,
    _sign_ins: Option<Watch>,
}

impl Worker {
    /// Prepares the app behind the window and shows its first state. Reads what is on the device;
    /// waits for no network.
    pub async fn start(
        device: Device,
        mailbox: Mailbox,
        publish: Publish,
        outside: Box<dyn Outside>,
        demo: Option<Box<dyn DemoSwitches>>,
    ) -> Self {
        let reading = device.platform().clock().read();
        let now = Moment::new(reading, None);
        let locking = Locking::new(IdleLock::new(device.config().idle_lock.value, reading));
        let state = AppState {
            demo: demo.as_ref().map(|_| DemoState { is_offline: false }),
            support_text: device.config().support_text.value.clone(),
            ..AppState::new(server_setting(device.config()), now)
        };
        let feedback = device.platform().feedback();
        let mut worker = Self {
            device,
            front: None,
            back: Vec::new(),
            locking,
            state,
            notices: 0,
            mailbox,
            publish,
            outside,
            demo,
            feedback,
            is_scanner_tested: false,
            removals: profiles::Removals::default(),
            saving: saving::Saving::default(),
            tidying: tidying::Tidying::default(),
            _device_events: None,
            _sign_ins: None,
        };
        worker.watch_device();
        worker.watch_sign_ins();
        if let Err(error) = worker.open_front().await {
            tracing::error!(%error, "the profile in front could not be opened");
            worker.state.sign_in = Progress::Failed(error.kind());
        }
        worker.touch();
        worker.show_people().await;
        worker.tidy_later();
        worker
    }

    /// Serves until the window is gone.
    pub async fn run(mut self, mut receiver: mpsc::UnboundedReceiver<Input>) {
        // What others and a process before this one left unfinished, once there is something to see.
        self.open_back().await;
        self.finish_sign_outs().await;
        while let Some(input) = receiver.recv().await {
            self.hear(input).await;
        }
    }

    async fn hear(&mut self, input: Input) {
        self.lock_if_idle().await;
        match input {
            Input::Command(command) => self.command(command).await,
            Input::News(id, news) => self.news(&id, news).await,
            Input::OthersRecorded(id) => {
                if let Some(running) = self.running_mut(&id) {
                    running.tell(Message::Recorded);
                }
                if let Some(running) = self.front.iter().chain(&self.back).find(|r| *r.id() == id) {
                    self.read_token(running, Reading::Changed);
                }
                self.show().await;
            }
            Input::OthersSignedInOrOut => self.follow_device().await,
            Input::RemoveAgain => self.remove_again().await,
            Input::TokenRead { profile, reading, result } => {
                self.token_read(&profile, reading, result).await;
            }
            Input::ReadTokenAgain(id) => self.read_tokens_again(Some(&id)),
            Input::KeyringAsked => self.read_tokens_again(None),
            Input::TrySaving => self.try_saving().await,
            Input::Tidy => self.tidy().await,
            Input::TokenDeadline => {
                self.tell(Message::TokenEnds);
                self.show().await;
            }
            Input::Device(event) => self.device_event(event),
            Input::NewCode(result) => self.new_code(result),
            Input::ServerTried(origin, tried) => {
                let result = self.server_tried(&origin, tried).await;
                self.told(result);
            }
            Input::SignedIn(result) => self.signed_in(*result).await,
            Input::Unlocked(result) => self.unlocked(*result).await,
            Input::PinSet(result) => self.pin_set(result).await,
            Input::IdleDeadline => self.idle_deadline(),
            Input::UndoOver(number) => {
                if self.state.notice.as_ref().is_some_and(|notice| notice.number == number) {
                    self.state.undo = None;
                    self.publish_state();
                }
            }
        }
    }

    async fn news(&mut self, id: &ProfileId, news: News) {
        if !self.is_front(id) {
            if matches!(news, News::Stored(_)) {
                self.finish_sign_outs().await;
                self.show_people().await;
            }
            return;
        }
        match news {
            News::Activity(activity) => {
                if let Some(profile) = self.state.profile.as_mut() {
                    profile.activity = activity;
                }
                self.publish_state();
            }
            News::Stored(moved) => {
                moved.iter().for_each(|change| self.notice_moved(change));
                self.show().await;
                self.tidy_later();
            }
            News::StorageFailed => self.saving_failed(),
            News::TokenChanged => {
                if let Some(running) = &self.front {
                    self.read_token(running, Reading::Changed);
                }
            }
            News::CodeRefused => self.code_refused(),
        }
    }

    async fn command(&mut self, command: Command) {
        if self.state.is_locked && !Self::is_allowed_when_locked(&command) {
            if matches!(command, Command::Scanned { .. } | Command::ScannedInVain(_)) {
                // What the code is stays untold: nobody knows yet who asks.
                self.notice(NoticeKind::NotAccepted(UserErrorKind::Locked), None);
                self.publish_state();
            }
            return;
        }
        if !matches!(command, Command::InFront(_)) {
            self.touch();
        }
        let result = match command {
            Command::Lock
            | Command::Unlock { .. }
            | Command::SetPin { .. }
            | Command::UnlockKeyring => self.protect(command).await,
            Command::SetServer { .. }
            | Command::ReadSetUpCode { .. }
            | Command::UseSetUpCode
            | Command::DropSetUpCode
            | Command::SaveReport => self.outside(command).await,
            Command::Choose(preference) => self.choose(preference).await,
            Command::SignIn { username, password } => {
                self.sign_in(username, password);
                Ok(())
            }
            Command::Activate { warehouse, origin } => self.activate(warehouse, origin).await,
            Command::Scanned { .. }
            | Command::ScannedInVain(_)
            | Command::TryScan { .. }
            | Command::TestScanner(_) => self.scanner(command).await,
            Command::Leave => self.leave().await,
            Command::Undo { seq } => self.undo(seq).await,
            Command::Decide { seq, decision } => self.decide(seq, decision).await,
            Command::MarkSeen { seq } => self.mark_seen(seq).await,
            Command::SendNow => {
                self.tell(Message::SendNow);
                Ok(())
            }
            Command::EnterCode(code) => {
                self.enter_code(code);
                Ok(())
            }
            Command::SendNewCode => self.send_new_code(),
            Command::Touched => {
                self.touched();
                Ok(())
            }
            Command::InFront(is_in_front) => {
                self.tell_all(|| Message::InFront(is_in_front));
                if is_in_front {
                    self.tell_all(|| Message::Appeared);
                }
                Ok(())
            }
            Command::SignOut { discard } => self.sign_out(discard).await,
            Command::DemoOffline(is_offline) => {
                self.demo_offline(is_offline);
                Ok(())
            }
            Command::DemoOtherDevice => {
                self.demo.iter().for_each(|demo| demo.switch_on_other_device());
                Ok(())
            }
        };
        self.told(result);
    }

    /// Tells the worker if something was not accepted.
    fn told(&mut self, result: Result<(), UserError>) {
        if let Err(error) = result {
            tracing::info!(kind = error.kind().as_str(), "a command was not accepted");
            self.notice(NoticeKind::NotAccepted(error.kind()), None);
            self.publish_state();
        }
    }

    async fn activate(
        &mut self,
        warehouse: crate::domain::ids::WarehouseUuid,
        origin: Origin,
    ) -> Result<(), UserError> {
        let name = self.warehouse_name(warehouse);
        let profile = self.profile()?;
        let recorded = profile.switch_to(warehouse, origin).await?;
        self.recorded(recorded, name).await;
        Ok(())
    }

    async fn leave(&mut self) -> Result<(), UserError> {
        let recorded = self.profile()?.leave(Origin::Tap).await?;
        self.recorded(recorded, None).await;
        Ok(())
    }

    /// A wish is safely in the database: show it, offer the undo, and have it sent.
    async fn recorded(&mut self, recorded: Recorded, warehouse_name: Option<String>) {
        match recorded {
            Recorded::New(seq) => {
                self.notice(NoticeKind::Accepted, warehouse_name);
                self.offer_undo(seq);
                self.tell(Message::Wish(seq));
            }
            Recorded::AlreadyWaiting(_) | Recorded::AlreadySo | Recorded::DecidedTheirs(_) => {
                self.notice(NoticeKind::AlreadySo, warehouse_name);
                self.tell(Message::SendNow);
            }
            Recorded::DecidedMine(_) => {
                self.notice(NoticeKind::Accepted, warehouse_name);
                self.tell(Message::SendNow);
            }
        }
        self.show().await;
    }

    async fn undo(&mut self, seq: Seq) -> Result<(), UserError> {
        let undone = self.profile()?.undo(seq).await?;
        self.state.undo = None;
        self.notice(NoticeKind::Undone, None);
        match undone {
            Undone::WishedAgain(Recorded::New(seq)) => self.tell(Message::Wish(seq)),
            Undone::WishedAgain(_) => self.tell(Message::SendNow),
            Undone::TakenBack(_) => self.tell(Message::Recorded),
        }
        self.show().await;
        Ok(())
    }

    async fn decide(
        &mut self,
        seq: Seq,
        decision: super::state::Decision,
    ) -> Result<(), UserError> {
        self.profile()?.decide(seq, decision).await?;
        self.signal(Signal::Accepted);
        self.tell(Message::SendNow);
        self.show().await;
        Ok(())
    }

    async fn mark_seen(&mut self, seq: Seq) -> Result<(), UserError> {
        self.profile()?.mark_seen(seq).await?;
        self.show().await;
        Ok(())
    }

    async fn choose(&mut self, preference: Preference) -> Result<(), UserError> {
        self.profile()?.store().choose(preference).await?;
        self.show().await;
        if matches!(preference, Preference::Volume(_)) {
            // As loud as outcomes will be from now on.
            self.signal(Signal::Accepted);
        }
        Ok(())
    }

    /// Every engine hears of it: also those that only wait for a last change to be sent.
    fn device_event(&self, event: DeviceEvent) {
        for running in self.front.iter().chain(&self.back) {
            match event {
                DeviceEvent::NetworkCame => running.tell(Message::Reconnected),
                // Deadlines stood still in the suspend; they are computed again by it, too.
                DeviceEvent::Woke => running.tell(Message::Appeared),
                // Nothing is lost by it, and the next request finds out.
                DeviceEvent::NetworkWent => {}
            }
        }
    }

    /// Fetches the list at a touch, once it is old.
    fn touched(&self) {
        let Some(view) = &self.state.profile else { return };
        let now = Moment::new(self.device.platform().clock().read(), view.sync.anchor.as_ref());
        let age = view.snapshot.as_ref().map(|snapshot| snapshot.fetched_at.age_at(&now));
        let is_old = match age {
            Some(Some(age)) => age >= self.device.config().list_max_age.value,
            Some(None) | None => true,
        };
        if is_old {
            self.tell(Message::Touched);
        }
    }
}

/// The server address as configured.
pub(super) fn server_setting(config: &Config) -> ServerSetting {
    if let Some(problem) = &config.unusable_server {
        return ServerSetting::Unusable {
            text: problem.place.clone(),
            problem: problem.reason.clone(),
        };
    }
    match &config.server_url.value {
        Some(origin) => {
            ServerSetting::Set { origin: origin.clone(), is_locked: config.server_url.is_locked() }
        }
        None => ServerSetting::Missing,
    }
}
