//! The lock of the window, and the PIN. A locked window shows no names; sync goes on behind it.
//!
//! The lock hides what the worker sees. It is not for commands of the command line: whoever may run
//! those on the device may read its files as well.

use tokio::task::JoinHandle;

use crate::domain::ids::ProfileId;
use crate::domain::protection::{PinRule, PinState, Unlock};
use crate::error::{UserError, UserErrorKind};
use crate::session::idle_lock::IdleLock;
use crate::session::pin::Pin;
use crate::sync::driver::Message;

use super::super::profile::Profile;
use super::super::state::{Command, NoticeKind, PinSettings, Progress};
use super::{Input, Worker};

/// Whether the window is locked, and when it will be.
pub(super) struct Locking {
    idle: IdleLock,
    deadline: Option<JoinHandle<()>>,
    /// Whether the password was given for what is in front: its PIN may be set without the old one.
    pub(super) is_password_fresh: bool,
}

impl Locking {
    pub(super) fn new(idle: IdleLock) -> Self {
        Self { idle, deadline: None, is_password_fresh: false }
    }
}

impl Worker {
    /// Locks the window if nobody touched it for long enough. Called before anything else is heard,
    /// so that the first touch after a suspend can't come before the lock.
    pub(super) async fn lock_if_idle(&mut self) {
        let now = self.device.platform().clock().read();
        if self.front.is_some() && !self.state.is_locked && self.locking.idle.is_due_at(&now) {
            tracing::info!("nobody touched the window: it is locked");
            self.lock();
            self.show_people().await;
        }
    }

    /// Hides everybody's names until somebody opens a profile.
    pub(super) fn lock(&mut self) {
        self.state.is_locked = self.front.is_some();
        self.state.undo = None;
        self.test_scanner(false);
        self.state.unlocking = Progress::Idle;
        self.state.setting_pin = Progress::Idle;
        self.locking.is_password_fresh = false;
        if let Some(deadline) = self.locking.deadline.take() {
            deadline.abort();
        }
    }

    /// Locks the window if the profile in front takes more than a tap: at a start, or when another
    /// process has put it there.
    pub(super) async fn lock_what_takes_proof(&mut self) {
        let Some(front) = self.front_id() else { return };
        let known = self.device.known_profile(&front).await.ok().flatten();
        if known.map(|known| self.device.unlock_of(&known)) != Some(Unlock::Tap) {
            self.lock();
        }
    }

    /// Counts from anew how long nobody touches the window. There is one timer at most, and it is
    /// not set back by each touch: when it is over, it looks how long there is left.
    pub(super) fn touch(&mut self) {
        self.locking.idle.touch(self.device.platform().clock().read());
        self.wait_for_idle();
    }

    fn wait_for_idle(&mut self) {
        let now = self.device.platform().clock().read();
        let is_waiting = self.locking.deadline.is_some();
        let is_open = self.front.is_some() && !self.state.is_locked;
        let Some(left) = self.locking.idle.remaining_at(&now) else { return };
        if is_waiting || !is_open {
            return;
        }
        let mailbox = self.mailbox.clone();
        self.locking.deadline = Some(tokio::spawn(async move {
            tokio::time::sleep(left).await;
            mailbox.put(Input::IdleDeadline);
        }));
    }

    /// The timer is over. Whether it is time to lock was looked at before.
    pub(super) fn idle_deadline(&mut self) {
        self.locking.deadline = None;
        self.wait_for_idle();
    }

    /// What may be asked of a locked window.
    pub(super) fn is_allowed_when_locked(command: &Command) -> bool {
        !matches!(
            command,
            Command::Activate { .. }
                | Command::Scanned { .. }
                | Command::ScannedInVain(_)
                | Command::TryScan { .. }
                | Command::Leave
                | Command::Undo { .. }
                | Command::Decide { .. }
                | Command::MarkSeen { .. }
                | Command::SignOut { .. }
                | Command::SetPin { .. }
                | Command::SetServer { .. }
                | Command::ReadSetUpCode { .. }
                | Command::UseSetUpCode
        )
    }

    /// Does what a person asks for about the lock, the PIN and the keyring.
    pub(super) async fn protect(&mut self, command: Command) -> Result<(), UserError> {
        match command {
            Command::Lock => {
                self.lock();
                self.show_people().await;
            }
            Command::Unlock { profile, pin } => self.unlock(profile, pin),
            Command::SetPin { current, new } => self.set_pin(current, new)?,
            Command::UnlockKeyring => self.unlock_keyring(),
            _ => {}
        }
        Ok(())
    }

    /// Opens a profile beside everything else: checking a PIN takes a moment on purpose.
    fn unlock(&mut self, profile: ProfileId, pin: Option<Pin>) {
        if self.state.unlocking == Progress::Busy {
            return;
        }
        self.state.unlocking = Progress::Busy;
        self.publish_state();
        let (device, mailbox) = (self.device.clone(), self.mailbox.clone());
        tokio::spawn(async move {
            let result = device.unlock(&profile, pin).await;
            mailbox.put(Input::Unlocked(Box::new(result)));
        });
    }

    pub(super) async fn unlocked(&mut self, result: Result<Profile, UserError>) {
        match result {
            Ok(profile) => {
                self.state.unlocking = Progress::Idle;
                self.bring_to_front(profile).await;
                self.open_window();
                self.tell(Message::Appeared);
            }
            Err(error) => {
                tracing::info!(kind = error.kind().as_str(), "a profile was not opened");
                self.state.unlocking = Progress::Failed(error.kind());
            }
        }
        self.show_people().await;
    }

    /// Shows names again.
    pub(super) fn open_window(&mut self) {
        self.state.is_locked = false;
        self.touch();
    }

    /// Sets, changes or removes the PIN of the profile in front.
    fn set_pin(&mut self, current: Option<Pin>, new: Option<Pin>) -> Result<(), UserError> {
        let id = self.profile()?.id().clone();
        if self.state.setting_pin == Progress::Busy {
            return Ok(());
        }
        let needs_current = self.state.pin.needs_current;
        self.state.setting_pin = Progress::Busy;
        self.publish_state();
        let (device, mailbox) = (self.device.clone(), self.mailbox.clone());
        tokio::spawn(async move {
            let result = async {
                match (needs_current, current) {
                    (true, Some(current)) => device.check_pin(&id, current).await?,
                    (true, None) => return Err(UserErrorKind::PinWrong.into()),
                    (false, _) => {}
                }
                let is_set = new.is_some();
                device.set_pin(&id, new).await?;
                Ok(is_set)
            };
            mailbox.put(Input::PinSet(result.await));
        });
        Ok(())
    }

    pub(super) async fn pin_set(&mut self, result: Result<bool, UserError>) {
        match result {
            Ok(is_set) => {
                self.state.setting_pin = Progress::Idle;
                let kind = if is_set { NoticeKind::PinSet } else { NoticeKind::PinRemoved };
                self.notice(kind, None);
            }
            Err(error) if error.kind() == UserErrorKind::PinBlocked => self.lock(),
            Err(error) => self.state.setting_pin = Progress::Failed(error.kind()),
        }
        self.show_people().await;
    }

    /// What can be done about the PIN of the profile in front.
    pub(super) fn pin_settings(&self, pin: PinState) -> PinSettings {
        let rule = self.device.config().pin.value;
        let is_set = pin != PinState::None;
        PinSettings {
            can_set: rule != PinRule::Off,
            can_remove: is_set && rule == PinRule::Optional,
            is_set,
            must_be_set: rule == PinRule::Required && !is_set,
            needs_current: is_set && !self.locking.is_password_fresh,
        }
    }
}
