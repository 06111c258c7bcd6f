//! How user name and password become a profile and a token.

use crate::domain::ids::ProfileId;
use crate::domain::time::{Moment, ServerAnchor};
use crate::glue::{GlueClient, GlueFailure, Password};

use super::secret_store::StoredToken;

/// The code by which the server refuses user name or password (contract section 2.1).
const CREDENTIALS_REFUSED: &str = "invalid_grant";

/// Who signed in, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The user that the token names, who need not be the one that was typed.
    pub profile: ProfileId,
    /// Their token.
    pub token: StoredToken,
}

/// Why nobody was signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// User name or password were not accepted.
    #[error("user name or password were not accepted")]
    Refused,
    /// The token names no user with a uuid.
    #[error("the token names no user")]
    NoUserInToken,
    /// Anything else, as with any other question.
    #[error("the server gave no token")]
    Failure(GlueFailure),
}

/// Signs a user in, online. Nothing is kept yet.
///
/// # Errors
/// [`SignInError`] tells why not.
pub async fn sign_in(
    client: &GlueClient,
    username: &str,
    password: Password,
) -> Result<SignedIn, SignInError> {
    let exchange = client.sign_in(username, password).await;
    let token = exchange.result.map_err(SignInError::from)?;
    let reading = exchange.answered_at;
    let anchor = exchange.server_date.map(|server| ServerAnchor {
        server,
        boot_id: reading.boot_id,
        since_boot: reading.since_boot,
    });
    let received_at = Moment::new(reading, anchor.as_ref());
    let profile = ProfileId { origin: client.origin().clone(), user: token.user };
    Ok(SignedIn { profile, token: StoredToken::received(token, received_at) })
}

impl From<GlueFailure> for SignInError {
    fn from(failure: GlueFailure) -> Self {
        match failure {
            GlueFailure::Refused { code, .. } if code == CREDENTIALS_REFUSED => Self::Refused,
            GlueFailure::NoUserInToken => Self::NoUserInToken,
            other => Self::Failure(other),
        }
    }
}
