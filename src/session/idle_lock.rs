//! When a window that nobody touches hides its names. Pure: the clock's readings come in.

use std::time::Duration;

use crate::domain::time::Reading;

/// Counts how long nobody has touched the window, in time that goes on while the device sleeps.
#[derive(Clone, Copy, Debug)]
pub struct IdleLock {
    after: Option<Duration>,
    touched_at: Reading,
}

impl IdleLock {
    /// Begins to count; `after`: how long without a touch until it locks, `None` for never.
    pub fn new(after: Option<Duration>, now: Reading) -> Self {
        Self { after, touched_at: now }
    }

    /// Counts from anew with another limit.
    pub fn set_limit(&mut self, after: Option<Duration>) {
        self.after = after;
    }

    /// Somebody touched the window.
    pub fn touch(&mut self, now: Reading) {
        self.touched_at = now;
    }

    /// How long until it locks if nobody touches it; zero if it is time, `None` for never.
    pub fn remaining_at(&self, now: &Reading) -> Option<Duration> {
        let idle = now.since_boot.saturating_sub(self.touched_at.since_boot);
        self.after.map(|after| after.saturating_sub(idle))
    }

    /// Whether it is time to lock.
    pub fn is_due_at(&self, now: &Reading) -> bool {
        self.remaining_at(now).is_some_and(|left| left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::time::{BootId, UnixMillis};

    fn reading(since_boot: u64, wall: i64) -> Reading {
        Reading {
            boot_id: BootId(Uuid::from_u128(1)),
            since_boot: Duration::from_secs(since_boot),
            wall: UnixMillis(wall),
        }
    }

    #[test]
    fn it_locks_once_nobody_touched_it_for_long_enough_and_a_touch_begins_anew() {
        let mut lock = IdleLock::new(Some(Duration::from_secs(300)), reading(1_000, 0));

        assert_eq!(lock.remaining_at(&reading(1_100, 0)), Some(Duration::from_secs(200)));
        assert!(!lock.is_due_at(&reading(1_299, 0)));
        assert!(lock.is_due_at(&reading(1_300, 0)));
        lock.touch(reading(1_299, 0));

        assert!(!lock.is_due_at(&reading(1_500, 0)));
        assert!(lock.is_due_at(&reading(9_999, 0)));
    }

    #[test]
    fn setting_the_calendar_back_neither_delays_nor_hastens_it() {
        let lock = IdleLock::new(Some(Duration::from_secs(300)), reading(1_000, 5_000_000));

        assert!(!lock.is_due_at(&reading(1_010, 9_000_000_000)));
        assert!(lock.is_due_at(&reading(1_300, -5_000_000)));
    }

    #[test]
    fn without_a_limit_it_never_locks() {
        let lock = IdleLock::new(None, reading(0, 0));

        assert_eq!(lock.remaining_at(&reading(1_000_000, 0)), None);
        assert!(!lock.is_due_at(&reading(1_000_000, 0)));
    }
}
