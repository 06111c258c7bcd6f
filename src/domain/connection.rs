//! How it stands between a profile and its server, and when to ask again.

use std::time::Duration;

use super::time::{Moment, ServerAnchor};

/// The last thing learnt about the way to the server. Kept in the database, so that every process
/// tells the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Nothing was tried yet.
    Unknown,
    /// The last request was answered as it should be.
    Online,
    /// Nobody could be reached.
    Offline,
    /// The token is over or was refused; the queue is kept.
    SignInAgain,
    /// The server wants the code of the second factor.
    NeedsCode,
    /// The server answers, but not usefully.
    ServerTrouble,
    /// A captive portal stands between.
    WifiSignIn,
    /// The proxy wants a sign-in.
    ProxySignIn,
    /// Something answers there that is not a Glue backend of a known version.
    WrongServer,
    /// The TLS connection could not be trusted.
    TlsFailed(TlsProblem),
    /// The account may not do this.
    NotAllowed,
    /// The server does not know the account any more.
    AccountUnknown,
}

/// What is wrong with a TLS connection, as far as plain words need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsProblem {
    /// The device's clock is wrong, as far as anybody can tell.
    ClockWrong,
    /// The certificate is over, and nothing says that the clock is wrong.
    Expired,
    /// Signed by an authority that the device does not know.
    UnknownAuthority,
    /// Made out for another name.
    NameMismatch,
    /// Anything else.
    Other,
}

/// What sync remembers between rounds and between processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncState {
    /// How it stands with the server.
    pub connection: Connection,
    /// Since when; `None` before the first try.
    pub connection_since: Option<Moment>,
    /// Failures in a row of the server or the way to it.
    pub server_failures: u32,
    /// PATCHes in a row that came to nothing although the list works.
    pub write_failures: u32,
    /// No request of a timer before this moment.
    pub backoff_until: Option<Moment>,
    /// No request at all before this moment: the server said so (`Retry-After`).
    pub retry_after_until: Option<Moment>,
    /// The latest tie to the server's calendar.
    pub anchor: Option<ServerAnchor>,
}

impl SyncState {
    /// A profile that never talked to its server.
    pub const fn new() -> Self {
        Self {
            connection: Connection::Unknown,
            connection_since: None,
            server_failures: 0,
            write_failures: 0,
            backoff_until: None,
            retry_after_until: None,
            anchor: None,
        }
    }

    /// Longest `Retry-After` obeyed, with its surcharge of a tenth.
    pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600 + 360);

    /// Notes how it stands; the moment is kept while nothing changes.
    pub fn set_connection(&mut self, connection: Connection, now: Moment) {
        if self.connection != connection || self.connection_since.is_none() {
            self.connection = connection;
            self.connection_since = Some(now);
        }
    }

    /// How long the server asked to be left alone, from `now` on; `None` if it didn't.
    pub fn retry_after_at(&self, now: &Moment) -> Option<Duration> {
        let remaining = self.retry_after_until?.remaining_at(now, Self::RETRY_AFTER_MAX);
        (!remaining.is_zero()).then_some(remaining)
    }
}

impl Default for SyncState {
    fn default() -> Self {
        Self::new()
    }
}
