//! Why a code may mean nothing: it is a known one that arrived changed. For the scanner's test page;
//! a code that is scanned in earnest is never guessed at.

/// How a known code was changed on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misreading {
    /// The scanner types for another keyboard than the device has.
    KeyboardLayout,
    /// Capital and small letters are exchanged: Caps Lock.
    CapsLock,
    /// It arrived twice, through two outputs of the scanner.
    Doubled,
    /// This stands before it.
    Prefix(String),
}

/// The longest prefix that is looked for, in characters.
const PREFIX_MAX: usize = 4;

/// Each key with its character on a keyboard of the United States, which scanners come set to, and
/// on a German one.
const GERMAN: &[(char, char)] = &[
    ('y', 'z'),
    ('z', 'y'),
    ('Y', 'Z'),
    ('Z', 'Y'),
    ('-', '\u{df}'),
    ('_', '?'),
    ('=', '\u{b4}'),
    ('+', '`'),
    ('[', '\u{fc}'),
    ('{', '\u{dc}'),
    (']', '+'),
    ('}', '*'),
    (';', '\u{f6}'),
    (':', '\u{d6}'),
    ('\'', '\u{e4}'),
    ('"', '\u{c4}'),
    ('\\', '#'),
    ('|', '\''),
    ('<', ';'),
    ('>', ':'),
    ('/', '-'),
    ('?', '_'),
    ('@', '"'),
    ('#', '\u{a7}'),
    ('^', '&'),
    ('&', '/'),
    ('*', '('),
    ('(', ')'),
    (')', '='),
];

/// The same with a French one.
const FRENCH: &[(char, char)] = &[
    ('q', 'a'),
    ('a', 'q'),
    ('Q', 'A'),
    ('A', 'Q'),
    ('w', 'z'),
    ('z', 'w'),
    ('W', 'Z'),
    ('Z', 'W'),
    ('m', ','),
    ('M', '?'),
    (';', 'm'),
    (':', 'M'),
    ('1', '&'),
    ('2', '\u{e9}'),
    ('3', '"'),
    ('4', '\''),
    ('5', '('),
    ('6', '-'),
    ('7', '\u{e8}'),
    ('8', '_'),
    ('9', '\u{e7}'),
    ('0', '\u{e0}'),
    ('!', '1'),
    ('@', '2'),
    ('#', '3'),
    ('$', '4'),
    ('%', '5'),
    ('^', '6'),
    ('&', '7'),
    ('*', '8'),
    ('(', '9'),
    (')', '0'),
    ('-', ')'),
    ('_', '\u{b0}'),
    ('/', '!'),
    ('?', '\u{a7}'),
    ('.', ':'),
    (',', ';'),
    ('<', '.'),
    ('>', '/'),
];

/// What may have happened to a code that means nothing, if `is_known` knows what it would be then.
pub fn misreading(code: &str, is_known: impl Fn(&str) -> bool) -> Option<Misreading> {
    let layouts = [GERMAN, FRENCH];
    let is_other_layout = layouts.iter().any(|pairs| {
        let typed_for_us =
            exchanged(code, |key| pairs.iter().find(|pair| pair.1 == key).map(|p| p.0));
        let typed_by_us =
            exchanged(code, |key| pairs.iter().find(|pair| pair.0 == key).map(|p| p.1));
        [typed_for_us, typed_by_us].iter().any(|meant| meant != code && is_known(meant))
    });
    if is_other_layout {
        return Some(Misreading::KeyboardLayout);
    }
    let other_case = exchanged(code, |key| {
        if key.is_ascii_lowercase() {
            Some(key.to_ascii_uppercase())
        } else {
            key.is_ascii_uppercase().then(|| key.to_ascii_lowercase())
        }
    });
    if other_case != code && is_known(&other_case) {
        return Some(Misreading::CapsLock);
    }
    let half = code.chars().count() / 2;
    let (first, second) = split(code, half);
    if first == second && is_known(first) {
        return Some(Misreading::Doubled);
    }
    (1..=PREFIX_MAX).map(|count| split(code, count)).find_map(|(prefix, rest)| {
        (!rest.is_empty() && is_known(rest)).then(|| Misreading::Prefix(prefix.to_owned()))
    })
}

fn exchanged(code: &str, key_for: impl Fn(char) -> Option<char>) -> String {
    code.chars().map(|key| key_for(key).unwrap_or(key)).collect()
}

/// The first characters of a text, and the others.
fn split(text: &str, count: usize) -> (&str, &str) {
    let at = text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    text.split_at_checked(at).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Option<Misreading> {
        let known = ["834b3731-02d4-5d6f-9a61-d63ae5e70517", "WH-Berlin:01", "Zylinder", "4012345"];
        misreading(code, |code| known.contains(&code))
    }

    #[test]
    fn what_was_changed_on_the_way_is_found_out() {
        let prefix = |prefix: &str| Some(Misreading::Prefix(prefix.into()));
        for (code, expected) in [
            // Set to the United States, read by a German and by a French device.
            (
                "834b3731\u{df}02d4\u{df}5d6f\u{df}9a61\u{df}d63ae5e70517",
                Some(Misreading::KeyboardLayout),
            ),
            ("WH\u{df}Berlin\u{d6}01", Some(Misreading::KeyboardLayout)),
            ("Yzlinder", Some(Misreading::KeyboardLayout)),
            ("'\u{e0}&\u{e9}\"'(", Some(Misreading::KeyboardLayout)),
            // Set to German, read by a device of the United States.
            ("WH/Berlin>01", Some(Misreading::KeyboardLayout)),
            ("wh-bERLIN:01", Some(Misreading::CapsLock)),
            ("40123454012345", Some(Misreading::Doubled)),
            ("~4012345", prefix("~")),
            ("]A04012345", prefix("]A0")),
            ("4012346", None),
            ("", None),
        ] {
            assert_eq!(of(code), expected, "{code}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_much(code in proptest::prelude::any::<String>()) {
            let _ = of(&code);
        }
    }
}
