//! What the engine needs from outside, as traits that the edges implement.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use crate::domain::assignment::Assignment;
use crate::domain::change::{Attempt, Change};
use crate::domain::ids::UserUuid;
use crate::domain::view::Activity;
use crate::glue::{
    AccessToken, Exchange, GlueClient, ListExtent, RefreshToken, SecondFactorCode, Token,
};

/// A future that can be moved between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The questions that a round asks of a server.
pub trait Server: Send + Sync {
    /// The list of the user's own assignments.
    fn assignments<'a>(
        &'a self,
        token: &'a AccessToken,
        user: UserUuid,
        extent: ListExtent,
    ) -> BoxFuture<'a, Exchange<Vec<Assignment>>>;

    /// A new token for a refresh token, which is used up by that.
    fn refresh<'a>(&'a self, refresh: &'a RefreshToken) -> BoxFuture<'a, Exchange<Token>>;

    /// Sends an attempt that has been written down.
    fn patch<'a>(
        &'a self,
        token: &'a AccessToken,
        attempt: &'a Attempt,
        code: Option<&'a SecondFactorCode>,
    ) -> BoxFuture<'a, Exchange<()>>;
}

impl Server for GlueClient {
    fn assignments<'a>(
        &'a self,
        token: &'a AccessToken,
        user: UserUuid,
        extent: ListExtent,
    ) -> BoxFuture<'a, Exchange<Vec<Assignment>>> {
        Box::pin(self.assignments(token, user, extent))
    }

    fn refresh<'a>(&'a self, refresh: &'a RefreshToken) -> BoxFuture<'a, Exchange<Token>> {
        Box::pin(self.refresh(refresh))
    }

    fn patch<'a>(
        &'a self,
        token: &'a AccessToken,
        attempt: &'a Attempt,
        code: Option<&'a SecondFactorCode>,
    ) -> BoxFuture<'a, Exchange<()>> {
        Box::pin(self.patch_assignment(token, attempt.assignment_id, attempt.wanted_active, code))
    }
}

/// Holds the right to send for a profile; dropping it gives the right back.
pub type SenderGuard = Box<dyn Send>;

/// The right to send for a profile, which one process of the device has at a time. It dies with
/// its process.
pub trait SenderLock: Send + Sync {
    /// Waits for the right.
    ///
    /// # Errors
    /// Where the lock file can't be made or locked.
    fn acquire(&self) -> BoxFuture<'static, io::Result<SenderGuard>>;

    /// Takes the right if nobody has it. May block for the time of a disk access.
    ///
    /// # Errors
    /// Where the lock file can't be made or locked.
    fn try_acquire(&self) -> io::Result<Option<SenderGuard>>;
}

/// How the engine waits, which is the business of the runtime that it lives on.
pub trait Runtime: Send + Sync {
    /// Waits for a time, in which the device may not sleep.
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()>;

    /// Runs something that blocks, and waits for its end. Gone with the runtime, it never ends.
    fn run_blocking(&self, job: Box<dyn FnOnce() + Send>) -> BoxFuture<'static, ()>;
}

/// The runtime of the real program.
#[derive(Clone, Copy, Debug)]
pub struct TokioRuntime;

impl Runtime for TokioRuntime {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(wait))
    }

    fn run_blocking(&self, job: Box<dyn FnOnce() + Send>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            if let Err(error) = tokio::task::spawn_blocking(job).await {
                tracing::error!(%error, "a call that blocks came to no end");
            }
        })
    }
}

/// What the engine tells while it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It began or ended something.
    Activity(Activity),
    /// Something new stands in the database; these changes settled or came into question by it.
    Stored(Vec<Change>),
    /// Nothing could be stored.
    StorageFailed,
    /// The token is over, or there is a new one.
    TokenChanged,
    /// The server did not take the code of the second factor.
    CodeRefused,
}

/// Hears what the engine tells. Called from the engine's task; must not block.
pub type Listener = Box<dyn Fn(News) + Send + Sync>;
