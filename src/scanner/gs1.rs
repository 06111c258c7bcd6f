//! The part of GS1 that names places: the GLN of AI 414, in element strings and Digital Links.
//!
//! Sources: GS1 General Specifications 3.2 (application identifiers), 7.9 (check digit), 7.8.5
//! (FNC1 as group separator); GS1 Digital Link URI syntax 4.

/// The group separator that ends an element of variable length.
const GROUP_SEPARATOR: char = '\u{1d}';

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

/// Reads a GS1 element string (after FNC1 or an AIM identifier that says so) or a Digital Link.
/// `None` if it is neither.
pub(super) fn parse(code: &str) -> Option<Gs1> {
    match code.strip_prefix("https://").or_else(|| code.strip_prefix("http://")) {
        Some(rest) => parse_digital_link(rest),
        None => parse_element_string(code),
    }
}

fn parse_element_string(code: &str) -> Option<Gs1> {
    if let Some(rest) = code.strip_prefix("414") {
        let (gln, rest) = split_digits(rest, 13)?;
        has_check_digit(gln).then_some(())?;
        let rest = rest.trim_start_matches(GROUP_SEPARATOR);
        let extension = rest.strip_prefix("254");
        return match (rest.is_empty(), extension) {
            (true, _) => Some(Gs1::Place(gln.to_owned())),
            (false, Some(extension)) => {
                let extension = extension.split(GROUP_SEPARATOR).next().unwrap_or_default();
                is_extension(extension).then(|| Gs1::Place(format!("{gln}/{extension}")))
            }
            (false, None) => None,
        };
    }
    let is_number = |digits: usize, rest: &str| {
        split_digits(rest, digits).is_some_and(|(number, _)| has_check_digit(number))
    };
    if code.strip_prefix("00").is_some_and(|rest| is_number(18, rest)) {
        return Some(Gs1::Pallet);
    }
    if code.strip_prefix("01").is_some_and(|rest| is_number(14, rest)) {
        return Some(Gs1::Article);
    }
    let roles = ["410", "411", "412", "413", "415", "416", "417"];
    let is_party =
        roles.iter().any(|role| code.strip_prefix(role).is_some_and(|rest| is_number(13, rest)));
    is_party.then_some(Gs1::Party)
}

/// `HOST/.../414/<gln>[/254/<extension>]`; the host is never asked.
fn parse_digital_link(rest: &str) -> Option<Gs1> {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let after = |key: &str| {
        let place = segments.iter().position(|segment| *segment == key)?;
        segments.get(place + 1).copied()
    };
    if let Some(gln) = after("414") {
        let (gln, rest) = split_digits(gln, 13)?;
        (rest.is_empty() && has_check_digit(gln)).then_some(())?;
        return match after("254") {
            None => Some(Gs1::Place(gln.to_owned())),
            Some(extension) => {
                is_extension(extension).then(|| Gs1::Place(format!("{gln}/{extension}")))
            }
        };
    }
    if after("00").is_some() {
        return Some(Gs1::Pallet);
    }
    after("01").map(|_| Gs1::Article)
}

/// AI 254 is `X..20`.
fn is_extension(extension: &str) -> bool {
    (1..=20).contains(&extension.len()) && extension.chars().all(|one| one.is_ascii_graphic())
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
            u32::from(byte - b'0') * weight
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_both_forms_with_their_check_digit() {
        let cases = [
            ("4144012345000009", Some(Gs1::Place("4012345000009".into()))),
            ("4144012345000009254A1", Some(Gs1::Place("4012345000009/A1".into()))),
            ("4144012345000009\u{1d}254A1\u{1d}", Some(Gs1::Place("4012345000009/A1".into()))),
            ("4144012345000008", None),
            ("https://id.example/414/4012345000009", Some(Gs1::Place("4012345000009".into()))),
            (
                "https://id.example/x/414/4012345000009/254/A1?y=1",
                Some(Gs1::Place("4012345000009/A1".into())),
            ),
            ("https://id.example/414/4012345000008", None),
            ("414401234500000", None),
        ];
        for (code, expected) in cases {
            assert_eq!(parse(code), expected, "{code}");
        }
    }

    #[test]
    fn what_is_no_place_is_recognised_for_what_it_is() {
        assert_eq!(parse("00340123450000000019"), None);
        assert_eq!(parse("00340123450000000017"), Some(Gs1::Pallet));
        assert_eq!(parse("0104012345000008"), None);
        assert_eq!(parse("0104012345000009"), Some(Gs1::Article));
        assert_eq!(parse("4104012345000009"), Some(Gs1::Party));
        assert_eq!(parse("hello"), None);
    }
}
