//! Hints from the kernel (netlink) that an address came or went.

use std::future::poll_fn;
use std::net::IpAddr;
use std::time::Duration;

use if_watch::IfEvent;
use if_watch::tokio::IfWatcher;

use crate::app::platform::Watch;

/// At the start the kernel lists what there is; a pause of this length says that it is through.
const LISTING_PAUSE: Duration = Duration::from_millis(500);

/// Ends the task when the watch is dropped.
struct Watching(tokio::task::JoinHandle<()>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Calls `on_change(true)` for each address that appears, `on_change(false)` when the last is gone.
pub(super) fn watch(on_change: Box<dyn Fn(bool) + Send + Sync>) -> Option<Watch> {
    match IfWatcher::new() {
        Ok(watcher) => Some(Box::new(Watching(tokio::spawn(serve(watcher, on_change))))),
        Err(error) => {
            tracing::warn!(%error, "network changes are not seen; timers find them out");
            None
        }
    }
}

async fn serve(mut watcher: IfWatcher, on_change: Box<dyn Fn(bool) + Send + Sync>) {
    let mut addresses: Vec<IpAddr> = Vec::new();
    while let Ok(Ok(event)) = tokio::time::timeout(LISTING_PAUSE, next(&mut watcher)).await {
        note(&mut addresses, event);
    }
    loop {
        match next(&mut watcher).await {
            Ok(event) => {
                let had_any = !addresses.is_empty();
                let has_new = note(&mut addresses, event);
                if has_new {
                    on_change(true);
                } else if had_any && addresses.is_empty() {
                    on_change(false);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "network changes are not seen any more");
                return;
            }
        }
    }
}

async fn next(watcher: &mut IfWatcher) -> std::io::Result<IfEvent> {
    poll_fn(|context| watcher.poll_if_event(context)).await
}

/// Keeps account of the addresses that lead anywhere. Returns whether a new one came.
fn note(addresses: &mut Vec<IpAddr>, event: IfEvent) -> bool {
    let (address, is_up) = match event {
        IfEvent::Up(net) => (net.addr(), true),
        IfEvent::Down(net) => (net.addr(), false),
    };
    if leads_nowhere(address) {
        return false;
    }
    let was_known = addresses.contains(&address);
    addresses.retain(|known| *known != address);
    if is_up {
        addresses.push(address);
    }
    is_up && !was_known
}

/// Loopback, and the addresses that a card has before a network gave it one.
fn leads_nowhere(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unicast_link_local(),
    }
}
