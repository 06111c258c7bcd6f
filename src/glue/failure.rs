//! What it means if a question was not answered as hoped.

use std::time::Duration;

use crate::domain::connection::{Connection, TlsProblem};

/// The outcome of a request that did not succeed. Each answer of the design's table is exactly one.
///
/// `outcome_known` tells of a PATCH whether it certainly had no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlueFailure {
    /// No connection came about (DNS, refused, unreachable, connect time-out): nothing left.
    Offline,
    /// It ended in a time-out, a reset or a cut after the first byte may have left.
    Cut,
    /// The connection could not be made safe, so nothing left.
    Tls(TlsProblem),
    /// PATCH: there is no such assignment (404 `5201`).
    NotFound,
    /// PATCH: 200, but the answer is about another assignment or shows another state.
    NotAsWished,
    /// The server refuses for good, in its own words.
    Refused {
        /// The Glue error code.
        code: String,
        /// The server's message, limited in length.
        message: String,
    },
    /// The server wants the code of the second factor.
    NeedsCode {
        /// Whether one was sent and not accepted.
        wrong: bool,
    },
    /// The token is not accepted any more.
    TokenOver,
    /// 401 or 403 without a code. With a token that just worked: this account may not do that.
    NotAuthorized,
    /// The server does not know the account any more (403 `5204`).
    AccountUnknown,
    /// Something in between answered: a portal that wants a sign-in of its own.
    CaptivePortal,
    /// The proxy wants a sign-in.
    ProxySignIn,
    /// What answers is no Glue backend, or none of a known version.
    WrongServer {
        /// Whether a PATCH certainly had no effect.
        outcome_known: bool,
    },
    /// The server is in trouble, or says something that has no better name.
    ServerTrouble {
        /// The HTTP status, if there was one.
        status: Option<u16>,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
        /// Whether a PATCH certainly had no effect.
        outcome_known: bool,
    },
    /// Sign-in: the token names no user with a uuid.
    NoUserInToken,
}

impl GlueFailure {
    /// Trouble without a status, before anything was sent.
    pub(super) const NOTHING_SENT: Self =
        Self::ServerTrouble { status: None, retry_after: None, outcome_known: true };

    /// Somebody answered, but not in HTTP.
    pub(super) const NO_HTTP: Self =
        Self::ServerTrouble { status: None, retry_after: None, outcome_known: false };

    /// How it stands with the server after this.
    pub fn connection(&self) -> Connection {
        match self {
            Self::Offline | Self::Cut => Connection::Offline,
            Self::Tls(problem) => Connection::TlsFailed(*problem),
            Self::NotFound | Self::NotAsWished | Self::Refused { .. } => Connection::Online,
            Self::NeedsCode { .. } => Connection::NeedsCode,
            Self::TokenOver => Connection::SignInAgain,
            Self::NotAuthorized | Self::NoUserInToken => Connection::NotAllowed,
            Self::AccountUnknown => Connection::AccountUnknown,
            Self::CaptivePortal => Connection::WifiSignIn,
            Self::ProxySignIn => Connection::ProxySignIn,
            Self::WrongServer { .. } => Connection::WrongServer,
            Self::ServerTrouble { .. } => Connection::ServerTrouble,
        }
    }

    /// How long the server asks to be left alone, at most an hour.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::ServerTrouble { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether a PATCH that ended so may have taken effect, or may yet.
    pub fn leaves_outcome_unknown(&self) -> bool {
        match self {
            Self::Cut | Self::NotAsWished | Self::CaptivePortal | Self::ProxySignIn => true,
            Self::WrongServer { outcome_known } | Self::ServerTrouble { outcome_known, .. } => {
                !outcome_known
            }
            Self::Offline
            | Self::Tls(_)
            | Self::NotFound
            | Self::Refused { .. }
            | Self::NeedsCode { .. }
            | Self::TokenOver
            | Self::NotAuthorized
            | Self::AccountUnknown
            | Self::NoUserInToken => false,
        }
    }
}
