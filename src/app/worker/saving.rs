//! Whether anything can be saved. Where nothing can, the window says so until something can again.

use std::time::Duration;

use crate::domain::view::Storage;
use crate::sync::driver::Message;

use super::{Input, Worker};

/// How long until it is tried again for the first time. Each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait until the next try.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What is known about saving.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// The wait before the next try; `None` while things can be saved, as far as is known.
    wait: Option<Duration>,
}

impl Saving {
    /// How the files are to be shown.
    pub(super) fn shown(&self, storage: Storage) -> Storage {
        if self.wait.is_some() { Storage::Failed } else { storage }
    }
}

impl Worker {
    /// Nothing could be saved: says so, and tries again later.
    pub(super) fn saving_failed(&mut self) {
        if self.saving.wait.is_none() {
            self.saving.wait = Some(FIRST_WAIT);
            self.try_saving_after(FIRST_WAIT);
        }
        if let Some(profile) = self.state.profile.as_mut() {
            profile.storage = Storage::Failed;
        }
        self.publish_state();
    }

    /// Tries whether something can be saved again.
    pub(super) async fn try_saving(&mut self) {
        let Some(waited) = self.saving.wait else { return };
        let is_well = match &self.front {
            Some(running) => running.profile().store().probe().await.is_ok(),
            None => true,
        };
        if is_well {
            self.saving.wait = None;
            self.tell(Message::SendNow);
            self.show().await;
        } else {
            let wait = waited.saturating_mul(2).min(LONGEST_WAIT);
            self.saving.wait = Some(wait);
            self.try_saving_after(wait);
        }
    }

    fn try_saving_after(&self, wait: Duration) {
        let mailbox = self.mailbox.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            mailbox.put(Input::TrySaving);
        });
    }
}
