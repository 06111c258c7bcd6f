//! How long to leave a server alone: full jitter, so that a thousand devices don't ask in step.

use std::time::Duration;

/// No wait is shorter.
const DELAY_MIN: Duration = Duration::from_secs(1);
/// The longest possible first wait.
const FIRST_DELAY_MAX: Duration = Duration::from_secs(5);
/// No wait is longer.
pub const DELAY_MAX: Duration = Duration::from_secs(15 * 60);
/// No wait is longer while a worker looks at a change that waits and nobody answers at all: asking
/// costs the server nothing then.
pub const DELAY_MAX_UNANSWERED_IN_FRONT: Duration = Duration::from_secs(60);
/// When nobody asked for the list but it is old, a reconnect may wait this long at least.
const SPREAD_MIN_WITHOUT_CHANGE: Duration = Duration::from_secs(120);

/// A number in `0.0..1.0`, drawn by the caller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance(f64);

impl Chance {
    /// Takes a random number; what lies outside is moved to the nearest end.
    pub fn new(number: f64) -> Self {
        Self(if number.is_nan() { 0.0 } else { number.clamp(0.0, 1.0) })
    }

    /// The point between `least` and `most` that this chance names.
    pub fn between(self, least: Duration, most: Duration) -> Duration {
        least.saturating_add(most.saturating_sub(least).mul_f64(self.0)).min(most.max(least))
    }
}

/// The wait after `failures` failures in a row, at most `longest`.
pub fn delay(failures: u32, longest: Duration, chance: Chance) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let most = FIRST_DELAY_MAX.saturating_mul(1_u32 << doublings).min(longest);
    chance.between(DELAY_MIN.min(most), most)
}

/// The wait before the first request after a reconnect.
pub fn reconnect_spread(spread: Duration, is_change_waiting: bool, chance: Chance) -> Duration {
    let most = if is_change_waiting { spread } else { spread.max(SPREAD_MIN_WITHOUT_CHANGE) };
    chance.between(Duration::ZERO, most)
}

/// The time that a `Retry-After` is obeyed: up to a tenth longer, so that devices come back apart.
pub fn retry_after_with_surcharge(retry_after: Duration, chance: Chance) -> Duration {
    retry_after.saturating_add(chance.between(Duration::ZERO, retry_after / 10))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_wait_doubles_up_to_the_cap() {
        let longest = |failures| delay(failures, DELAY_MAX, Chance::new(1.0)).as_secs();

        let waits: Vec<u64> = (1..=9).map(longest).collect();

        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900]);
    }

    #[test]
    fn a_reconnect_with_only_an_old_list_takes_its_time() {
        let spread = Duration::from_secs(5);
        let latest = Chance::new(1.0);

        assert_eq!(reconnect_spread(spread, true, latest), spread);
        assert_eq!(reconnect_spread(spread, false, latest), Duration::from_secs(120));
    }

    proptest! {
        #[test]
        fn every_wait_lies_within_its_bounds(failures: u32, chance in 0.0..1.0_f64) {
            let wait = delay(failures, DELAY_MAX, Chance::new(chance));
            prop_assert!((DELAY_MIN..=DELAY_MAX).contains(&wait));
        }

        #[test]
        fn a_retry_after_is_never_cut_short(seconds in 0..=3_600_u64, chance: f64) {
            let asked = Duration::from_secs(seconds);
            let obeyed = retry_after_with_surcharge(asked, Chance::new(chance));
            prop_assert!(obeyed >= asked && obeyed <= asked + asked / 10);
        }
    }
}
