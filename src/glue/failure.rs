//! Everything that can come back instead of what was asked for (design section 4, 'Answers').

use std::time::Duration;

use crate::domain::connection::{Connection, TlsProblem};

/// Why an exchange did not come to what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlueFailure {
    /// Nobody could be reached; nothing left this device.
    Offline,
    /// Time-out, reset or cut after the first byte may have left.
    Cut,
    /// The connection could not be made safe; nothing left this device.
    Tls(TlsProblem),
    /// PATCH: 404 `5201`, the assignment is not there.
    NotFound,
    /// PATCH: answered as done, but not with what was wished.
    NotAsWished,
    /// The server understood and refused.
    Refused {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// 403 `5900` or, if a code was `wrong`, `5901`.
    NeedsCode {
        /// Whether a code was sent and refused.
        wrong: bool,
    },
    /// The token is over or was never valid.
    TokenOver,
    /// 401 or 403 without a code: the token is missing or over, or may not do this.
    NotAuthorized,
    /// 403 `5204`: the server no longer knows this account.
    AccountUnknown,
    /// Something between here and the server answered in its place.
    CaptivePortal,
    /// 407: a proxy wants a sign-in.
    ProxySignIn,
    /// Something answers there that is not a Glue backend of a known version.
    WrongServer {
        /// Whether it is certain that a PATCH had no effect.
        outcome_known: bool,
    },
    /// The server is in trouble, or wants to be left alone.
    ServerTrouble {
        /// The status, if there was one.
        status: Option<u16>,
        /// How long it wants to be left alone; at most an hour.
        retry_after: Option<Duration>,
    },
    /// The token names no user that could have assignments.
    NoUserInToken,
}

impl GlueFailure {
    /// How it stands with the server after this.
    pub fn connection(&self) -> Connection {
        match self {
            Self::Offline | Self::Cut => Connection::Offline,
            Self::Tls(problem) => Connection::TlsFailed(*problem),
            Self::NotFound | Self::NotAsWished | Self::Refused { .. } => Connection::Online,
            Self::NeedsCode { .. } => Connection::NeedsCode,
            Self::TokenOver => Connection::SignInAgain,
            Self::NotAuthorized | Self::AccountUnknown | Self::NoUserInToken => {
                Connection::NotAllowed
            }
            Self::CaptivePortal | Self::ProxySignIn => Connection::WifiSignIn,
            Self::WrongServer { .. } => Connection::WrongServer,
            Self::ServerTrouble { .. } => Connection::ServerTrouble,
        }
    }

    /// How long the server wants to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::ServerTrouble { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether a PATCH that ended so may have taken effect: everything that is not an answer of
    /// Glue with a status that says it did not.
    pub fn leaves_outcome_unknown(&self) -> bool {
        match self {
            Self::Cut
            | Self::NotAsWished
            | Self::CaptivePortal
            | Self::ProxySignIn
            | Self::WrongServer { outcome_known: false }
            | Self::ServerTrouble { .. } => true,
            Self::Offline
            | Self::Tls(_)
            | Self::NotFound
            | Self::Refused { .. }
            | Self::NeedsCode { .. }
            | Self::TokenOver
            | Self::NotAuthorized
            | Self::AccountUnknown
            | Self::WrongServer { outcome_known: true }
            | Self::NoUserInToken => false,
        }
    }
}
