//! Forgetting old settled changes while nobody does anything: a little, now and then.

use std::time::Duration;

use crate::domain::time::Moment;
use crate::domain::view::Activity;

use super::{Input, Worker};

/// How long after the last news it is quiet enough.
const QUIET: Duration = Duration::from_secs(20);
/// How long between two small steps, so that a tap gets in between.
const BETWEEN_STEPS: Duration = Duration::from_secs(1);
/// How long nothing is looked for once all that is old is gone.
const PAUSE: Duration = Duration::from_secs(12 * 3600);

/// What is known about tidying.
#[derive(Debug, Default)]
pub(super) struct Tidying {
    is_due: bool,
    done_at: Option<Moment>,
}

impl Worker {
    /// Begins in a quiet moment, unless that was done not long ago.
    pub(super) fn tidy_later(&mut self) {
        let now = Moment::new(self.device.platform().clock().read(), None);
        let was_done = self.tidying.done_at.is_some_and(|done| done.elapsed_at_least(&now) < PAUSE);
        if !self.tidying.is_due && !was_done {
            self.tidying.is_due = true;
            self.tidy_after(QUIET);
        }
    }

    pub(super) async fn tidy(&mut self) {
        let is_quiet = |view: &crate::domain::view::ProfileView| {
            view.activity == Activity::Idle && view.waiting().is_none()
        };
        let Some(running) = &self.front else {
            self.tidying.is_due = false;
            return;
        };
        if !self.state.profile.as_ref().is_some_and(is_quiet) {
            // What settles it is news, and comes here again.
            self.tidying.is_due = false;
            return;
        }
        match running.profile().forget_old().await {
            Ok(true) => self.tidy_after(BETWEEN_STEPS),
            Ok(false) => {
                self.tidying.is_due = false;
                let now = self.device.platform().clock().read();
                self.tidying.done_at = Some(Moment::new(now, None));
            }
            Err(error) => {
                tracing::warn!(%error, "old changes could not be forgotten");
                self.tidying.is_due = false;
            }
        }
    }

    fn tidy_after(&self, wait: Duration) {
        let mailbox = self.mailbox.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            mailbox.put(Input::Tidy);
        });
    }
}
