//! A token that is over or will be soon: taken over from another process, or renewed where the
//! server offers that (design section 5).
//!
//! Only whoever has the right to send renews, so that no refresh token is used twice. A new refresh
//! token is durable before the access token that came with it is used.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::time::Moment;
use crate::glue::{AccessToken, GlueFailure, RefreshToken};
use crate::session::secret_store::{SecretStore, StoredToken};

use super::driver::Parts;
use super::work::anchor_of;

#[cfg(test)]
mod tests;

/// A token in place of another.
#[derive(Clone, Debug)]
pub(super) struct TokenChange {
    /// The one that it replaces.
    pub of: AccessToken,
    /// The one that counts from now on: a new one, or the same with what is known of its end.
    pub to: StoredToken,
}

/// What there is to go on with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Renewal {
    /// This token, which may be the old one.
    Usable(StoredToken),
    /// None: this is the last one, and the user has to sign in again.
    Over(StoredToken),
    /// Nobody could be asked.
    Failed(GlueFailure),
    /// The secrets can't be read or kept.
    NotKept,
}

/// Finds the token to go on with instead of `current`. With `is_refused` the server has just said
/// that it is over.
pub(super) async fn renew(parts: &Arc<Parts>, current: &StoredToken, is_refused: bool) -> Renewal {
    let kept = match load(parts).await {
        KeptToken::Token(kept) => kept,
        KeptToken::Nothing => return Renewal::Over(ended(current.clone())),
        // A refresh token would be used up for one that can't be kept, either.
        KeptToken::Unreadable => return Renewal::NotKept,
    };
    let is_other = kept.access != current.access;
    if is_other && kept.is_usable_at(&now(parts)) {
        // Another process renewed it, or the user signed in again.
        return Renewal::Usable(kept);
    }
    let kept = StoredToken { is_over: kept.is_over || is_refused && !is_other, ..kept };
    match kept.refresh.clone() {
        Some(refresh) => ask(parts, kept, refresh).await,
        None => keep_without_refresh(parts, kept).await,
    }
}

/// Asks the server for a new token, and keeps it.
async fn ask(parts: &Arc<Parts>, kept: StoredToken, refresh: RefreshToken) -> Renewal {
    let exchange = parts.server.refresh(&refresh).await;
    match exchange.result {
        Ok(token) if token.user == parts.profile.user => {
            let anchor = anchor_of(exchange.server_date, &exchange.answered_at);
            let received_at = Moment::new(exchange.answered_at, anchor.as_ref());
            let mut renewed = StoredToken::received(token, received_at);
            // Where none comes with it the old one goes on.
            renewed.refresh = renewed.refresh.or(Some(refresh));
            tracing::info!("the token was renewed");
            keep(parts, &kept.access, renewed).await
        }
        Ok(_) => {
            tracing::warn!("the renewed token is somebody else's");
            keep_without_refresh(parts, kept).await
        }
        Err(failure) if is_refusal(&failure) => {
            tracing::info!(?failure, "the server renews no token");
            keep_without_refresh(parts, kept).await
        }
        Err(failure) => {
            tracing::info!(?failure, "the token could not be renewed");
            Renewal::Failed(failure)
        }
    }
}

/// Gives up a token that the server refuses although it is new. Returns what there is instead.
pub(super) async fn give_up(parts: &Arc<Parts>, token: StoredToken) -> StoredToken {
    let last = ended(token);
    match keep(parts, &last.access, last.clone()).await {
        Renewal::Usable(other) | Renewal::Over(other) => other,
        Renewal::Failed(_) | Renewal::NotKept => last,
    }
}

/// Whether the server has said that it will not do it, rather than that it can't now.
fn is_refusal(failure: &GlueFailure) -> bool {
    match failure {
        GlueFailure::Refused { .. }
        | GlueFailure::TokenOver
        | GlueFailure::NotAuthorized
        | GlueFailure::AccountUnknown
        | GlueFailure::NeedsCode { .. }
        | GlueFailure::NoUserInToken => true,
        GlueFailure::Offline
        | GlueFailure::Cut
        | GlueFailure::Tls(_)
        | GlueFailure::NotFound
        | GlueFailure::NotAsWished
        | GlueFailure::CaptivePortal
        | GlueFailure::ProxySignIn
        | GlueFailure::WrongServer { .. }
        | GlueFailure::ServerTrouble { .. } => false,
    }
}

/// Notes that there is no refresh, so that no process asks again.
async fn keep_without_refresh(parts: &Arc<Parts>, token: StoredToken) -> Renewal {
    let last = StoredToken { refresh: None, ..token };
    match keep(parts, &last.access, last.clone()).await {
        // It would only be asked for once more.
        Renewal::NotKept => usable_or_over(parts, last),
        kept => kept,
    }
}

/// Keeps a token in the place of another, unless the user has signed in again or out meanwhile.
async fn keep(parts: &Arc<Parts>, of: &AccessToken, to: StoredToken) -> Renewal {
    let (profile, of) = (parts.profile.clone(), of.clone());
    let kept = blocking(parts, move |secrets| match secrets.load(&profile)? {
        Some(other) if other.access != of => Ok(other),
        Some(_) => secrets.store(&profile, &to).map(|()| to),
        None => Ok(ended(to)),
    })
    .await;
    match kept {
        Some(Ok(token)) => usable_or_over(parts, token),
        Some(Err(error)) => {
            tracing::error!(%error, "a token could not be kept");
            Renewal::NotKept
        }
        None => Renewal::NotKept,
    }
}

fn usable_or_over(parts: &Parts, token: StoredToken) -> Renewal {
    if token.is_usable_at(&now(parts)) { Renewal::Usable(token) } else { Renewal::Over(token) }
}

fn ended(token: StoredToken) -> StoredToken {
    StoredToken { is_over: true, refresh: None, ..token }
}

/// What is kept for a profile.
pub(super) enum KeptToken {
    /// This token.
    Token(StoredToken),
    /// None.
    Nothing,
    /// Nobody can tell.
    Unreadable,
}

/// Reads what is kept for the profile.
pub(super) async fn load(parts: &Arc<Parts>) -> KeptToken {
    let profile = parts.profile.clone();
    match blocking(parts, move |secrets| secrets.load(&profile)).await {
        Some(Ok(Some(token))) => KeptToken::Token(token),
        Some(Ok(None)) => KeptToken::Nothing,
        Some(Err(error)) => {
            tracing::warn!(%error, "the kept token can't be read");
            KeptToken::Unreadable
        }
        None => KeptToken::Unreadable,
    }
}

async fn blocking<T: Send + 'static>(
    parts: &Arc<Parts>,
    job: impl FnOnce(&dyn SecretStore) -> T + Send + 'static,
) -> Option<T> {
    let (secrets, result) = (Arc::clone(&parts.secrets), Arc::new(Mutex::new(None)));
    let slot = Arc::clone(&result);
    let job = move || {
        let value = job(secrets.as_ref());
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    };
    parts.runtime.run_blocking(Box::new(job)).await;
    result.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn now(parts: &Parts) -> Moment {
    Moment::new(parts.clock.read(), None)
}
