//! Digits as they are typed: a code of the second factor, a PIN. Overwritten when they are dropped.

use std::fmt;

use zeroize::Zeroizing;

/// Most digits that are taken: those of the longest PIN.
const DIGITS_MAX: usize = 12;

/// As much as is typed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TypedDigits(Zeroizing<String>);

impl fmt::Debug for TypedDigits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TypedDigits(redacted)")
    }
}

impl TypedDigits {
    /// The digits, for the eyes of whoever types them.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Adds a digit, unless there are too many already. There is room from the start, so that no
    /// copy is left behind by growing.
    pub fn push(&mut self, digit: u8) {
        let digit = char::from_digit(u32::from(digit), 10);
        if let Some(digit) = digit.filter(|_| self.count() < DIGITS_MAX) {
            let room = DIGITS_MAX - self.count();
            self.0.reserve_exact(room);
            self.0.push(digit);
        }
    }

    /// Takes the last digit back.
    pub fn erase(&mut self) {
        self.0.pop();
    }

    /// Hands the digits out and begins anew.
    pub fn take(&mut self) -> Zeroizing<String> {
        std::mem::take(self).0
    }
}
