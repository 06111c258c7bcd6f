//! Tells a digit that a person pressed from the digits of a scanned code.
//!
//! A scanner that acts as a keyboard types its code within milliseconds. Were each digit taken as
//! a key of its own, scanning an article would switch warehouses. So a digit counts only if no
//! other key follows it closely.

use std::time::Duration;

/// After this long without a key, what came before was one key or one scan.
pub const SILENCE: Duration = Duration::from_millis(120);

/// So many keys without a silence come from no finger.
const SCAN_KEYS_MIN: u32 = 4;

/// The keys since the last silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DigitKeys {
    count: u32,
    digit: Option<u8>,
}

impl DigitKeys {
    /// Notes a key; `digit` if it was one.
    pub fn press(&mut self, digit: Option<u8>) {
        self.count = self.count.saturating_add(1);
        self.digit = digit.filter(|_| self.count == 1);
    }

    /// Whether keys came that may be part of a scan.
    pub fn is_running(&self) -> bool {
        self.count > 0
    }

    /// Whether the keys that came are a scan for certain.
    pub fn is_scan(&self) -> bool {
        self.count >= SCAN_KEYS_MIN
    }

    /// Nothing came for [`SILENCE`]: the digit, if a single one was pressed.
    pub fn silence(&mut self) -> Option<u8> {
        std::mem::take(self).digit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_digit_counts_once_it_stays_alone() {
        let mut keys = DigitKeys::default();

        keys.press(Some(3));

        assert_eq!(keys.silence(), Some(3));
        assert_eq!(keys.silence(), None);
    }

    #[test]
    fn the_digits_of_a_scan_choose_nothing() {
        let mut keys = DigitKeys::default();

        for digit in [Some(4), None, None, Some(6)] {
            keys.press(digit);
        }

        assert!(keys.is_running());
        assert_eq!(keys.silence(), None);
        assert!(!keys.is_running());
    }
}
