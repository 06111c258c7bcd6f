//! Whose engine runs: set-up, sign-in, sign-out, and what starts and ends with them.

use std::time::Duration;

use crate::domain::ids::ProfileId;
use crate::error::{UserError, UserErrorKind};
use crate::glue::Password;
use crate::sync::driver::Message;

use super::super::profile::Profile;
use super::super::running::Running;
use super::super::state::{Progress, SecondFactor};
use super::secrets::Reading;
use super::{Input, Worker};

/// How long after a first try a signed-out user is removed again; then twice as long each time.
const REMOVE_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How often that is tried before it is left to the next start.
const REMOVALS_MAX: u32 = 8;

/// How far the removal of signed-out users is whose files could not be removed at once.
#[derive(Default)]
pub(super) struct Removals {
    tried: u32,
    is_timer_set: bool,
}

impl Worker {
    /// Signs in beside everything else: the window goes on answering meanwhile.
    pub(super) fn sign_in(&mut self, username: String, password: Password) {
        if self.state.sign_in == Progress::Busy {
            return;
        }
        self.state.sign_in = Progress::Busy;
        self.publish_state();
        let (device, mailbox) = (self.device.clone(), self.mailbox.clone());
        tokio::spawn(async move {
            let result = device.sign_in(&username, password).await;
            mailbox.put(Input::SignedIn(Box::new(result)));
        });
    }

    pub(super) async fn signed_in(&mut self, result: Result<Profile, UserError>) {
        self.state.sign_in = match &result {
            Ok(_) => Progress::Idle,
            Err(error) => Progress::Failed(error.kind()),
        };
        if let Ok(profile) = result {
            self.bring_to_front(profile).await;
            self.locking.is_password_fresh = true;
            self.open_window();
            if let Some(running) = &self.front {
                self.read_token(running, Reading::SignedIn);
            }
        }
        self.show_people().await;
    }

    /// Signs the user out. What waits is sent by an engine that goes on out of sight.
    pub(super) async fn sign_out(&mut self, discard: bool) -> Result<(), UserError> {
        let profile = self.profile()?.clone();
        self.front = None;
        self.lock();
        let signed_out = self.device.sign_out(&profile, discard).await;
        self.state.sign_in = Progress::Idle;
        self.open_back().await;
        self.show_people().await;
        signed_out.map(|_| ())
    }

    /// Puts a profile in front. Who was there before goes on out of sight if something of theirs
    /// waits.
    pub(super) async fn bring_to_front(&mut self, profile: Profile) {
        let is_same = |running: &Running| {
            running.id() == profile.id() && running.profile().secrets_in() == profile.secrets_in()
        };
        if self.front.as_ref().is_some_and(is_same) {
            return;
        }
        let in_back = self.back.iter().position(is_same);
        let running = match in_back {
            Some(place) => self.back.swap_remove(place),
            None => self.open_running(profile),
        };
        self.state.second_factor = SecondFactor::default();
        // What came of somebody's tap is not for the next person to read.
        self.state.notice = None;
        self.state.undo = None;
        let before = self.front.replace(running);
        if let Some(before) = before.filter(|before| !self.is_front(before.id())) {
            self.send_in_back(before).await;
        }
    }

    /// Keeps an engine going if it has something to send, or to look after.
    pub(super) async fn send_in_back(&mut self, running: Running) {
        // One that can't be read is kept as well: nothing is known to be done.
        if !running.profile().store().is_at_rest().await.unwrap_or_default() {
            self.back.push(running);
        }
    }

    /// Another process signed somebody in or out.
    pub(super) async fn follow_device(&mut self) {
        let front = self.device.profile_in_front().await;
        match front {
            Ok(Some(profile)) if Some(profile.id()) != self.front_id().as_ref() => {
                self.bring_to_front(profile).await;
                self.lock();
                self.lock_what_takes_proof().await;
            }
            Ok(None) if self.front.is_some() => {
                self.front = None;
                self.lock();
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "who is in front could not be read"),
        }
        self.open_back().await;
        self.finish_sign_outs().await;
        self.show_people().await;
    }

    /// Ends the engines that have nothing to send any more, and signs out for good who waited only
    /// for that.
    pub(super) async fn finish_sign_outs(&mut self) {
        for running in std::mem::take(&mut self.back) {
            self.send_in_back(running).await;
        }
        match self.device.finish_sign_outs().await {
            Ok(true) => self.removals.tried = 0,
            Ok(false) => self.remove_again_later(),
            Err(error) => {
                tracing::warn!(%error, "a signed-out user could not be removed");
                self.remove_again_later();
            }
        }
    }

    /// Another process may have had the files open, or the keyring been locked.
    fn remove_again_later(&mut self) {
        // Whatever else has the removal tried meanwhile uses up none of its tries.
        if self.removals.is_timer_set || self.removals.tried >= REMOVALS_MAX {
            // What is left after the last is removed at the next start.
            return;
        }
        let wait = REMOVE_AGAIN_AFTER.saturating_mul(1 << self.removals.tried);
        self.removals = Removals { tried: self.removals.tried + 1, is_timer_set: true };
        let mailbox = self.mailbox.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            mailbox.put(Input::RemoveAgain);
        });
    }

    /// The time for the next try has come.
    pub(super) async fn remove_again(&mut self) {
        self.removals.is_timer_set = false;
        self.finish_sign_outs().await;
        self.show_people().await;
    }

    pub(super) fn demo_offline(&mut self, is_offline: bool) {
        self.demo.iter().for_each(|demo| demo.set_offline(is_offline));
        if let Some(state) = self.state.demo.as_mut() {
            state.is_offline = is_offline;
        }
        self.publish_state();
        if !is_offline {
            self.tell(Message::Reconnected);
        }
    }

    pub(super) async fn open_front(&mut self) -> Result<(), UserError> {
        if self.device.config().server_url.value.is_none() {
            return Ok(());
        }
        if let Some(profile) = self.device.profile_in_front().await? {
            self.bring_to_front(profile).await;
            self.lock_what_takes_proof().await;
        }
        Ok(())
    }

    /// Opens a profile and reads its token, with which its engine will start.
    fn open_running(&self, profile: Profile) -> Running {
        let (mailbox, id) = (self.mailbox.clone(), profile.id().clone());
        let on_others = Box::new(move || mailbox.put(Input::OthersRecorded(id.clone())));
        let running = Running::new(profile, self.device.platform(), on_others);
        self.read_token(&running, Reading::Opened);
        running
    }

    /// Opens every profile that is not in front and has something to send: of people who signed out
    /// or handed the device over, and of servers that the device was set up for before.
    pub(super) async fn open_back(&mut self) {
        let front = self.front_id();
        let profiles = match self.device.profiles_to_send_for(front.as_ref()).await {
            Ok(profiles) => profiles,
            Err(error) => {
                tracing::error!(%error, "what waits for others could not be read");
                return;
            }
        };
        for profile in profiles {
            if !self.back.iter().any(|running| running.id() == profile.id()) {
                let running = self.open_running(profile);
                self.back.push(running);
            }
        }
    }

    /// Hears of other processes that sign somebody in or out.
    pub(super) fn watch_sign_ins(&mut self) {
        let mailbox = self.mailbox.clone();
        self._sign_ins = self.device.watch_sign_ins(Box::new(move || {
            mailbox.put(Input::OthersSignedInOrOut);
        }));
    }

    pub(super) fn watch_device(&mut self) {
        let mailbox = self.mailbox.clone();
        self._device_events = self.device.platform().watch_device(Box::new(move |event| {
            mailbox.put(Input::Device(event));
        }));
    }

    pub(super) fn profile(&self) -> Result<&Profile, UserError> {
        self.front.as_ref().map(Running::profile).ok_or_else(|| UserErrorKind::NotSignedIn.into())
    }

    pub(super) fn tell(&self, message: Message) {
        if let Some(running) = &self.front {
            running.tell(message);
        }
    }

    pub(super) fn front_id(&self) -> Option<ProfileId> {
        self.front.as_ref().map(|running| running.id().clone())
    }

    pub(super) fn is_front(&self, id: &ProfileId) -> bool {
        self.front.as_ref().is_some_and(|running| running.id() == id)
    }

    /// An open profile, in front or not.
    pub(super) fn running_mut(&mut self, id: &ProfileId) -> Option<&mut Running> {
        self.front.iter_mut().chain(&mut self.back).find(|running| running.id() == id)
    }

    /// Tells every engine something.
    pub(super) fn tell_all(&self, message: impl Fn() -> Message) {
        self.front.iter().chain(&self.back).for_each(|running| running.tell(message()));
    }
}
