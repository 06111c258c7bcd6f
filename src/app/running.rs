//! A profile with its engine running beside the window.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::error::UserError;
use crate::sync::driver::Message;
use crate::sync::ports::Listener;

use super::platform::{Platform, Watch};
use super::profile::Profile;

/// An open profile whose engine runs. Dropping it ends the engine; what was on its way then is
/// known at the next start.
pub struct Running {
    profile: Profile,
    engine: mpsc::UnboundedSender<Message>,
    token_deadline: Option<JoinHandle<()>>,
    _others: Option<Watch>,
}

impl Running {
    /// Starts the engine of a profile.
    ///
    /// # Errors
    /// If the database or the secrets can't be read.
    pub async fn start(
        profile: Profile,
        platform: &Arc<dyn Platform>,
        news: Listener,
        on_others: Option<Box<dyn Fn() + Send + Sync>>,
    ) -> Result<Self, UserError> {
        let driver = profile.engine(news).await?;
        let (engine, inbox) = mpsc::unbounded_channel();
        tokio::spawn(driver.run(inbox));
        let others =
            on_others.and_then(|on_others| platform.watch_others(profile.folder(), on_others));
        Ok(Self { profile, engine, token_deadline: None, _others: others })
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Tells the engine something.
    pub fn tell(&self, message: Message) {
        if self.engine.send(message).is_err() {
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
