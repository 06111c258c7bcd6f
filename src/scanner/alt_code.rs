//! Characters that are typed by their number: Alt held down, and digits on the number pad. Scanners
//! that act as a keyboard send separators like that (GS as 0029), and some send every character so,
//! to be independent of the keyboard's language.
//!
//! Pure. Whoever listens gives every digit that comes with Alt to [`AltCode::press`], and asks
//! [`AltCode::end`] before any other key and after a silence.

use std::time::Duration;

/// No character has a number with more digits.
const DIGITS_MAX: u32 = 4;

/// The digits since Alt was pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AltCode {
    number: u32,
    digits: u32,
    last: Duration,
}

impl AltCode {
    /// A digit came with Alt, at this time.
    pub fn press(&mut self, digit: u8, at: Duration) {
        self.digits = self.digits.saturating_add(1);
        self.number = self.number.saturating_mul(10).saturating_add(u32::from(digit));
        self.last = at;
    }

    /// Whether digits came.
    pub fn is_pending(&self) -> bool {
        self.digits > 0
    }

    /// What the digits say, with the time of the last one; nothing if they are no character's number.
    /// Above ASCII they are read as Latin-1, which the Windows code page for a leading 0 agrees with
    /// from 160 on.
    pub fn end(&mut self) -> Option<(char, Duration)> {
        let Self { number, digits, last } = std::mem::take(self);
        let is_number = (1..=DIGITS_MAX).contains(&digits) && matches!(number, 1..=126 | 160..=255);
        char::from_u32(number).filter(|_| is_number).map(|character| (character, last))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(digits: &str) -> Option<char> {
        let mut code = AltCode::default();
        for digit in digits.chars().filter_map(|one| one.to_digit(10)) {
            code.press(u8::try_from(digit).unwrap(), Duration::from_millis(7));
        }
        let ended = code.end();
        assert!(!code.is_pending(), "it is over");
        ended.map(|(character, at)| {
            assert_eq!(at, Duration::from_millis(7));
            character
        })
    }

    #[test]
    fn a_separator_is_its_number_with_and_without_zeros() {
        for digits in ["0029", "029", "29"] {
            assert_eq!(typed(digits), Some('\u{1d}'));
        }
        assert_eq!(typed("0087"), Some('W'));
        assert_eq!(typed("0228"), Some('\u{e4}'));
    }

    #[test]
    fn what_is_no_number_of_a_character_is_nothing() {
        for digits in
            ["", "0", "0000", "00029", "256", "127", "0128", "9999", "99999999999999999999"]
        {
            assert_eq!(typed(digits), None, "{digits}");
        }
    }

    proptest! {
        #[test]
        fn every_printed_character_comes_back(character in "[ -~\u{a0}-\u{ff}]") {
            let number = u32::from(character.chars().next().unwrap());

            prop_assert_eq!(typed(&format!("{number:04}")).map(String::from), Some(character));
        }

        #[test]
        fn no_digits_are_too_much(digits in "[0-9]{0,400}") {
            typed(&digits);
        }
    }
}
