//! One user on one server, opened: their wishes are recorded here, and their engine is made here.
//!
//! Everything a worker can do with a change goes through this type, whether it comes from the
//! window or from the command line.

mod secrets;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::SharedClock;
use crate::config::Config;
use crate::domain::assignment::Snapshot;
use crate::domain::change::{Change, Origin, Wish};
use crate::domain::connection::SyncState;
use crate::domain::ids::{ChangeId, ProfileId, Seq, WarehouseUuid};
use crate::domain::judge::Rules;
use crate::domain::outbox::{self, Outbox, Recorded, Recording, Undone};
use crate::domain::time::{Moment, UnixMillis};
use crate::domain::view::{Activity, ProfileView, Storage};
use crate::error::{UserError, UserErrorKind};
use crate::glue::{GlueClient, GlueFailure, SecondFactorCode};
use crate::scanner::code;
use crate::session::secret_store::{SecretStore, StoredToken};
use crate::store::{ProfileStore, Scope, SecretsIn, Shown, StoreError};
use crate::sync::driver::{Driver, Parts, RoundReport};
use crate::sync::machine::Trigger;
use crate::sync::policy;
use crate::sync::ports::{Listener, SenderLock, TokioRuntime};

use super::Seconds;
use super::device::{Neighbours, SharedServer};
use super::platform::Platform;
use super::state::Decision;

pub use secrets::SecretsState;

/// How far back settled changes are shown.
const HISTORY: Duration = Duration::from_secs(30 * 24 * 3600);
/// How many changes are shown at most.
const HISTORY_CHANGES_MAX: usize = 500;
/// How long a command waits for another process that is sending.
const LOCK_WAIT: Duration = Duration::from_secs(20);
/// How long a command waits for other processes and the server, in all.
const ROUND_WAIT: Duration = Duration::from_secs(45);

/// An open profile.
#[derive(Clone)]
pub struct Profile {
    pub(super) id: ProfileId,
    pub(super) username: String,
    pub(super) folder: PathBuf,
    pub(super) store: ProfileStore,
    pub(super) client: GlueClient,
    pub(super) neighbours: Neighbours,
    pub(super) secrets_in: SecretsIn,
    pub(super) secrets: Arc<dyn SecretStore>,
    pub(super) platform: Arc<dyn Platform>,
    pub(super) device_storage: Storage,
    pub(super) rules: Rules,
    pub(super) sync_spread: Duration,
}

impl Profile {
    /// Whose it is.
    pub fn id(&self) -> &ProfileId {
        &self.id
    }

    /// The name typed at sign-in.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The profile's folder.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Which place the profile's secrets are in.
    pub fn secrets_in(&self) -> SecretsIn {
        self.secrets_in
    }

    /// The database.
    pub fn store(&self) -> &ProfileStore {
        &self.store
    }

    /// The present moment, tied to the server's time if that is known.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn now(&self) -> Result<Moment, UserError> {
        let sync = self.store.sync_state().await?;
        Ok(Moment::new(self.clock().read(), sync.anchor.as_ref()))
    }

    /// Wishes to be active in a warehouse.
    ///
    /// # Errors
    /// Why nothing was recorded.
    pub async fn switch_to(
        &self,
        warehouse: WarehouseUuid,
        origin: Origin,
    ) -> Result<Recorded, UserError> {
        let scope = Scope { warehouse: Some(warehouse), ..Scope::default() };
        self.act(scope, origin, outbox::record_switch).await
    }

    /// Wishes to be active in no warehouse.
    ///
    /// # Errors
    /// Why nothing was recorded.
    pub async fn leave(&self, origin: Origin) -> Result<Recorded, UserError> {
        self.act(Scope::default(), origin, outbox::record_leave).await
    }

    /// Takes a change back, or wishes again what was shown before it.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn undo(&self, seq: Seq) -> Result<Undone, UserError> {
        let change = self.change(seq).await?;
        let warehouse = match &change.shown_before {
            Some(Wish::Activate(target)) => Some(target.warehouse_uuid),
            Some(Wish::Leave) | None => None,
        };
        let scope = Scope { change: Some(seq), warehouse, ..Scope::default() };
        self.act(scope, Origin::Undo, outbox::undo).await
    }

    /// Answers a question.
    ///
    /// # Errors
    /// If no question is open for that change, or nothing could be saved.
    pub async fn decide(&self, seq: Seq, decision: Decision) -> Result<Seq, UserError> {
        let scope = Scope { change: Some(seq), ..Scope::default() };
        self.act(scope, Origin::Tap, move |outbox, how| match decision {
            Decision::Mine => outbox::decide_mine(outbox, how.now),
            Decision::Theirs => outbox::decide_theirs(outbox, how.now),
        })
        .await
    }

    /// Notes that a rejection was understood.
    ///
    /// # Errors
    /// If that change was not rejected, or nothing could be saved.
    pub async fn mark_seen(&self, seq: Seq) -> Result<Seq, UserError> {
        let scope = Scope { change: Some(seq), ..Scope::default() };
        self.act(scope, Origin::Tap, |outbox, _| outbox::mark_seen(outbox)).await
    }

    /// Gives up everything that waits. Returns how many changes that were.
    ///
    /// # Errors
    /// If nothing could be saved.
    pub async fn discard_all(&self) -> Result<usize, UserError> {
        let plan = |outbox: &mut Outbox, how: Recording| {
            Ok::<_, outbox::ActionRefused>(outbox::discard_all(outbox, how.now))
        };
        self.act(Scope::default(), Origin::Tap, plan).await
    }

    /// Runs one action in a transaction, and tells other processes of it.
    async fn act<T: Send + 'static>(
        &self,
        scope: Scope,
        origin: Origin,
        action: impl FnOnce(&mut Outbox, Recording) -> Result<T, outbox::ActionRefused> + Send + 'static,
    ) -> Result<T, UserError> {
        let clock = self.clock();
        let recorded = self
            .store
            .transact(scope, move |outbox| {
                let now = Moment::new(clock.read(), outbox.sync.anchor.as_ref());
                action(outbox, Recording { origin, now, id: ChangeId::new(uuid::Uuid::now_v7()) })
            })
            .await??;
        self.platform.notify_others(&self.folder);
        Ok(recorded)
    }

    /// The change with this number.
    ///
    /// # Errors
    /// If there is none, or the database can't be read.
    pub async fn change(&self, seq: Seq) -> Result<Change, UserError> {
        self.store.change(seq).await?.ok_or_else(|| UserErrorKind::NoSuchChange.into())
    }

    /// The changes of the last 30 days and all that have not settled, newest first.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn changes(&self) -> Result<Vec<Change>, UserError> {
        Ok(self.shown(None).await?.changes)
    }

    /// Everything that is known about the profile, as one value.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn view(&self) -> Result<ProfileView, UserError> {
        self.view_after(None).await
    }

    /// The same, later: a list that has not changed since `previous` is not read again.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn view_after(
        &self,
        previous: Option<&ProfileView>,
    ) -> Result<ProfileView, UserError> {
        let previous = previous.filter(|view| view.profile == self.id);
        let shown = self.shown(previous.and_then(|view| view.snapshot.clone())).await?;
        Ok(ProfileView {
            profile: self.id.clone(),
            username: self.username.clone(),
            snapshot: shown.snapshot,
            changes: shown.changes.into(),
            sync: shown.sync,
            activity: previous.map_or(Activity::Idle, |view| view.activity),
            storage: if shown.was_put_aside { Storage::Recovered } else { self.device_storage },
            preferences: shown.preferences,
        })
    }

    async fn shown(&self, known: Option<Arc<Snapshot>>) -> Result<Shown, UserError> {
        let clock = self.clock();
        let since = move |sync: &SyncState| {
            let now = Moment::new(clock.read(), sync.anchor.as_ref()).calendar();
            let history = i64::try_from(HISTORY.as_millis()).unwrap_or(i64::MAX);
            UnixMillis(now.0.saturating_sub(history))
        };
        Ok(self.store.shown(known, since, HISTORY_CHANGES_MAX).await?)
    }

    /// The engine of this profile.
    ///
    /// # Errors
    /// If the database or the secrets can't be read.
    pub async fn engine(&self, listener: Listener) -> Result<Driver, UserError> {
        let token = self.token().await?;
        self.engine_with(listener, token).await
    }

    /// The engine of this profile, with a token that was read before.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn engine_with(
        &self,
        listener: Listener,
        token: Option<StoredToken>,
    ) -> Result<Driver, UserError> {
        let parts = Parts {
            profile: self.id.clone(),
            store: self.store.clone(),
            server: Arc::new(SharedServer {
                client: self.client.clone(),
                profile: self.id.clone(),
                neighbours: self.neighbours.clone(),
            }),
            lock: self.sender_lock(),
            secrets: Arc::clone(&self.secrets),
            clock: self.clock(),
            runtime: Arc::new(TokioRuntime),
            rules: self.rules,
            sync_spread: self.sync_spread,
            listener,
        };
        Ok(Driver::new(parts, token).await?)
    }

    /// Runs one round for a command, in bounded time. Where another process is sending, that one
    /// has been told, and its outcome is waited for.
    ///
    /// # Errors
    /// If the database or the secrets can't be read.
    pub async fn run_round(&self, trigger: Trigger) -> Result<RoundReport, UserError> {
        self.run_round_with(trigger, None).await
    }

    async fn run_round_with(
        &self,
        trigger: Trigger,
        code: Option<SecondFactorCode>,
    ) -> Result<RoundReport, UserError> {
        let deadline = Instant::now() + ROUND_WAIT;
        if !self.wait_for_sender().await? {
            return Ok(RoundReport::default());
        }
        let mut engine = self.engine(Box::new(|_| {})).await?;
        if let Some(code) = code {
            engine.set_code(code);
        }
        let report = tokio::time::timeout_at(deadline, engine.run_round(trigger)).await;
        self.platform.notify_others(&self.folder);
        Ok(report.unwrap_or_default())
    }

    /// Fetches the list after a sign-in.
    ///
    /// # Errors
    /// If the database or the secrets can't be read.
    pub async fn run_round_after_sign_in(&self) -> Result<RoundReport, UserError> {
        let clock = self.clock();
        self.store
            .transact(Scope::default(), move |outbox| {
                let now = Moment::new(clock.read(), outbox.sync.anchor.as_ref());
                policy::note_sign_in(&mut outbox.sync, None, now);
            })
            .await?;
        self.run_round(Trigger::SignedIn).await
    }

    /// Runs the round that a recorded wish asks for.
    ///
    /// # Errors
    /// If the database or the secrets can't be read.
    pub async fn run_round_for(&self, recorded: Recorded) -> Result<RoundReport, UserError> {
        match recorded {
            Recorded::New(seq) => self.run_round(Trigger::Wish(seq)).await,
            Recorded::AlreadyWaiting(_)
            | Recorded::AlreadySo
            | Recorded::DecidedMine(_)
            | Recorded::DecidedTheirs(_) => self.run_round(Trigger::SendNow).await,
        }
    }

    /// Sends what waits and fetches the list.
    ///
    /// # Errors
    /// If the database or the secrets can't be read.
    pub async fn sync(&self, code: Option<SecondFactorCode>) -> Result<RoundReport, UserError> {
        let report = self.run_round_with(Trigger::SendNow, code).await?;
        // Where no window ever runs, this is the moment to forget what is old.
        if let Err(error) = self.forget_old().await {
            tracing::warn!(%error, "old changes could not be forgotten");
        }
        Ok(report)
    }

    /// Has the server send the user a new code of the second factor.
    ///
    /// # Errors
    /// If there is no token that may be used, the server does not do it, or can't be reached.
    pub async fn send_new_code(&self) -> Result<(), UserError> {
        if self.retry_after().await?.is_some() {
            return Err(UserErrorKind::ServerTrouble.into());
        }
        let now = self.now().await?;
        let token = self.token().await?.filter(|token| token.is_usable_at(&now));
        let token = token.ok_or(UserErrorKind::SignInAgain)?;
        let exchange = self.client.send_new_code(&token.access).await;
        self.neighbours.heed(&exchange.result, None).await;
        exchange.result.map_err(|failure| match failure {
            GlueFailure::Refused { code, message } => {
                UserError::new(UserErrorKind::ServerTrouble, message).with_reference(code)
            }
            other => UserError::from(&other),
        })
    }

    /// Forgets some of the changes that settled so long ago that they are not shown any more.
    /// Without the server's time nobody knows which those are. True if there may be more.
    ///
    /// # Errors
    /// If nothing could be removed.
    pub async fn forget_old(&self) -> Result<bool, UserError> {
        let Some(now) = self.now().await?.server else { return Ok(false) };
        let history = i64::try_from(HISTORY.as_millis()).unwrap_or(i64::MAX);
        Ok(self.store.forget_some(UnixMillis(now.0.saturating_sub(history))).await?)
    }

    /// How long the server asked to be left alone, in seconds.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn retry_after(&self) -> Result<Option<Seconds>, UserError> {
        let sync = self.store.sync_state().await?;
        let now = Moment::new(self.clock().read(), sync.anchor.as_ref());
        Ok(sync.retry_after_at(&now).map(|wait| wait.as_secs().max(1)))
    }

    /// How long the token lasts, in seconds; `None` if there is none or that is unknown.
    ///
    /// # Errors
    /// If the secrets can't be read.
    pub async fn token_expires_in(&self) -> Result<Option<Seconds>, UserError> {
        let now = self.now().await?;
        let token = self.token().await?;
        Ok(token.and_then(|token| token.remaining_at(&now)).map(|left| left.as_secs()))
    }

    /// Whether there is no token that may be used, and only signing in again gives one.
    ///
    /// # Errors
    /// If the secrets can't be read.
    pub async fn is_token_over(&self) -> Result<bool, UserError> {
        let now = self.now().await?;
        Ok(self.token().await?.is_none_or(|token| token.needs_sign_in_at(&now)))
    }

    /// The warehouse that a name, a uuid or a scanned code means, among the user's own.
    ///
    /// # Errors
    /// If it means none of them, or several.
    pub async fn resolve(
        &self,
        reference: &str,
        config: &Config,
    ) -> Result<WarehouseUuid, UserError> {
        let Some(snapshot) = self.store.snapshot().await? else {
            return Err(UserErrorKind::NeverSynced.into());
        };
        let warehouses = snapshot.assignments.iter().map(|assignment| {
            (
                *assignment.warehouse.uuid.as_uuid(),
                *assignment.id.as_uuid(),
                assignment.warehouse.name.as_str(),
            )
        });
        let warehouse = code::resolve(reference, &config.aliases.value, warehouses)?;
        Ok(WarehouseUuid::new(warehouse))
    }

    /// Waits until no other process is sending; false if that takes too long.
    async fn wait_for_sender(&self) -> Result<bool, UserError> {
        match tokio::time::timeout(LOCK_WAIT, self.sender_lock().acquire()).await {
            Ok(acquired) => Ok(acquired.map(|_guard| true).map_err(StoreError::from)?),
            Err(_elapsed) => Ok(false),
        }
    }

    /// Reads `sending` as `queued` if the process that was sending is dead.
    ///
    /// # Errors
    /// If the database can't be read or written.
    pub async fn recover(&self) -> Result<(), UserError> {
        let lock = self.sender_lock();
        let Ok(Ok(Some(_guard))) = tokio::task::spawn_blocking(move || lock.try_acquire()).await
        else {
            return Ok(());
        };
        let is_stuck =
            |change: &Change| change.state == crate::domain::change::ChangeState::Sending;
        if !self.changes().await?.iter().any(is_stuck) {
            return Ok(());
        }
        let clock = self.clock();
        self.store
            .transact(Scope::default(), move |outbox| {
                let now = Moment::new(clock.read(), outbox.sync.anchor.as_ref());
                outbox::recover(outbox, now)
            })
            .await?;
        Ok(())
    }

    fn clock(&self) -> SharedClock {
        self.platform.clock()
    }

    fn sender_lock(&self) -> Arc<dyn SenderLock> {
        self.platform.sender_lock(&self.folder)
    }
}
