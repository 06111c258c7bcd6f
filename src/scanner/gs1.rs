//! The part of GS1 that names places: the GLN of AI 414, in element strings and Digital Links.
//!
//! Sources: GS1 General Specifications 3.2 (application identifiers), 7.9 (check digit), 7.8.5
//! (FNC1 as group separator), 7.11 (character set 82); GS1 Digital Link URI syntax 4; GS1 syntax
//! dictionary (`414 * N13,csum,key`, `254 X..20 req=414`).

use std::borrow::Cow;

/// The group separator that ends an element of variable length.
pub(super) const GROUP_SEPARATOR: char = '\u{1d}';

/// What a GS1 code is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gs1 {
    /// A place: a GLN, with an extension if there is one, as `gln` or `gln/extension`.
    Place(String),
    /// A logistic unit, AI 00.
    Pallet,
    /// An article, AI 01.
    Article,
    /// A party or another role of a GLN (AI 410 to 413, 415 to 417).
    Party,
}

/// An identifier whose value has a fixed length and ends with a check digit.
struct Key {
    identifier: &'static str,
    /// Of the value, in digits.
    length: usize,
    kind: KeyKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Place,
    Pallet,
    Article,
    Party,
}

const fn key(identifier: &'static str, length: usize, kind: KeyKind) -> Key {
    Key { identifier, length, kind }
}

/// The keys that are told apart. Their values have a predefined length, so nothing separates them
/// from what follows.
const KEYS: &[Key] = &[
    key("00", 18, KeyKind::Pallet),
    key("01", 14, KeyKind::Article),
    key("410", 13, KeyKind::Party),
    key("411", 13, KeyKind::Party),
    key("412", 13, KeyKind::Party),
    key("413", 13, KeyKind::Party),
    key("414", 13, KeyKind::Place),
    key("415", 13, KeyKind::Party),
    key("416", 13, KeyKind::Party),
    key("417", 13, KeyKind::Party),
];

/// The identifier of a place's extension; it means something only behind a place.
const EXTENSION: &str = "254";

/// Reads a GS1 element string (without FNC1 or AIM identifier before it), the form with brackets
/// that people read, or a Digital Link. `None` if it is none of them.
pub(super) fn parse(code: &str) -> Option<Gs1> {
    let rest_of_link = ["https://", "http://"].iter().find_map(|scheme| {
        let (start, rest) = code.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    match rest_of_link {
        Some(rest) => parse_digital_link(rest),
        None if code.starts_with('(') => parse_with_brackets(code),
        None => parse_element_string(code),
    }
}

/// The keys at the beginning, one after the other; a place among them is what counts.
fn parse_element_string(code: &str) -> Option<Gs1> {
    let mut first = None;
    let mut rest = code;
    while let Some((key, value, behind)) = split_key(rest) {
        rest = behind.trim_start_matches(GROUP_SEPARATOR);
        if key.kind == KeyKind::Place {
            return match rest.strip_prefix(EXTENSION) {
                Some(extension) => with_extension(value, extension.split(GROUP_SEPARATOR).next()?),
                // Whatever else it tells begins with the two digits of an identifier.
                None if rest.is_empty() || split_digits(rest, 2).is_some() => place(value),
                None => None,
            };
        }
        first = first.or(Some(key.kind));
    }
    first.and_then(about)
}

/// `(414)4012345000009(254)A1`. A value may hold brackets of its own, so an identifier is looked
/// for only where one can be.
fn parse_with_brackets(code: &str) -> Option<Gs1> {
    let mut first = None;
    let mut rest = code;
    while let Some((identifier, behind)) =
        rest.strip_prefix('(').and_then(|open| open.split_once(')'))
    {
        let Some(key) = KEYS.iter().find(|key| key.identifier == identifier) else { break };
        let (value, behind) = split_value(key, behind)?;
        rest = behind.trim_start();
        if key.kind == KeyKind::Place {
            return match rest.strip_prefix("(254)") {
                Some(extension) => with_extension(value, extension),
                None if rest.is_empty() || rest.starts_with('(') => place(value),
                None => None,
            };
        }
        first = first.or(Some(key.kind));
    }
    first.and_then(about)
}

/// `HOST/.../414/<gln>[/254/<extension>]`; the host is never asked. Whatever stands before the key
/// is the owner's business.
fn parse_digital_link(rest: &str) -> Option<Gs1> {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let keyed = segments.windows(2).enumerate().find_map(|(index, pair)| {
        let [identifier, value] = pair else { return None };
        let key = KEYS.iter().find(|key| key.identifier == *identifier)?;
        let (value, behind) = split_value(key, value)?;
        behind.is_empty().then_some((key.kind, value, index))
    });
    let (kind, value, index) = keyed?;
    if kind != KeyKind::Place {
        return about(kind);
    }
    match (segments.get(index + 2), segments.get(index + 3)) {
        (Some(&EXTENSION), Some(extension)) => with_extension(value, &percent_decoded(extension)?),
        _ => place(value),
    }
}

fn about(kind: KeyKind) -> Option<Gs1> {
    match kind {
        KeyKind::Pallet => Some(Gs1::Pallet),
        KeyKind::Article => Some(Gs1::Article),
        KeyKind::Party => Some(Gs1::Party),
        KeyKind::Place => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "reads like its sibling")]
fn place(gln: &str) -> Option<Gs1> {
    Some(Gs1::Place(gln.to_owned()))
}

fn with_extension(gln: &str, extension: &str) -> Option<Gs1> {
    is_extension(extension).then(|| Gs1::Place(format!("{gln}/{extension}")))
}

/// AI 254 is `X..20`, of character set 82.
fn is_extension(extension: &str) -> bool {
    let is_of_set =
        |one: char| one.is_ascii_alphanumeric() || "!\"%&'()*+,-./_:;<=>?".contains(one);
    (1..=20).contains(&extension.len()) && extension.chars().all(is_of_set)
}

/// A key at the beginning of an element string, its value, and what follows.
fn split_key(code: &str) -> Option<(&'static Key, &str, &str)> {
    KEYS.iter().find_map(|key| {
        let (value, rest) = split_value(key, code.strip_prefix(key.identifier)?)?;
        Some((key, value, rest))
    })
}

/// The value of a key, if it is one by its check digit, and what follows.
fn split_value<'a>(key: &Key, text: &'a str) -> Option<(&'a str, &'a str)> {
    let (value, rest) = split_digits(text, key.length)?;
    has_check_digit(value).then_some((value, rest))
}

fn split_digits(text: &str, count: usize) -> Option<(&str, &str)> {
    let (digits, rest) = text.split_at_checked(count)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some((digits, rest))
}

/// The last digit makes the weighted sum a multiple of ten; weights 3 and 1 alternate from the
/// right (General Specifications 7.9).
fn has_check_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let weight = if place % 2 == 0 { 1 } else { 3 };
            u32::from(byte.saturating_sub(b'0')) * weight
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Puts `%2F` and the like back (RFC 3986, 2.1). `None` if that is no text.
fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend(parts.next()?.bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GLN: &str = "4012345000009";

    fn place_of(text: &str) -> Option<Gs1> {
        Some(Gs1::Place(text.into()))
    }

    #[test]
    fn places_are_read_from_element_strings_with_their_check_digit() {
        let cases = [
            ("4144012345000009", place_of(GLN)),
            ("4144012345000009254A1", place_of("4012345000009/A1")),
            ("4144012345000009\u{1d}254A1\u{1d}10LOT", place_of("4012345000009/A1")),
            ("414401234500000910LOT", place_of(GLN)),
            ("41040123450000094144012345000009", place_of(GLN)),
            ("4144012345000008", None),
            ("4144012345000009 is a number", None),
            ("4144012345000009254", None),
            ("4144012345000009254A#1", None),
            ("4144012345000009254123456789012345678901", None),
            ("414401234500000", None),
            ("254A1", None),
        ];
        for (code, expected) in cases {
            assert_eq!(parse(code), expected, "{code}");
        }
    }

    #[test]
    fn places_are_read_from_the_form_with_brackets() {
        let cases = [
            ("(414)4012345000009", place_of(GLN)),
            ("(414)4012345000009(254)A1", place_of("4012345000009/A1")),
            ("(414) 4012345000009", None),
            ("(414)4012345000009 (254)A(1)", place_of("4012345000009/A(1)")),
            ("(410)4012345000009(414)4012345000009", place_of(GLN)),
            ("(414)4012345000008", None),
            ("(414)4012345000009x", None),
            ("(414", None),
            ("()", None),
        ];
        for (code, expected) in cases {
            assert_eq!(parse(code), expected, "{code}");
        }
    }

    #[test]
    fn places_are_read_from_digital_links_of_any_host() {
        let cases = [
            ("https://id.example/414/4012345000009", place_of(GLN)),
            ("HTTP://ID.EXAMPLE/a/b/414/4012345000009/", place_of(GLN)),
            ("https://id.example/x/414/4012345000009/254/A1?y=1", place_of("4012345000009/A1")),
            ("https://id.example/414/4012345000009/254/A%2F1#top", place_of("4012345000009/A/1")),
            ("https://id.example/414/414/4012345000009", place_of(GLN)),
            ("https://id.example/414/4012345000009/254/%zz", None),
            ("https://id.example/414/4012345000009/254/%+1", None),
            ("https://id.example/414/4012345000009/254/%c3%a4", None),
            ("https://id.example/414/4012345000008", None),
            ("https://id.example/?414=4012345000009", None),
            ("https://414/4012345000009", None),
            ("ftp://id.example/414/4012345000009", None),
        ];
        for (code, expected) in cases {
            assert_eq!(parse(code), expected, "{code}");
        }
    }

    #[test]
    fn what_is_no_place_is_recognised_for_what_it_is() {
        let cases = [
            ("00340123450000000017", Some(Gs1::Pallet)),
            ("00340123450000000019", None),
            ("(00)340123450000000017", Some(Gs1::Pallet)),
            ("https://id.example/00/340123450000000017", Some(Gs1::Pallet)),
            ("0104012345000009", Some(Gs1::Article)),
            ("010401234500000910LOT", Some(Gs1::Article)),
            ("0104012345000008", None),
            ("https://id.example/01/04012345000009/10/LOT", Some(Gs1::Article)),
            ("https://id.example/01/welcome", None),
            ("4104012345000009", Some(Gs1::Party)),
            ("4174012345000009", Some(Gs1::Party)),
            ("4184012345000009", None),
            ("hello", None),
        ];
        for (code, expected) in cases {
            assert_eq!(parse(code), expected, "{code}");
        }
    }

    /// Twelve digits with the one that checks them.
    fn any_gln() -> impl Strategy<Value = String> {
        "[0-9]{12}".prop_map(|digits| {
            let with = |last: u32| format!("{digits}{last}");
            (0..10).map(with).find(|gln| has_check_digit(gln)).unwrap()
        })
    }

    proptest! {
        #[test]
        fn every_place_is_read_in_all_three_forms(
            gln in any_gln(),
            extension in "[A-Za-z0-9!\"&'()*+,./_:;<=>?-]{1,20}",
        ) {
            let expected = place_of(&format!("{gln}/{extension}"));
            let encoded: String = extension.bytes().map(|byte| format!("%{byte:02X}")).collect();

            prop_assert_eq!(parse(&format!("414{gln}254{extension}")), expected.clone());
            prop_assert_eq!(parse(&format!("(414){gln}(254){extension}")), expected.clone());
            prop_assert_eq!(parse(&format!("https://x.example/414/{gln}/254/{encoded}")), expected);
        }

        #[test]
        fn one_wrong_digit_is_noticed(gln in any_gln(), place in 0..13_usize, by in 1..10_u8) {
            let mut digits = gln.into_bytes();
            digits[place] = b'0' + (digits[place] - b'0' + by) % 10;
            let wrong = String::from_utf8(digits).unwrap();

            prop_assert_eq!(parse(&format!("414{wrong}")), None);
        }

        #[test]
        fn no_text_is_too_much(code in ".{0,80}", start in "(414|\\(414\\)|https://x/|00|01)?") {
            parse(&format!("{start}{code}"));
        }
    }
}
