//! What the app needs of the device it runs on. Implemented by `platform`, and by tests.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::SharedClock;
use crate::session::secret_places::SecretPlaces;
use crate::sync::ports::SenderLock;

use super::feedback::Feedback;

/// Something that is watched for as long as this value lives.
pub type Watch = Box<dyn Send>;

/// What the device tells of itself. Hints only: the truth is what the next request finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// There is a network that was not there before, or it leads further than it did.
    NetworkCame,
    /// The last network is gone.
    NetworkWent,
    /// The device was suspended and woke up.
    Woke,
}

/// Whoever started the program and watches over it: systemd on a kiosk.
pub trait Supervisor {
    /// The first picture is on the screen.
    fn tell_ready(&self);

    /// How often the window must say that it still answers; `None` if nobody asks for it.
    fn heartbeat_period(&self) -> Option<Duration>;

    /// The window still answers.
    fn tell_alive(&self);
}

/// The doors to the device.
pub trait Platform: Send + Sync {
    /// The device's clocks.
    fn clock(&self) -> SharedClock;

    /// Where the tokens can be for what is kept in `data_dir`.
    fn secrets(&self, data_dir: &Path) -> SecretPlaces;

    /// The device's loudspeaker and motor.
    fn feedback(&self) -> Arc<dyn Feedback>;

    /// The right to send for the profile in this folder.
    fn sender_lock(&self, profile_folder: &Path) -> Arc<dyn SenderLock>;

    /// Tells other processes that something was recorded for the profile in this folder. They may
    /// miss it, and find out at their next round.
    fn notify_others(&self, profile_folder: &Path);

    /// Calls `on_recorded` when another process tells so. `None` where that can't be watched.
    fn watch_others(
        &self,
        profile_folder: &Path,
        on_recorded: Box<dyn Fn() + Send + Sync>,
    ) -> Option<Watch>;

    /// Calls `on_event` with what the device tells of itself. Must be called within a tokio
    /// runtime. `None` where nothing can be watched.
    fn watch_device(&self, on_event: Box<dyn Fn(DeviceEvent) + Send + Sync>) -> Option<Watch>;
}
