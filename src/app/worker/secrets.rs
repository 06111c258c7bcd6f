//! Reading tokens beside everything else. A keyring that is locked or does not answer is asked again
//! after a while: the list is shown, taps are recorded, and nothing is sent until then.

use std::time::Duration;

use crate::domain::ids::ProfileId;
use crate::session::secret_store::{SecretStoreError, StoredToken};
use crate::sync::driver::Message;
use crate::sync::ports::News;

use super::super::profile::SecretsState;
use super::super::running::{Running, TokenSeen};
use super::super::state::{NoticeKind, SecretsNote};
use super::{Input, Mailbox, Worker};

/// How long after a first failure the place is asked again; then twice as long each time.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// The longest wait between two questions.
const ASK_AGAIN_AFTER_MAX: Duration = Duration::from_secs(300);

/// Why a token is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The profile was opened, or its secrets were out of reach before.
    Opened,
    /// The user signed in.
    SignedIn,
    /// The engine knows it already, or finds it out by itself.
    Changed,
}

impl Worker {
    /// Reads a profile's token, and is told of it by a [`Input::TokenRead`].
    pub(super) fn read_token(&self, running: &Running, reading: Reading) {
        let (profile, mailbox) = (running.profile().clone(), self.mailbox.clone());
        tokio::spawn(async move {
            let result = profile.read_token().await;
            mailbox.put(Input::TokenRead { profile: profile.id().clone(), reading, result });
        });
    }

    pub(super) async fn token_read(
        &mut self,
        id: &ProfileId,
        reading: Reading,
        result: Result<Option<StoredToken>, SecretStoreError>,
    ) {
        let mailbox = self.mailbox.clone();
        let Some(running) = self.running_mut(id) else { return };
        match result {
            Ok(token) => {
                running.token_failures = 0;
                running.token = TokenSeen::Read(token.clone());
                if let Err(error) = start(running, token.clone(), &mailbox).await {
                    tracing::error!(%error, "the engine could not be started");
                    self.notice(NoticeKind::NotAccepted(error.kind()), None);
                } else if let Some(token) = token
                    && reading == Reading::SignedIn
                {
                    running.tell(Message::SignedIn(token));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a token could not be read; it is tried again");
                running.token = TokenSeen::OutOfReach(SecretsState::from(&error));
                let doublings = running.token_failures.min(10);
                running.token_failures += 1;
                let wait = ASK_AGAIN_AFTER.saturating_mul(1 << doublings).min(ASK_AGAIN_AFTER_MAX);
                let id = id.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(wait).await;
                    mailbox.put(Input::ReadTokenAgain(id));
                });
            }
        }
        self.show().await;
    }

    /// Asks those places again that did not give a token.
    pub(super) fn read_tokens_again(&self, only: Option<&ProfileId>) {
        for running in self.front.iter().chain(&self.back) {
            let is_out_of_reach = matches!(running.token, TokenSeen::OutOfReach(_));
            if is_out_of_reach && only.is_none_or(|id| running.id() == id) {
                self.read_token(running, Reading::Opened);
            }
        }
    }

    /// Has the person asked to unlock the keyring. The window goes on meanwhile.
    pub(super) fn unlock_keyring(&self) {
        let (device, mailbox) = (self.device.clone(), self.mailbox.clone());
        tokio::spawn(async move {
            if let Err(error) = device.ask_to_unlock_keyring().await {
                tracing::warn!(%error, "the keyring was not unlocked");
            }
            mailbox.put(Input::KeyringAsked);
        });
    }

    /// What the worker is told of the place where the secrets are.
    pub(super) fn secrets_note(&self) -> SecretsNote {
        use crate::store::SecretsIn;
        match &self.front {
            None => SecretsNote::Nobody,
            Some(running) if matches!(running.token, TokenSeen::OutOfReach(_)) => {
                SecretsNote::OutOfReach
            }
            Some(running) => match running.profile().secrets_in() {
                SecretsIn::File => SecretsNote::InFile,
                SecretsIn::Keyring => SecretsNote::InKeyring,
            },
        }
    }
}

async fn start(
    running: &mut Running,
    token: Option<StoredToken>,
    mailbox: &Mailbox,
) -> Result<(), crate::error::UserError> {
    let (mailbox, id) = (mailbox.clone(), running.id().clone());
    let news = Box::new(move |news: News| mailbox.put(Input::News(id.clone(), news)));
    running.start_engine(token, news).await
}
