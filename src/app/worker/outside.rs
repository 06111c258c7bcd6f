//! Set-up by address or by code, and the report for support.

use crate::config::Config;
use crate::config::set_up::{self, SetUp, SetUpRefused};
use crate::domain::ids::ServerOrigin;
use crate::error::{UserError, UserErrorKind};

use super::super::state::{Command, Progress, ServerSetting};
use super::{Input, Worker, server_setting};

impl Worker {
    /// What reaches beyond the app's own data.
    pub(super) async fn outside(&mut self, command: Command) -> Result<(), UserError> {
        match command {
            Command::SetServer { address } => {
                self.try_server(&address);
                Ok(())
            }
            Command::ReadSetUpCode { text } => self.read_set_up_code(&text).await,
            Command::UseSetUpCode => self.use_set_up_code().await,
            Command::DropSetUpCode => {
                self.state.set_up_code = None;
                self.publish_state();
                Ok(())
            }
            Command::SaveReport => self.save_report().await,
            _ => Ok(()),
        }
    }

    /// Tries a server, beside everything else. Nothing is kept before it has answered.
    fn try_server(&mut self, address: &str) {
        if self.state.set_up == Progress::Busy {
            return;
        }
        let origin = match ServerOrigin::parse(address) {
            Ok(origin) => origin,
            Err(error) => {
                tracing::info!(%error, "the server address was not accepted");
                self.state.set_up = Progress::Failed(UserErrorKind::AddressNotAllowed);
                return self.publish_state();
            }
        };
        self.state.set_up = Progress::Busy;
        self.publish_state();
        let (device, mailbox) = (self.device.clone(), self.mailbox.clone());
        tokio::spawn(async move {
            let tried = device.try_server(&origin).await;
            mailbox.put(Input::ServerTried(origin, tried));
        });
    }

    /// Makes a server that answered as it should this device's.
    pub(super) async fn server_tried(
        &mut self,
        origin: &ServerOrigin,
        tried: Result<(), UserError>,
    ) -> Result<(), UserError> {
        let chosen = tried.and_then(|()| self.outside.set_server(origin));
        match chosen {
            Ok(config) => self.configure(config).await?,
            Err(error) => {
                tracing::info!(%error, "the server address was not accepted");
                self.state.set_up = Progress::Failed(error.kind());
            }
        }
        self.show().await;
        Ok(())
    }

    /// Goes on with a newly read configuration.
    async fn configure(&mut self, config: Config) -> Result<(), UserError> {
        self.device = self.device.with_config(config);
        self.state.set_up = Progress::Idle;
        self.state.server = server_setting(self.device.config());
        self.state.support_text.clone_from(&self.device.config().support_text.value);
        if let Some(before) = self.front.take() {
            self.send_in_back(before).await;
        }
        self.open_front().await?;
        self.open_back().await;
        self.show_people().await;
        Ok(())
    }

    /// Offers what a scanned set-up code brings: nothing is changed before somebody agrees.
    async fn read_set_up_code(&mut self, text: &str) -> Result<(), UserError> {
        self.state.set_up_code = None;
        let read = set_up::read(text, self.device.config()).map_err(|refused| {
            tracing::warn!(reason = %refused, "a set-up code was refused");
            UserError::new(kind_of(&refused), format!("{refused}."))
        });
        let read = match read {
            Ok(set_up) => self.check_server_of(&set_up).await.map(|()| set_up),
            Err(error) => Err(error),
        };
        self.offered(read)
    }

    fn offered(&mut self, read: Result<SetUp, UserError>) -> Result<(), UserError> {
        self.state.set_up = match &read {
            Ok(_) => Progress::Idle,
            Err(error) => Progress::Failed(error.kind()),
        };
        self.state.set_up_code = Some(read?);
        self.publish_state();
        Ok(())
    }

    /// A code never takes a device away from a server while changes wait for that.
    async fn check_server_of(&self, set_up: &SetUp) -> Result<(), UserError> {
        let (Some(new), ServerSetting::Set { origin, is_locked }) =
            (&set_up.server, &self.state.server)
        else {
            return Ok(());
        };
        if new == origin {
            return Ok(());
        }
        if *is_locked {
            return Err(UserErrorKind::AddressNotAllowed.into());
        }
        for known in self.device.known_profiles().await? {
            if known.profile.origin == *origin
                && self.device.open_profile(&known)?.store().unsettled_count().await? > 0
            {
                return Err(UserErrorKind::ChangesWait.into());
            }
        }
        Ok(())
    }

    async fn use_set_up_code(&mut self) -> Result<(), UserError> {
        let Some(set_up) = self.state.set_up_code.take() else { return Ok(()) };
        // Something may have been recorded since it was offered.
        let used = match self.check_server_of(&set_up).await {
            Ok(()) => self.outside.use_set_up(&set_up),
            Err(error) => Err(error),
        };
        if let Err(error) = &used {
            self.state.set_up = Progress::Failed(error.kind());
        }
        let config = used?;
        tracing::info!(is_signed = set_up.is_signed(), "the device was set up by a code");
        self.configure(config).await?;
        self.show().await;
        Ok(())
    }

    async fn save_report(&mut self) -> Result<(), UserError> {
        let report = self.device.report().await;
        self.state.report = Some(self.outside.save_report(report)?);
        self.publish_state();
        Ok(())
    }
}

fn kind_of(refused: &SetUpRefused) -> UserErrorKind {
    match refused {
        SetUpRefused::NotACode
        | SetUpRefused::Newer
        | SetUpRefused::NotASetting(_)
        | SetUpRefused::KeyOfIt(_)
        | SetUpRefused::Value { .. } => UserErrorKind::SetUpCode,
        SetUpRefused::NotSigned | SetUpRefused::Stranger | SetUpRefused::MoreThanTheAddress => {
            UserErrorKind::SetUpCodeNotTrusted
        }
    }
}
