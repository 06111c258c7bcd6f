//! The one door to the clocks.

use std::sync::Arc;

use crate::domain::time::Reading;

/// Reads the device's clocks. Implemented by the platform, and by tests that steer time.
pub trait Clock: Send + Sync {
    /// What the clocks say now. Elapsed time must go on while the device sleeps
    /// (`CLOCK_BOOTTIME`), which `std::time::Instant` does not promise.
    fn read(&self) -> Reading;
}

/// A clock that parts of the app share.
pub type SharedClock = Arc<dyn Clock>;
