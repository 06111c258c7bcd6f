//! Time since boot that goes on in suspend, and which boot it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::time::{BootId, Reading, UnixMillis};

/// The kernel's id of this boot (`random(4)`).
const BOOT_ID_FILE: &str = "/proc/sys/kernel/random/boot_id";

/// The clocks of this device.
#[derive(Clone, Copy, Debug)]
pub struct BootClock {
    boot_id: BootId,
}

impl BootClock {
    /// Finds out which boot this is. Where the kernel doesn't tell, this process counts as a boot
    /// of its own: ages from before it are unknown then, never wrong.
    pub fn new() -> Self {
        let told = std::fs::read_to_string(BOOT_ID_FILE).ok();
        let boot_id = told.and_then(|text| Uuid::try_parse(text.trim()).ok());
        Self { boot_id: BootId(boot_id.unwrap_or_else(Uuid::now_v7)) }
    }
}

impl Default for BootClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for BootClock {
    fn read(&self) -> Reading {
        let since_boot = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(since_boot.tv_sec).unwrap_or_default();
        let nanoseconds = u32::try_from(since_boot.tv_nsec).unwrap_or_default();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Reading {
            boot_id: self.boot_id,
            since_boot: Duration::new(seconds, nanoseconds),
            wall: UnixMillis(i64::try_from(wall.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_runs_backwards_within_a_boot() {
        let clock = BootClock::new();

        let (earlier, later) = (clock.read(), clock.read());

        assert_eq!(earlier.boot_id, later.boot_id);
        assert!(later.since_boot >= earlier.since_boot);
    }
}
