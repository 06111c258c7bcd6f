//! Hints from NetworkManager, where it runs, that a Wi-Fi leads further than it did: a sign-in page
//! in between came or went while the address stayed the same.
//!
//! Only changes are heard (D-Bus property `Connectivity` of `org.freedesktop.NetworkManager`, values
//! of `NMConnectivityState`); what they mean for us is found out by the next request.

use futures_util::StreamExt;
use zbus::proxy::CacheProperties;
use zbus::{Connection, Proxy};

use crate::app::platform::{DeviceEvent, Watch};

use super::{OnEvent, Watching};

const SERVICE: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";
/// `NM_CONNECTIVITY_NONE`.
const NONE: u32 = 1;
/// `NM_CONNECTIVITY_PORTAL`.
const PORTAL: u32 = 2;
/// `NM_CONNECTIVITY_FULL`.
const FULL: u32 = 4;

/// Tells of each change. Must be called within a tokio runtime; does nothing where there is no
/// system bus or no NetworkManager on it, as on many kiosks.
pub(super) fn watch(on_event: OnEvent) -> Watch {
    Box::new(Watching(tokio::spawn(async move {
        let ended = async { serve(&Connection::system().await?, on_event).await }.await;
        if let Err(error) = ended {
            tracing::debug!(%error, "NetworkManager is not heard");
        }
    })))
}

/// Tells of each change that is heard on a bus.
///
/// # Errors
/// If nobody there has such a property.
pub async fn serve(bus: &Connection, on_event: OnEvent) -> zbus::Result<()> {
    let manager: Proxy<'_> = zbus::proxy::Builder::new(bus)
        .destination(SERVICE)?
        .path(PATH)?
        .interface(SERVICE)?
        .cache_properties(CacheProperties::Yes)
        .build()
        .await?;
    let mut before: u32 = manager.get_property("Connectivity").await?;
    let mut changes = manager.receive_property_changed::<u32>("Connectivity").await;
    while let Some(change) = changes.next().await {
        let after = change.get().await?;
        if let Some(event) = event_of(before, after) {
            on_event(event);
        }
        before = after;
    }
    Ok(())
}

fn event_of(before: u32, after: u32) -> Option<DeviceEvent> {
    match after {
        _ if after == before => None,
        // A sign-in page answers too, and then the worker is told of it.
        FULL | PORTAL => Some(DeviceEvent::NetworkCame),
        NONE => Some(DeviceEvent::NetworkWent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;

    use tokio::sync::mpsc;

    use super::*;

    /// NetworkManager as far as we listen to it.
    struct Manager {
        connectivity: u32,
    }

    #[zbus::interface(name = "org.freedesktop.NetworkManager")]
    impl Manager {
        #[zbus(property)]
        fn connectivity(&self) -> u32 {
            self.connectivity
        }
    }

    #[test]
    fn only_a_change_that_leads_further_or_nowhere_is_an_event() {
        const LIMITED: u32 = 3;
        let (came, went) = (Some(DeviceEvent::NetworkCame), Some(DeviceEvent::NetworkWent));

        assert_eq!(event_of(PORTAL, FULL), came, "the sign-in page was passed");
        assert_eq!(event_of(LIMITED, PORTAL), came, "there is a page to be told of");
        assert_eq!(event_of(FULL, NONE), went);
        assert_eq!(event_of(FULL, LIMITED), None);
        assert_eq!(event_of(FULL, FULL), None);
    }

    #[tokio::test]
    async fn a_sign_in_page_that_was_passed_is_heard() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let manager = zbus::connection::Builder::async_io_unix_stream(theirs)
            .server(zbus::Guid::generate())
            .unwrap()
            .p2p()
            .serve_at(PATH, Manager { connectivity: PORTAL })
            .unwrap()
            .build();
        let client = zbus::connection::Builder::async_io_unix_stream(ours).p2p().build();
        let (manager, client) = tokio::try_join!(manager, client).unwrap();
        let (heard, mut events) = mpsc::unbounded_channel();
        let on_event: OnEvent = Arc::new(move |event| {
            let _ = heard.send(event);
        });
        let watching = tokio::spawn(async move { serve(&client, on_event).await });

        let served = manager.object_server().interface::<_, Manager>(PATH).await.unwrap();
        // The listener asks for the value it begins with; only what changes after that is news.
        let mut connectivity = FULL;
        let event = loop {
            served.get_mut().await.connectivity = connectivity;
            let emitter = served.signal_emitter();
            served.get().await.connectivity_changed(emitter).await.unwrap();
            if let Ok(event) = events.try_recv() {
                break event;
            }
            connectivity = if connectivity == FULL { PORTAL } else { FULL };
            tokio::task::yield_now().await;
        };

        assert_eq!(event, DeviceEvent::NetworkCame);
        watching.abort();
    }
}
