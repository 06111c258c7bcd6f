//! Signing in by password.

use crate::domain::ids::ProfileId;
use crate::domain::time::{Moment, ServerAnchor};
use crate::glue::{GlueClient, GlueFailure, Password};

use super::secret_store::StoredToken;

/// Who signed in. A token is filed by the user it names, never by what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The user and the server.
    pub profile: ProfileId,
    /// Their token.
    pub token: StoredToken,
}

/// Why nobody signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// User name or password are wrong, or the user is not active: the server does not tell which.
    #[error("the server refused user name and password")]
    Refused,
    /// The token names no user that could have assignments.
    #[error("the server's token names no user")]
    NoUserInToken,
    /// Anything else.
    #[error("signing in failed: {0:?}")]
    Failure(GlueFailure),
}

/// Exchanges user name and password for a token.
///
/// # Errors
/// Why there is none.
pub async fn sign_in(
    client: &GlueClient,
    username: &str,
    password: Password,
) -> Result<SignedIn, SignInError> {
    let exchange = client.sign_in(username, password).await;
    let token = exchange.result.map_err(|failure| match failure {
        GlueFailure::Refused { code, .. } if code == "invalid_grant" => SignInError::Refused,
        GlueFailure::NoUserInToken => SignInError::NoUserInToken,
        other => SignInError::Failure(other),
    })?;
    let answered_at = exchange.answered_at;
    let anchor = exchange.server_date.map(|server| ServerAnchor {
        server,
        boot_id: answered_at.boot_id,
        since_boot: answered_at.since_boot,
    });
    let received_at = Moment::new(answered_at, anchor.as_ref());
    Ok(SignedIn {
        profile: ProfileId { origin: client.origin().clone(), user: token.user },
        token: StoredToken::received(token, received_at),
    })
}
