//! Whether a server can be used, before it is made this device's.

use crate::domain::ids::ServerOrigin;
use crate::error::{UserError, UserErrorKind};

use super::Device;

impl Device {
    /// Asks a server for nothing in particular.
    ///
    /// # Errors
    /// What is in the way: its address, the network, the safety of the connection, or that no Glue
    /// backend answers there.
    pub async fn try_server(&self, origin: &ServerOrigin) -> Result<(), UserError> {
        let Err(failure) = self.client(origin)?.try_out().await else { return Ok(()) };
        let error = UserError::from(&failure);
        if error.kind() != UserErrorKind::ServerUnreachable {
            return Err(error);
        }
        Err(why_unreachable(origin).await.into())
    }
}

/// Nobody answered: whether it is the name, or what it stands for.
async fn why_unreachable(origin: &ServerOrigin) -> UserErrorKind {
    let url = origin.as_url();
    let port = url.port_or_known_default().unwrap_or_default();
    let found = tokio::net::lookup_host((origin.host().trim_matches(['[', ']']), port)).await;
    match found.ok().and_then(|mut addresses| addresses.next()) {
        Some(_) => UserErrorKind::NothingAnswers,
        None => UserErrorKind::ServerNameUnknown,
    }
}
