//! Whose engine runs: set-up, sign-in, sign-out, and what starts and ends with them.

use crate::domain::ids::ServerOrigin;
use crate::error::{UserError, UserErrorKind};
use crate::glue::Password;
use crate::sync::driver::Message;
use crate::sync::ports::News;

use super::super::profile::Profile;
use super::super::running::Running;
use super::super::state::{NoticeKind, Progress, SecondFactor};
use super::{Input, Worker, server_setting};

impl Worker {
    pub(super) async fn set_server(&mut self, address: &str) -> Result<(), UserError> {
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
            let is_same =
                self.running.as_ref().is_some_and(|running| running.profile().id() == profile.id());
            if !is_same {
                self.start_engine(profile.clone()).await;
            }
            if let Ok(Some(token)) = profile.token().await {
                self.tell(Message::SignedIn(token));
            }
        }
        self.show().await;
    }

    /// Signs the user out. What waits is sent by an engine that goes on out of sight.
    pub(super) async fn sign_out(&mut self, discard: bool) -> Result<(), UserError> {
        let profile = self.profile()?.clone();
        self.running = None;
        let signed_out = self.device.sign_out(&profile, discard).await;
        self.state.sign_in = Progress::Idle;
        self.state.undo = None;
        self.open_signing_out().await;
        self.signing_out.iter().for_each(|running| running.tell(Message::SendNow));
        self.show().await;
        signed_out.map(|_| ())
    }

    /// Ends the engines that have nothing to send any more, and signs out for good who waited only
    /// for that.
    pub(super) async fn finish_sign_outs(&mut self) {
        let mut still = Vec::new();
        for running in std::mem::take(&mut self.signing_out) {
            match running.profile().store().unsettled_count().await {
                Ok(0) => drop(running),
                _ => still.push(running),
            }
        }
        self.signing_out = still;
        if let Err(error) = self.device.finish_sign_outs().await {
            tracing::warn!(%error, "a signed-out user could not be removed");
        }
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
            self.start_engine(profile).await;
        }
        Ok(())
    }

    pub(super) async fn start_engine(&mut self, profile: Profile) {
        self.state.second_factor = SecondFactor::default();
        let mailbox = self.mailbox.clone();
        let news = Box::new(move |news| {
            mailbox.put(Input::News(news));
        });
        let mailbox = self.mailbox.clone();
        let others = Box::new(move || {
            mailbox.put(Input::OthersRecorded);
        });
        match Running::start(profile, self.device.platform(), news, Some(others)).await {
            Ok(running) => self.running = Some(running),
            Err(error) => {
                tracing::error!(%error, "the engine could not be started");
                self.notice(NoticeKind::NotAccepted(error.kind()), None);
            }
        }
    }

    pub(super) async fn open_signing_out(&mut self) {
        self.signing_out.clear();
        let profiles = self
            .device
            .profiles_to_send_for(self.running.as_ref().map(|running| running.profile().id()))
            .await
            .unwrap_or_default();
        for profile in profiles {
            let mailbox = self.mailbox.clone();
            let news = Box::new(move |news| {
                if matches!(news, News::Stored(_)) {
                    mailbox.put(Input::MaybeSignedOut);
                }
            });
            if let Ok(running) = Running::start(profile, self.device.platform(), news, None).await {
                self.signing_out.push(running);
            }
        }
    }

    pub(super) fn watch_device(&mut self) {
        let mailbox = self.mailbox.clone();
        self._device_events = self.device.platform().watch_device(Box::new(move |event| {
            mailbox.put(Input::Device(event));
        }));
    }

    pub(super) fn profile(&self) -> Result<&Profile, UserError> {
        self.running.as_ref().map(Running::profile).ok_or_else(|| UserErrorKind::NotSignedIn.into())
    }

    pub(super) fn tell(&self, message: Message) {
        if let Some(running) = &self.running {
            running.tell(message);
        }
    }
}
