//! The app behind the window: one task that owns the device, hears everything in one inbox, and
//! publishes an [`AppState`] whenever there is something new to show.
//!
//! It owns the invariant *durable before shown*: what it publishes was read from the database after
//! the transaction that recorded it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::config::Config;
use crate::domain::change::{Change, ChangeState, Origin, Reason};
use crate::domain::ids::{Seq, ServerOrigin};
use crate::domain::outbox::{Recorded, Undone};
use crate::domain::time::Moment;
use crate::domain::view::Storage;
use crate::error::{UserError, UserErrorKind};
use crate::glue::Password;
use crate::sync::driver::Message;
use crate::sync::ports::News;

use super::device::Device;
use super::platform::Watch;
use super::profile::Profile;
use super::running::Running;
use super::state::{AppState, Command, DemoState, Notice, NoticeKind, Progress, ServerSetting};

/// How long an undo is offered after a tap.
const UNDO_OFFER: Duration = Duration::from_secs(5);
/// The user is warned when the token lasts no longer than this.
const TOKEN_WARNING: Duration = Duration::from_secs(30 * 60);

/// Shows a new state. Called from the worker's task; must not block.
pub type Publish = Box<dyn Fn(Arc<AppState>) + Send + Sync>;

/// Puts a new server address into the user's configuration, and reads the configuration again.
pub type SetServer = Box<dyn Fn(&ServerOrigin) -> Result<Config, UserError> + Send + Sync>;

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
    /// The engine of the profile in front tells something.
    News(News),
    /// Another process recorded something.
    OthersRecorded,
    /// The device gained or lost a network.
    Network(bool),
    /// A sign-in ended.
    SignedIn(Box<Result<Profile, UserError>>),
    /// A profile that waited for its last change may be done.
    MaybeSignedOut,
    /// The undo offer with this number is over.
    UndoOver(u64),
    /// The token is near its end, or there.
    TokenDeadline,
}

/// The app behind the window.
pub struct Worker {
    device: Device,
    running: Option<Running>,
    signing_out: Vec<Running>,
    state: AppState,
    notices: u64,
    inbox: mpsc::UnboundedSender<Input>,
    publish: Publish,
    set_server: SetServer,
    demo: Option<Box<dyn DemoSwitches>>,
    _network: Option<Watch>,
}

impl Worker {
    /// Prepares the app behind the window. Reads what is on the device; waits for no network.
    ///
    /// # Errors
    /// If the databases can't be read.
    pub async fn new(
        device: Device,
        publish: Publish,
        set_server: SetServer,
        demo: Option<Box<dyn DemoSwitches>>,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Input>), UserError> {
        let (inbox, receiver) = mpsc::unbounded_channel();
        let state = AppState {
            server: server_setting(device.config()),
            known_usernames: Vec::new(),
            sign_in: Progress::Idle,
            set_up: Progress::Idle,
            profile: None,
            is_token_over: false,
            token_ends_in_minutes: None,
            undo: None,
            notice: None,
            now: Moment::new(device.platform().clock().read(), None),
            demo: demo.as_ref().map(|_| DemoState { is_offline: false }),
        };
        let mut worker = Self {
            device,
            running: None,
            signing_out: Vec::new(),
            state,
            notices: 0,
            inbox,
            publish,
            set_server,
            demo,
            _network: None,
        };
        worker.watch_network();
        worker.open_front().await?;
        worker.open_signing_out().await;
        worker.show().await;
        Ok((worker, receiver))
    }

    /// What is shown now.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// A way into the inbox.
    pub fn inbox(&self) -> mpsc::UnboundedSender<Input> {
        self.inbox.clone()
    }

    /// Serves until the window is gone.
    pub async fn run(mut self, mut receiver: mpsc::UnboundedReceiver<Input>) {
        while let Some(input) = receiver.recv().await {
            self.hear(input).await;
        }
    }

    async fn hear(&mut self, input: Input) {
        match input {
            Input::Command(command) => self.command(command).await,
            Input::News(News::Activity(activity)) => {
                if let Some(profile) = self.state.profile.as_mut() {
                    profile.activity = activity;
                }
                self.publish_state();
            }
            Input::News(News::Stored(moved)) => {
                moved.iter().for_each(|change| self.notice_moved(change));
                self.show().await;
            }
            Input::News(News::StorageFailed) => self.storage_failed(),
            Input::News(News::TokenOver) | Input::TokenDeadline => self.show().await,
            Input::OthersRecorded => {
                self.tell(Message::Recorded);
                self.show().await;
            }
            Input::Network(has_address) => {
                if has_address {
                    self.tell(Message::Reconnected);
                    self.signing_out.iter().for_each(|running| running.tell(Message::Reconnected));
                }
            }
            Input::SignedIn(result) => self.signed_in(*result).await,
            Input::MaybeSignedOut => self.finish_sign_outs().await,
            Input::UndoOver(number) => {
                if self.state.notice.as_ref().is_some_and(|notice| notice.number == number) {
                    self.state.undo = None;
                    self.publish_state();
                }
            }
        }
    }

    async fn command(&mut self, command: Command) {
        let result = match command {
            Command::SetServer { address } => self.set_server(&address).await,
            Command::SignIn { username, password } => {
                self.sign_in(username, password);
                Ok(())
            }
            Command::Activate { warehouse, origin } => self.activate(warehouse, origin).await,
            Command::Leave => self.leave().await,
            Command::Undo { seq } => self.undo(seq).await,
            Command::Decide { seq, decision } => self.decide(seq, decision).await,
            Command::MarkSeen { seq } => self.mark_seen(seq).await,
            Command::SendNow => {
                self.tell(Message::SendNow);
                Ok(())
            }
            Command::Touched => {
                self.touched();
                Ok(())
            }
            Command::InFront(is_in_front) => {
                self.tell(Message::InFront(is_in_front));
                if is_in_front {
                    self.tell(Message::Appeared);
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
        self.tell(Message::SendNow);
        self.show().await;
        Ok(())
    }

    async fn mark_seen(&mut self, seq: Seq) -> Result<(), UserError> {
        self.profile()?.mark_seen(seq).await?;
        self.show().await;
        Ok(())
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

    async fn set_server(&mut self, address: &str) -> Result<(), UserError> {
        let chosen = ServerOrigin::parse(address)
            .map_err(|error| UserError::new(UserErrorKind::AddressNotAllowed, error.to_string()))
            .and_then(|origin| (self.set_server)(&origin));
        match chosen {
            Ok(config) => {
                self.device = self.device.with_config(config);
                self.state.set_up = Progress::Idle;
                self.state.server = server_setting(self.device.config());
                self.running = None;
                self.open_front().await?;
            }
            Err(error) => {
                tracing::info!(%error, "the server address was not accepted");
                self.state.set_up = Progress::Failed(error.kind());
            }
        }
        self.show().await;
        Ok(())
    }

    /// Signs in beside everything else: the window goes on answering meanwhile.
    fn sign_in(&mut self, username: String, password: Password) {
        if self.state.sign_in == Progress::Busy {
            return;
        }
        self.state.sign_in = Progress::Busy;
        self.publish_state();
        let (device, inbox) = (self.device.clone(), self.inbox.clone());
        tokio::spawn(async move {
            let result = device.sign_in(&username, password).await;
            // The worker is gone only when the window is.
            let _ = inbox.send(Input::SignedIn(Box::new(result)));
        });
    }

    async fn signed_in(&mut self, result: Result<Profile, UserError>) {
        self.state.sign_in = match &result {
            Ok(_) => Progress::Idle,
            Err(error) => Progress::Failed(error.kind()),
        };
        if let Ok(profile) = result {
            let is_same =
                self.running.as_ref().is_some_and(|running| running.profile().id() == profile.id());
            if !is_same {
                self.start(profile.clone()).await;
            }
            if let Ok(Some(token)) = profile.token().await {
                self.tell(Message::SignedIn(token));
            }
        }
        self.show().await;
    }

    async fn sign_out(&mut self, discard: bool) -> Result<(), UserError> {
        let profile = self.profile()?.clone();
        self.running = None;
        let signed_out = self.device.sign_out(&profile, discard).await;
        self.state.sign_in = Progress::Idle;
        self.state.undo = None;
        if signed_out.is_ok_and(|signed_out| !signed_out.is_removed) {
            self.open_signing_out().await;
        }
        self.show().await;
        Ok(())
    }

    async fn finish_sign_outs(&mut self) {
        let mut still = Vec::new();
        for running in std::mem::take(&mut self.signing_out) {
            match running.profile().store().unsettled_count().await {
                Ok(0) => {
                    let profile = running.profile().clone();
                    drop(running);
                    if let Err(error) = self.device.forget(&profile).await {
                        tracing::warn!(%error, "a signed-out user could not be removed");
                    }
                }
                _ => still.push(running),
            }
        }
        self.signing_out = still;
    }

    fn demo_offline(&mut self, is_offline: bool) {
        self.demo.iter().for_each(|demo| demo.set_offline(is_offline));
        if let Some(state) = self.state.demo.as_mut() {
            state.is_offline = is_offline;
        }
        self.publish_state();
        if !is_offline {
            self.tell(Message::Reconnected);
        }
    }

    async fn open_front(&mut self) -> Result<(), UserError> {
        if self.device.config().server_url.value.is_none() {
            return Ok(());
        }
        if let Some(profile) = self.device.profile_in_front().await? {
            self.start(profile).await;
        }
        Ok(())
    }

    async fn start(&mut self, profile: Profile) {
        let inbox = self.inbox.clone();
        let news = Box::new(move |news| {
            let _ = inbox.send(Input::News(news));
        });
        let inbox = self.inbox.clone();
        let others = Box::new(move || {
            let _ = inbox.send(Input::OthersRecorded);
        });
        match Running::start(profile, self.device.platform(), news, Some(others)).await {
            Ok(running) => self.running = Some(running),
            Err(error) => {
                tracing::error!(%error, "the engine could not be started");
                self.notice(NoticeKind::NotAccepted(error.kind()), None);
            }
        }
    }

    async fn open_signing_out(&mut self) {
        let profiles = self.device.profiles_signing_out().await.unwrap_or_default();
        for profile in profiles {
            let inbox = self.inbox.clone();
            let news = Box::new(move |news| {
                if matches!(news, News::Stored(_)) {
                    let _ = inbox.send(Input::MaybeSignedOut);
                }
            });
            if let Ok(running) = Running::start(profile, self.device.platform(), news, None).await {
                self.signing_out.push(running);
            }
        }
    }

    fn watch_network(&mut self) {
        let inbox = self.inbox.clone();
        self._network = self.device.platform().watch_network(Box::new(move |has_address| {
            let _ = inbox.send(Input::Network(has_address));
        }));
    }

    fn profile(&self) -> Result<&Profile, UserError> {
        self.running.as_ref().map(Running::profile).ok_or_else(|| UserErrorKind::NotSignedIn.into())
    }

    fn tell(&self, message: Message) {
        if let Some(running) = &self.running {
            running.tell(message);
        }
    }

    fn warehouse_name(&self, warehouse: crate::domain::ids::WarehouseUuid) -> Option<String> {
        let snapshot = self.state.profile.as_ref()?.snapshot.as_ref()?;
        let row = snapshot.assignments.iter().find(|row| row.warehouse.uuid == warehouse)?;
        Some(row.warehouse.name.clone())
    }

    fn notice(&mut self, kind: NoticeKind, warehouse_name: Option<String>) {
        self.notices += 1;
        self.state.notice = Some(Notice { number: self.notices, kind, warehouse_name });
    }

    fn notice_moved(&mut self, change: &Change) {
        let name = change.wish.target().map(|target| target.warehouse_name.clone());
        match (change.state, &change.reason) {
            (ChangeState::Rejected, _) => self.notice(NoticeKind::RefusedLater, name),
            (ChangeState::Confirmed, Some(Reason::ActiveElsewhere { warehouse_names })) => {
                self.notice(NoticeKind::ActiveElsewhere, warehouse_names.first().cloned());
            }
            (ChangeState::Confirmed, Some(Reason::Replaced { .. })) => {
                self.notice(NoticeKind::Replaced, name);
                self.offer_undo(change.seq);
            }
            _ => {}
        }
    }

    fn offer_undo(&mut self, seq: Seq) {
        self.state.undo = Some(seq);
        let (inbox, number) = (self.inbox.clone(), self.notices);
        tokio::spawn(async move {
            tokio::time::sleep(UNDO_OFFER).await;
            let _ = inbox.send(Input::UndoOver(number));
        });
    }

    fn storage_failed(&mut self) {
        if let Some(profile) = self.state.profile.as_mut() {
            profile.storage = Storage::Failed;
        }
        self.publish_state();
    }

    /// Reads everything again and shows it.
    async fn show(&mut self) {
        let previous = self.state.profile.take();
        if let Some(running) = self.running.as_mut() {
            match running.view(previous.as_ref()).await {
                Ok(view) => self.state.profile = Some(view),
                Err(error) => {
                    tracing::error!(%error, "the database could not be read");
                    self.state.profile = previous.map(|view| crate::domain::view::ProfileView {
                        storage: Storage::Failed,
                        ..view
                    });
                }
            }
        }
        self.show_token().await;
        self.state.known_usernames = self.known_usernames().await;
        self.publish_state();
    }

    async fn show_token(&mut self) {
        self.state.is_token_over = false;
        self.state.token_ends_in_minutes = None;
        let Some(running) = self.running.as_mut() else { return };
        let Ok(token) = running.profile().token().await else { return };
        let now = running.profile().now().await.unwrap_or(self.state.now);
        self.state.is_token_over = !token.as_ref().is_some_and(|token| token.is_usable_at(&now));
        let Some(left) = token.and_then(|token| token.remaining_at(&now)) else { return };
        if left <= TOKEN_WARNING && !self.state.is_token_over {
            let minutes = u32::try_from(left.as_secs().div_ceil(60)).unwrap_or(u32::MAX);
            self.state.token_ends_in_minutes = Some(minutes);
        }
        let inbox = self.inbox.clone();
        running.wake_at_token_deadline(left, TOKEN_WARNING, move || {
            let _ = inbox.send(Input::TokenDeadline);
        });
    }

    async fn known_usernames(&self) -> Vec<String> {
        let Some(origin) = &self.device.config().server_url.value else { return Vec::new() };
        let known = self.device.known_profiles().await.unwrap_or_default();
        known
            .into_iter()
            .filter(|known| known.profile.origin == *origin && !known.is_signing_out)
            .map(|known| known.username)
            .collect()
    }

    fn publish_state(&mut self) {
        let anchor = self.state.profile.as_ref().and_then(|view| view.sync.anchor);
        self.state.now = Moment::new(self.device.platform().clock().read(), anchor.as_ref());
        (self.publish)(Arc::new(self.state.clone()));
    }
}

fn server_setting(config: &Config) -> ServerSetting {
    match &config.server_url.value {
        Some(origin) => {
            ServerSetting::Set { origin: origin.clone(), is_locked: config.server_url.is_locked() }
        }
        None => ServerSetting::Missing,
    }
}
