//! The one door to the clocks, and the shape in which a moment is kept in files.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::time::{BootId, Moment, Reading, UnixMillis};

/// Reads the device's clocks. Implemented by the platform, and by tests that steer time.
pub trait Clock: Send + Sync {
    /// What the clocks say now. Elapsed time must go on while the device sleeps
    /// (`CLOCK_BOOTTIME`), which `std::time::Instant` does not promise.
    fn read(&self) -> Reading;
}

/// A clock that parts of the app share.
pub type SharedClock = Arc<dyn Clock>;

/// A [`Moment`] as it is kept on disk, in nanoseconds since boot and milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMoment {
    boot: Uuid,
    since_boot_ns: u64,
    server_ms: Option<i64>,
    wall_ms: i64,
}

impl From<&Moment> for StoredMoment {
    fn from(moment: &Moment) -> Self {
        Self {
            boot: moment.boot_id.0,
            since_boot_ns: u64::try_from(moment.since_boot.as_nanos()).unwrap_or(u64::MAX),
            server_ms: moment.server.map(|server| server.0),
            wall_ms: moment.wall.0,
        }
    }
}

impl From<StoredMoment> for Moment {
    fn from(stored: StoredMoment) -> Self {
        Self {
            boot_id: BootId(stored.boot),
            since_boot: Duration::from_nanos(stored.since_boot_ns),
            server: stored.server_ms.map(UnixMillis),
            wall: UnixMillis(stored.wall_ms),
        }
    }
}
