//! The character of a key that was pressed together with Shift, where the system names only the key.
//!
//! Slint on Android makes the text of a key from its code alone (`androidwindowadapter.rs` of 1.18):
//! a scanner that types `WH-A:1` arrives as `wh-a;1` with Shift pressed in between. Scanners that act
//! as a keyboard are set to the layout of the United States unless somebody changed that.

/// Pairs of that layout: the key, and the same with Shift.
const PAIRS: &[(char, char)] = &[
    ('1', '!'),
    ('2', '@'),
    ('3', '#'),
    ('4', '$'),
    ('5', '%'),
    ('6', '^'),
    ('7', '&'),
    ('8', '*'),
    ('9', '('),
    ('0', ')'),
    ('-', '_'),
    ('=', '+'),
    ('[', '{'),
    (']', '}'),
    ('\\', '|'),
    (';', ':'),
    ('\'', '"'),
    ('`', '~'),
    (',', '<'),
    ('.', '>'),
    ('/', '?'),
];

/// The character that a key writes with Shift; what is no key of the layout stays as it is.
pub fn with_shift(key: char) -> char {
    let pair = PAIRS.iter().find(|(plain, _)| *plain == key);
    pair.map_or_else(|| key.to_ascii_uppercase(), |(_, shifted)| *shifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_signs_are_what_the_scanner_meant() {
        let typed =
            [('w', true), ('h', true), ('-', false), ('a', true), (';', true), ('1', false)];
        let meant: String =
            typed.iter().map(|(key, shift)| if *shift { with_shift(*key) } else { *key }).collect();

        assert_eq!(meant, "WH-A:1");
    }

    #[test]
    fn what_is_shifted_already_or_no_key_stays() {
        for one in ['A', ':', '\u{e4}', ' ', '\u{1d}'] {
            assert_eq!(with_shift(one), one);
        }
    }
}
