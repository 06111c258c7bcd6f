//! What is special to Linux: hints that a network came or went, and that the device woke up.
//!
//! | module | hears it from |
//! |---|---|
//! | [`network`] | the kernel (netlink): carriers and addresses |
//! | [`interfaces`] | the pure account that `network` keeps of them |
//! | `connectivity` | NetworkManager, where it runs: a Wi-Fi that wants a sign-in |
//! | [`wake_up`] | the kernel (timerfd): the end of a suspend |
//!
//! And [`feedback`]: sound and vibration; `supervisor`: what systemd, on a kiosk, is told; and
//! `keyring`: the desktop's Secret Service.

#[cfg(feature = "gui")]
pub mod connectivity;
pub mod feedback;
pub mod interfaces;
#[cfg(feature = "keyring")]
pub mod keyring;
pub mod network;
#[cfg(feature = "gui")]
pub mod supervisor;
pub mod wake_up;

use std::sync::Arc;

use crate::app::platform::{DeviceEvent, Watch};

/// Is told each event, from any thread.
pub(super) type OnEvent = Arc<dyn Fn(DeviceEvent) + Send + Sync>;

/// Ends a task when the watch is dropped.
struct Watching(tokio::task::JoinHandle<()>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Watches everything that the device tells of itself. What can't be watched is logged, and found
/// out by timers and by the worker's next touch.
pub(super) fn watch(on_event: OnEvent) -> Watch {
    let watches = [
        Some(network::watch(Arc::clone(&on_event))),
        #[cfg(feature = "gui")]
        Some(connectivity::watch(Arc::clone(&on_event))),
        wake_up::watch(on_event),
    ];
    Box::new(watches)
}
