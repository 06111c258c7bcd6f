//! From the text of a code to one of the user's warehouses (design section 7).

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::gs1::{self, GROUP_SEPARATOR, Gs1};

/// The longest code that is looked at, in characters.
const LENGTH_MAX: usize = 512;

/// Why a code means none of the user's warehouses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// It means this warehouse, or names this uuid, which is not the user's.
    NotAssigned(String),
    /// It is the label of a logistic unit.
    Pallet,
    /// It is the label of an article.
    Article,
    /// It is a GLN in another role than a place.
    Party,
    /// More than one of the user's warehouses has this name.
    Ambiguous,
    /// Nothing is known by it.
    Unknown,
}

/// One of the user's warehouses: its uuid, its assignment's id, its name.
pub type Candidate<'a> = (Uuid, Uuid, &'a str);

/// Finds the warehouse that a code means: by uuid, by GLN, by alias, by name; the first match wins.
///
/// A GLN means what the alias table says it means, as `gln` or `gln/extension`.
///
/// # Errors
/// What the code is instead.
pub fn resolve<'a>(
    code: &str,
    aliases: &BTreeMap<String, Uuid>,
    candidates: impl Iterator<Item = Candidate<'a>>,
) -> Result<Uuid, Unresolved> {
    let candidates: Vec<Candidate<'a>> = candidates.collect();
    let code = clean(code).ok_or(Unresolved::Unknown)?;
    if code.chars().any(|one| one.is_control() && one != GROUP_SEPARATOR) {
        return Err(Unresolved::Unknown);
    }
    if let Some(uuid) = uuid_of(code) {
        return own(uuid, &candidates).ok_or_else(|| Unresolved::NotAssigned(uuid.to_string()));
    }
    let as_gs1 = gs1::parse(code);
    let place = match &as_gs1 {
        Some(Gs1::Place(place)) => aliased(place, aliases)?.map(|warehouse| (warehouse, place)),
        _ => None,
    };
    if let Some((warehouse, place)) = place {
        return own(warehouse, &candidates).ok_or_else(|| Unresolved::NotAssigned(place.clone()));
    }
    if let Some(warehouse) = aliased(code, aliases)? {
        return own(warehouse, &candidates).ok_or_else(|| Unresolved::NotAssigned(code.to_owned()));
    }
    let named: BTreeSet<Uuid> = candidates
        .iter()
        .filter(|(_, _, name)| name.trim() == code)
        .map(|(warehouse, _, _)| *warehouse)
        .collect();
    match (named.len(), named.first()) {
        (1, Some(warehouse)) => Ok(*warehouse),
        (0, _) => Err(instead(as_gs1)),
        _ => Err(Unresolved::Ambiguous),
    }
}

fn instead(as_gs1: Option<Gs1>) -> Unresolved {
    match as_gs1 {
        Some(Gs1::Pallet) => Unresolved::Pallet,
        Some(Gs1::Article) => Unresolved::Article,
        Some(Gs1::Party) => Unresolved::Party,
        Some(Gs1::Place(place)) => Unresolved::NotAssigned(place),
        None => Unresolved::Unknown,
    }
}

/// Takes off blanks, control characters and the AIM identifier (ISO/IEC 15424: `]`, a letter, a
/// digit or letter). `None` if nothing is left or it is too long.
fn clean(code: &str) -> Option<&str> {
    // Some scanners send the byte order mark of their encoding first.
    let is_margin = |one: char| one.is_whitespace() || one.is_control() || one == '\u{feff}';
    let code = code.trim_matches(is_margin);
    let mut characters = code.chars();
    let starts = (characters.next(), characters.next(), characters.next());
    let code = match starts {
        (Some(']'), Some(symbology), Some(modifier))
            if symbology.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() =>
        {
            characters.as_str().trim_matches(is_margin)
        }
        _ => code,
    };
    (!code.is_empty() && code.chars().count() <= LENGTH_MAX).then_some(code)
}

/// A bare uuid in any spelling, or `wareswitch:<uuid>`.
fn uuid_of(code: &str) -> Option<Uuid> {
    let bare = match code.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("wareswitch") => rest,
        _ => code,
    };
    Uuid::try_parse(bare).ok().or_else(|| Uuid::try_parse(&bare.to_ascii_lowercase()).ok())
}

fn own(uuid: Uuid, candidates: &[Candidate<'_>]) -> Option<Uuid> {
    candidates
        .iter()
        .find(|(warehouse, assignment, _)| *warehouse == uuid || *assignment == uuid)
        .map(|(warehouse, _, _)| *warehouse)
}

/// Exact first, then whatever the case.
fn aliased(code: &str, aliases: &BTreeMap<String, Uuid>) -> Result<Option<Uuid>, Unresolved> {
    if let Some(warehouse) = aliases.get(code) {
        return Ok(Some(*warehouse));
    }
    let wanted = code.to_lowercase();
    let folded: BTreeSet<Uuid> = aliases
        .iter()
        .filter(|(alias, _)| alias.to_lowercase() == wanted)
        .map(|(_, warehouse)| *warehouse)
        .collect();
    // Two that differ by case alone say nothing to a code that fits neither.
    if folded.len() > 1 { Err(Unresolved::Ambiguous) } else { Ok(folded.first().copied()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HALLE_2: Uuid = Uuid::from_u128(2);
    const ASSIGNMENT_2: Uuid = Uuid::from_u128(1002);
    const HALLE_7: Uuid = Uuid::from_u128(7);

    fn mean(code: &str) -> Result<Uuid, Unresolved> {
        let aliases: BTreeMap<String, Uuid> = [
            ("A-17".to_owned(), HALLE_2),
            ("4012345000009".to_owned(), HALLE_2),
            ("gate".to_owned(), HALLE_7),
            ("Dock".to_owned(), HALLE_2),
            ("DOCK".to_owned(), HALLE_7),
        ]
        .into();
        let candidates = [
            (HALLE_2, ASSIGNMENT_2, "Halle 2"),
            (Uuid::from_u128(3), Uuid::from_u128(1003), "Twin"),
            (Uuid::from_u128(4), Uuid::from_u128(1004), "Twin"),
            // Given twice by mistake, with a blank from the Back Office.
            (Uuid::from_u128(5), Uuid::from_u128(1005), "Yard \u{1f69a} "),
            (Uuid::from_u128(5), Uuid::from_u128(1006), "Yard \u{1f69a} "),
        ];
        resolve(code, &aliases, candidates.into_iter())
    }

    #[test]
    fn every_spelling_of_a_uuid_means_its_warehouse() {
        for code in [
            HALLE_2.to_string(),
            ASSIGNMENT_2.to_string(),
            HALLE_2.to_string().to_uppercase(),
            HALLE_2.simple().to_string(),
            format!("{{{HALLE_2}}}"),
            format!("urn:uuid:{HALLE_2}"),
            format!("wareswitch:{HALLE_2}"),
            format!("]Q3{HALLE_2}\r\n"),
        ] {
            assert_eq!(mean(&code), Ok(HALLE_2), "{code}");
        }
    }

    #[test]
    fn names_aliases_and_gln_mean_their_warehouse() {
        for code in [
            "Halle 2",
            " Halle 2 ",
            "A-17",
            "a-17",
            "]C14144012345000009",
            "\u{1d}4144012345000009",
            "\u{feff}]d2\u{1d}\u{1d}4144012345000009\u{1d}10LOT\r\n",
            "(414)4012345000009",
            "https://id.example/de/414/4012345000009?linkType=all",
            "Dock",
        ] {
            assert_eq!(mean(code), Ok(HALLE_2), "{code}");
        }
    }

    #[test]
    fn a_warehouse_that_is_assigned_twice_is_still_one() {
        assert_eq!(mean("Yard \u{1f69a}"), Ok(Uuid::from_u128(5)));
    }

    #[test]
    fn what_means_no_warehouse_of_the_user_says_what_it_is() {
        let cases = [
            ("gate", Unresolved::NotAssigned("gate".into())),
            ("Twin", Unresolved::Ambiguous),
            ("00340123450000000017", Unresolved::Pallet),
            ("0104012345000009", Unresolved::Article),
            ("4104012345000009", Unresolved::Party),
            ("halle 2", Unresolved::Unknown),
            ("Halle\t2", Unresolved::Unknown),
            ("0034012345\u{2}0000000017", Unresolved::Unknown),
            ("4144012345000009\u{1d}10LOT\u{2}X", Unresolved::Unknown),
            ("dock", Unresolved::Ambiguous),
            ("4144012345000016", Unresolved::NotAssigned("4012345000016".into())),
            ("wareswitch:Halle 2", Unresolved::Unknown),
            ("https://shop.example/", Unresolved::Unknown),
            ("", Unresolved::Unknown),
            ("]C1", Unresolved::Unknown),
        ];
        for (code, expected) in cases {
            assert_eq!(mean(code), Err(expected), "{code}");
        }
    }

    #[test]
    fn a_code_that_is_too_long_is_unknown() {
        assert_eq!(mean(&"x".repeat(LENGTH_MAX + 1)), Err(Unresolved::Unknown));
    }

    proptest! {
        #[test]
        fn no_code_is_too_much_and_none_means_what_is_not_the_users(code in any::<String>()) {
            let meant = mean(&code);

            let own = [HALLE_2, Uuid::from_u128(3), Uuid::from_u128(4), Uuid::from_u128(5)];
            prop_assert!(meant.is_err() || own.iter().any(|warehouse| meant == Ok(*warehouse)));
        }

        #[test]
        fn what_a_scanner_puts_around_a_code_changes_nothing(
            before in "(\u{feff}|\u{0}|\u{1d}|\r|\n| ){0,3}",
            identifier in "(\\][A-Za-z][0-9])?",
            after in "(\u{0}|\u{1d}|\r|\n|\t| ){0,3}",
            code in "[A-Za-z0-9][A-Za-z0-9 -]{0,30}[A-Za-z0-9]",
        ) {
            let around = format!("{before}{identifier}{code}{after}");

            prop_assert_eq!(mean(&around), mean(&code));
        }
    }
}
