//! A server that asks to be left alone is left alone by everybody on this device: it may have said so
//! to one user, but it meant the device (design section 4, 'Retry-After').

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::assignment::Assignment;
use crate::domain::change::Attempt;
use crate::domain::ids::{ProfileId, ServerOrigin, UserUuid};
use crate::domain::time::Moment;
use crate::glue::{
    AccessToken, Exchange, GlueClient, GlueFailure, ListExtent, RefreshToken, SecondFactorCode,
    Token,
};
use crate::store::{DeviceStore, ProfileStore, Scope, StoreError, profile_folder};
use crate::sync::backoff::Chance;
use crate::sync::policy;
use crate::sync::ports::{BoxFuture, Server};

use super::super::platform::Platform;

/// Everybody on this device who is known on one server.
#[derive(Clone)]
pub(in crate::app) struct Neighbours {
    pub(super) origin: ServerOrigin,
    pub(super) profiles: DeviceStore,
    pub(super) data_dir: PathBuf,
    pub(super) platform: Arc<dyn Platform>,
}

impl Neighbours {
    /// Has everybody but the one who was told leave the server alone, if that is what it asked for.
    pub(in crate::app) async fn heed<T>(
        &self,
        result: &Result<T, GlueFailure>,
        told: Option<&ProfileId>,
    ) {
        let Some(wait) = result.as_ref().err().and_then(GlueFailure::retry_after) else { return };
        for profile in self.known().await.into_iter().filter(|known| Some(known) != told) {
            if let Err(error) = self.tell(&profile, wait).await {
                // The server will say it again to whoever does not know.
                tracing::warn!(%error, "a user could not be told to leave the server alone");
            }
        }
    }

    /// How long the server asked to be left alone, from now on, whomever it told so.
    pub(super) async fn retry_after(&self) -> Option<Duration> {
        let mut longest = None;
        for profile in self.known().await {
            if let Ok(store) = self.open(&profile).await
                && let Ok(sync) = store.sync_state().await
            {
                let now = Moment::new(self.platform.clock().read(), sync.anchor.as_ref());
                longest = longest.max(sync.retry_after_at(&now));
            }
        }
        longest
    }

    async fn known(&self) -> Vec<ProfileId> {
        let known = match self.profiles.known_profiles().await {
            Ok(known) => known,
            Err(error) => {
                tracing::warn!(%error, "who is known on this device could not be read");
                Vec::new()
            }
        };
        let profiles = known.into_iter().map(|known| known.profile);
        profiles.filter(|profile| profile.origin == self.origin).collect()
    }

    async fn tell(&self, profile: &ProfileId, wait: Duration) -> Result<(), StoreError> {
        let clock = self.platform.clock();
        let chance = Chance::new(fastrand::f64());
        let store = self.open(profile).await?;
        store
            .transact(Scope::default(), move |outbox| {
                let now = Moment::new(clock.read(), outbox.sync.anchor.as_ref());
                policy::note_retry_after(&mut outbox.sync, wait, chance, now);
            })
            .await?;
        self.platform.notify_others(&profile_folder(&self.data_dir, profile));
        Ok(())
    }

    async fn open(&self, profile: &ProfileId) -> Result<ProfileStore, StoreError> {
        let (folder, profile) = (profile_folder(&self.data_dir, profile), profile.clone());
        let opened =
            tokio::task::spawn_blocking(move || ProfileStore::open(&folder, &profile)).await;
        opened.map_err(|_| StoreError::Closed)?
    }
}

/// The server of one profile, with the neighbours who are to heed what it says.
pub(in crate::app) struct SharedServer {
    pub(in crate::app) client: GlueClient,
    pub(in crate::app) profile: ProfileId,
    pub(in crate::app) neighbours: Neighbours,
}

impl SharedServer {
    async fn heeded<T>(&self, exchange: Exchange<T>) -> Exchange<T> {
        self.neighbours.heed(&exchange.result, Some(&self.profile)).await;
        exchange
    }
}

impl Server for SharedServer {
    fn assignments<'a>(
        &'a self,
        token: &'a AccessToken,
        user: UserUuid,
        extent: ListExtent,
    ) -> BoxFuture<'a, Exchange<Vec<Assignment>>> {
        Box::pin(
            async move { self.heeded(self.client.assignments(token, user, extent).await).await },
        )
    }

    fn refresh<'a>(&'a self, refresh: &'a RefreshToken) -> BoxFuture<'a, Exchange<Token>> {
        Box::pin(async move { self.heeded(self.client.refresh(refresh).await).await })
    }

    fn patch<'a>(
        &'a self,
        token: &'a AccessToken,
        attempt: &'a Attempt,
        code: Option<&'a SecondFactorCode>,
    ) -> BoxFuture<'a, Exchange<()>> {
        Box::pin(async move {
            let sent = Server::patch(&self.client, token, attempt, code).await;
            self.heeded(sent).await
        })
    }
}
