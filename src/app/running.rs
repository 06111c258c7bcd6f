//! A profile with its engine running beside the window.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::domain::ids::ProfileId;
use crate::error::UserError;
use crate::session::secret_store::StoredToken;
use crate::sync::driver::Message;
use crate::sync::ports::Listener;

use super::platform::{Platform, Watch};
use super::profile::{Profile, SecretsState};

/// What is known of the token. It is read beside everything else, since a keyring may take its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSeen {
    /// Nobody has looked yet.
    Unread,
    /// The place where it is does not give it.
    OutOfReach(SecretsState),
    /// It was read; `None` if there is none.
    Read(Option<StoredToken>),
}

/// An open profile. Its engine runs once the token was read; what is recorded before that is in the
/// database, where the engine finds it. Dropping this ends the engine; what was on its way then is
/// known at the next start.
pub struct Running {
    profile: Profile,
    engine: Option<mpsc::UnboundedSender<Message>>,
    /// What is known of the token.
    pub token: TokenSeen,
    /// How often in a row the token could not be read.
    pub token_failures: u32,
    token_deadline: Option<JoinHandle<()>>,
    _others: Option<Watch>,
}

impl Running {
    /// Takes a profile, without its engine. `on_others` is called when another process records
    /// something for it.
    pub fn new(
        profile: Profile,
        platform: &Arc<dyn Platform>,
        on_others: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        let others = platform.watch_others(profile.folder(), on_others);
        Self {
            profile,
            engine: None,
            token: TokenSeen::Unread,
            token_failures: 0,
            token_deadline: None,
            _others: others,
        }
    }

    /// Starts the engine with a token, unless it runs.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn start_engine(
        &mut self,
        token: Option<StoredToken>,
        news: Listener,
    ) -> Result<(), UserError> {
        if self.engine.is_none() {
            let driver = self.profile.engine_with(news, token).await?;
            let (engine, inbox) = mpsc::unbounded_channel();
            tokio::spawn(driver.run(inbox));
            self.engine = Some(engine);
        }
        Ok(())
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Whose it is.
    pub fn id(&self) -> &ProfileId {
        self.profile.id()
    }

    /// Whether the engine runs.
    pub fn has_engine(&self) -> bool {
        self.engine.is_some()
    }

    /// Tells the engine something. One that does not run yet finds everything in the database.
    pub fn tell(&self, message: Message) {
        if let Some(engine) = &self.engine
            && engine.send(message).is_err()
        {
            tracing::error!("the engine has stopped");
        }
    }

    /// Calls `wake` when the token comes near its end, and when it is there.
    pub fn wake_at_token_deadline(
        &mut self,
        left: Duration,
        warning: Duration,
        wake: impl FnOnce() + Send + 'static,
    ) {
        let wait = if left > warning { left.saturating_sub(warning) } else { left };
        if let Some(earlier) = self.token_deadline.take() {
            earlier.abort();
        }
        if wait.is_zero() {
            return;
        }
        self.token_deadline = Some(tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            wake();
        }));
    }
}
