//! Time on a device whose clock is wrong and which sleeps.
//!
//! Elapsed time is counted in time since boot, which goes on in suspend; across a reboot only the
//! server's `Date` helps. Where neither helps, an age is unknown, and the rules say what then.

use std::time::Duration;

use uuid::Uuid;

/// Which run of the kernel a boot time belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BootId(pub Uuid);

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// This instant moved into the future by `duration`, at most to the end of time.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time from `earlier` to here; `None` if it lies in the other direction.
    pub fn since(self, earlier: Self) -> Option<Duration> {
        u64::try_from(self.0.checked_sub(earlier.0)?).ok().map(Duration::from_millis)
    }
}

/// What the device's clocks say at one instant, before any server is consulted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The current run of the kernel.
    pub boot_id: BootId,
    /// Time since it began, suspend included.
    pub since_boot: Duration,
    /// The calendar as the device believes it. For display only.
    pub wall: UnixMillis,
}

/// One answer of the server, tied to the boot time at which it came: the bridge from elapsed time
/// to the server's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerAnchor {
    /// The `Date` header of the answer.
    pub server: UnixMillis,
    /// The run of the kernel in which it arrived.
    pub boot_id: BootId,
    /// When in that run.
    pub since_boot: Duration,
}

impl ServerAnchor {
    /// The server's time at `reading`, if both are of the same boot.
    fn server_time_at(&self, reading: &Reading) -> Option<UnixMillis> {
        if self.boot_id != reading.boot_id {
            return None;
        }
        let passed = i128::try_from(reading.since_boot.as_millis()).ok()?
            - i128::try_from(self.since_boot.as_millis()).ok()?;
        i64::try_from(i128::from(self.server.0) + passed).ok().map(UnixMillis)
    }
}

/// An instant as it is recorded: comparable within a boot always, across boots if the server's
/// time was known at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The run of the kernel.
    pub boot_id: BootId,
    /// Time since it began, suspend included.
    pub since_boot: Duration,
    /// The server's time, if an anchor of this boot was known.
    pub server: Option<UnixMillis>,
    /// The calendar as the device believed it. For display only.
    pub wall: UnixMillis,
}

impl Moment {
    /// Ties a reading to the server's time where that is possible.
    pub fn new(reading: Reading, anchor: Option<&ServerAnchor>) -> Self {
        Self {
            boot_id: reading.boot_id,
            since_boot: reading.since_boot,
            server: anchor.and_then(|anchor| anchor.server_time_at(&reading)),
            wall: reading.wall,
        }
    }

    /// The best calendar time for people to read: the server's, else the device's.
    pub fn calendar(&self) -> UnixMillis {
        self.server.unwrap_or(self.wall)
    }

    /// The time that passed from this moment to `now`; `None` if nobody can tell.
    pub fn age_at(&self, now: &Self) -> Option<Duration> {
        if self.boot_id == now.boot_id {
            return now.since_boot.checked_sub(self.since_boot);
        }
        now.server?.since(self.server?)
    }

    /// A time that certainly passed from this moment to `now`. After a reboot that is at least the
    /// time since the reboot.
    pub fn elapsed_at_least(&self, now: &Self) -> Duration {
        if self.boot_id == now.boot_id {
            return now.since_boot.saturating_sub(self.since_boot);
        }
        self.age_at(now).unwrap_or_default().max(now.since_boot)
    }

    /// This moment moved into the future by `duration`, in every clock it knows.
    pub fn plus(&self, duration: Duration) -> Self {
        Self {
            boot_id: self.boot_id,
            since_boot: self.since_boot.saturating_add(duration),
            server: self.server.map(|server| server.plus(duration)),
            wall: self.wall.plus(duration),
        }
    }

    /// How long from `now` until a deadline set at this moment.
    ///
    /// Zero if it is over. A deadline of an earlier boot for which no server time helps counts as
    /// over, since asking once too often is cheap and waiting for ever is not; the caller's
    /// `longest` bounds a deadline that a wrong clock has put far away.
    pub fn remaining_at(&self, now: &Self, longest: Duration) -> Duration {
        let remaining = if self.boot_id == now.boot_id {
            self.since_boot.saturating_sub(now.since_boot)
        } else {
            match (self.server, now.server) {
                (Some(deadline), Some(current)) => deadline.since(current).unwrap_or_default(),
                _ => Duration::ZERO,
            }
        };
        remaining.min(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn moment(boot: u128, hours: u32, server_hours: Option<i64>) -> Moment {
        Moment {
            boot_id: BootId(Uuid::from_u128(boot)),
            since_boot: HOUR * hours,
            server: server_hours.map(|hours| UnixMillis(hours * 3_600_000)),
            wall: UnixMillis(0),
        }
    }

    #[test]
    fn within_a_boot_the_boot_time_tells_the_age_whatever_the_server_said() {
        let then = moment(1, 1, Some(500));

        assert_eq!(then.age_at(&moment(1, 3, Some(100))), Some(2 * HOUR));
    }

    #[test]
    fn across_boots_only_two_server_times_tell_the_age() {
        let then = moment(1, 50, Some(10));

        assert_eq!(then.age_at(&moment(2, 0, Some(13))), Some(3 * HOUR));
        assert_eq!(then.age_at(&moment(2, 0, None)), None);
        assert_eq!(moment(1, 50, None).age_at(&moment(2, 0, Some(13))), None);
    }

    #[test]
    fn a_server_time_that_runs_backwards_leaves_the_age_unknown() {
        assert_eq!(moment(1, 0, Some(10)).age_at(&moment(2, 0, Some(9))), None);
    }

    #[test]
    fn after_a_reboot_at_least_the_time_since_the_reboot_has_passed() {
        assert_eq!(moment(1, 50, None).elapsed_at_least(&moment(2, 1, None)), HOUR);
        assert_eq!(moment(1, 50, Some(1)).elapsed_at_least(&moment(2, 1, Some(9))), 8 * HOUR);
    }

    #[test]
    fn an_anchor_gives_the_server_time_only_within_its_own_boot() {
        let anchor = ServerAnchor {
            server: UnixMillis(1_000),
            boot_id: BootId(Uuid::from_u128(1)),
            since_boot: HOUR,
        };
        let reading = |boot, hours| Reading {
            boot_id: BootId(Uuid::from_u128(boot)),
            since_boot: HOUR * hours,
            wall: UnixMillis(7),
        };

        let same_boot = Moment::new(reading(1, 2), Some(&anchor));
        let other_boot = Moment::new(reading(2, 2), Some(&anchor));

        assert_eq!(same_boot.server, Some(UnixMillis(3_601_000)));
        assert_eq!(Moment::new(reading(1, 0), Some(&anchor)).server, Some(UnixMillis(-3_599_000)));
        assert_eq!(other_boot.server, None);
        assert_eq!(other_boot.calendar(), UnixMillis(7));
    }

    #[test]
    fn a_deadline_from_before_a_reboot_never_waits_for_ever() {
        let deadline = moment(1, 90, None);

        assert_eq!(deadline.remaining_at(&moment(2, 0, None), HOUR), Duration::ZERO);
        assert_eq!(moment(1, 90, None).remaining_at(&moment(1, 0, None), HOUR), HOUR);
    }

    /// Ten years, in either direction.
    const JUMPS_MS: [i64; 2] = [-10 * 365 * 86_400_000, 10 * 365 * 86_400_000];

    #[test]
    fn a_jump_of_the_devices_calendar_changes_no_age_and_no_wait() {
        let then = moment(1, 1, Some(500));
        for jump in JUMPS_MS {
            for now in [moment(1, 3, Some(502)), moment(2, 3, Some(502)), moment(2, 3, None)] {
                let jumped = Moment { wall: UnixMillis(now.wall.0 + jump), ..now };

                assert_eq!(then.age_at(&jumped), then.age_at(&now));
                assert_eq!(then.elapsed_at_least(&jumped), then.elapsed_at_least(&now));
                assert_eq!(now.remaining_at(&jumped, HOUR), now.remaining_at(&now, HOUR));
            }
        }
    }

    #[test]
    fn a_jump_of_the_servers_calendar_makes_no_wait_endless_and_no_old_wish_young() {
        let tapped = moment(1, 50, Some(500_000));
        for jump in JUMPS_MS {
            let mut now = moment(2, 1, Some(500_009));
            now.server = now.server.map(|server| UnixMillis(server.0 + jump));

            assert!(tapped.plus(HOUR).remaining_at(&now, HOUR) <= HOUR);
            // Old, or of an unknown age: either way the worker is asked.
            assert!(tapped.age_at(&now).is_none_or(|age| age >= 9 * HOUR));
        }
    }

    #[test]
    fn a_night_in_suspend_counts() {
        // `since_boot` goes on in suspend; nothing else moved.
        let evening = moment(1, 5, None);

        assert_eq!(evening.age_at(&moment(1, 14, None)), Some(9 * HOUR));
        assert_eq!(evening.plus(HOUR).remaining_at(&moment(1, 14, None), HOUR), Duration::ZERO);
    }

    #[test]
    fn a_boot_time_that_runs_backwards_leaves_the_age_unknown() {
        // The same boot id with an earlier time: a copied system, or a clock that can't be right.
        assert_eq!(moment(1, 5, None).age_at(&moment(1, 4, None)), None);
        assert_eq!(moment(1, 5, None).elapsed_at_least(&moment(1, 4, None)), Duration::ZERO);
    }
}
