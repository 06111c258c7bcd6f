//! The code of the second factor: typed, refused, and sent anew.

use crate::error::UserError;
use crate::glue::SecondFactorCode;
use crate::sync::driver::Message;

use super::super::state::{NewCode, SecondFactor};
use super::{Input, Worker};

impl Worker {
    pub(super) fn enter_code(&mut self, code: SecondFactorCode) {
        self.state.second_factor = SecondFactor::default();
        self.tell(Message::Code(code));
        self.publish_state();
    }

    pub(super) fn code_refused(&mut self) {
        self.state.second_factor.is_code_refused = true;
        self.publish_state();
    }

    /// Asks beside everything else: the window goes on answering meanwhile.
    pub(super) fn send_new_code(&mut self) -> Result<(), UserError> {
        if self.state.second_factor.new_code == NewCode::Asked {
            return Ok(());
        }
        let (profile, mailbox) = (self.profile()?.clone(), self.mailbox.clone());
        self.state.second_factor = SecondFactor { new_code: NewCode::Asked, ..Default::default() };
        tokio::spawn(async move {
            let result = profile.send_new_code().await;
            mailbox.put(Input::NewCode(result));
        });
        self.publish_state();
        Ok(())
    }

    pub(super) fn new_code(&mut self, result: Result<(), UserError>) {
        self.state.second_factor.new_code = match result {
            Ok(()) => NewCode::Sent,
            Err(error) => {
                tracing::info!(%error, "no new code was sent");
                NewCode::Failed(error.kind())
            }
        };
        self.publish_state();
    }
}
