//! What is written on the window's own keys, page by page.
//!
//! Where a row has room for ten keys the letters are where a keyboard of the worker's language has
//! them. A narrow window has room for five keys of full size; there they are in the order of the
//! alphabet, which everybody knows. Every character of a keyboard is there, since passwords have
//! them, and the letters of all languages that the window speaks.

use crate::domain::preferences::Language;

/// Which of them there are to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The worker's language.
    pub language: Language,
    /// Whether there is room for ten keys in a row.
    pub is_roomy: bool,
    /// Digits and signs rather than letters.
    pub is_signs: bool,
    /// Which page of them; the first if there is none with this number.
    pub page: usize,
    /// Capital letters rather than small ones.
    pub is_shifted: bool,
}

/// The keys to see, and where the two keys for other ones lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeypadView {
    /// What each key writes, row by row.
    pub rows: Vec<Vec<String>>,
    /// What stands on the key that leads to letters.
    pub letters_text: String,
    /// The page of letters that it leads to.
    pub letters_next: usize,
    /// What stands on the key that leads to digits and signs.
    pub signs_text: String,
    /// The page of them that it leads to.
    pub signs_next: usize,
}

/// The keys of a page, and what stands on the key that leads to it.
struct KeyPage {
    name: String,
    rows: Vec<String>,
}

/// The letters beside those of the alphabet, each language's own together.
const MORE_LETTERS: &[(Language, &str)] = &[
    (Language::German, "\u{e4}\u{f6}\u{fc}\u{df}"),
    (Language::Polish, "\u{105}\u{107}\u{119}\u{142}\u{144}\u{f3}\u{15b}\u{17a}\u{17c}"),
    (Language::Romanian, "\u{103}\u{e2}\u{ee}\u{219}\u{21b}"),
    (Language::French, "\u{e9}\u{e8}\u{e0}\u{e7}\u{ea}\u{f9}\u{e2}\u{ee}\u{f4}\u{fb}\u{eb}\u{ef}"),
    (Language::Spanish, "\u{e1}\u{e9}\u{ed}\u{f1}\u{f3}\u{fa}\u{fc}"),
    (Language::Italian, "\u{e0}\u{e8}\u{e9}\u{ec}\u{f2}\u{f9}"),
    (Language::Dutch, "\u{eb}\u{ef}\u{e9}\u{f6}\u{fc}"),
];

/// The page that is wanted.
pub fn keypad(wanted: Wanted) -> KeypadView {
    let letters = letters(wanted.language, wanted.is_roomy);
    let signs = signs(wanted.language, wanted.is_roomy);
    let (letters_next, signs_next) = if wanted.is_signs {
        (0, following(wanted.page, signs.len()))
    } else {
        (following(wanted.page, letters.len()), 0)
    };
    let name = |pages: &[KeyPage], index: usize| {
        pages.get(index).map(|page| page.name.clone()).unwrap_or_default()
    };
    let pages = if wanted.is_signs { &signs } else { &letters };
    let page = pages.get(wanted.page).or(pages.first());
    let written = |key: char| if wanted.is_shifted { capital(key) } else { key }.to_string();
    KeypadView {
        rows: page.map_or_else(Vec::new, |page| {
            page.rows.iter().map(|row| row.chars().map(written).collect()).collect()
        }),
        letters_text: name(&letters, letters_next),
        letters_next,
        signs_text: name(&signs, signs_next),
        signs_next,
    }
}

fn following(page: usize, count: usize) -> usize {
    if page + 1 < count { page + 1 } else { 0 }
}

/// The capital letter, where there is one of a single character.
fn capital(key: char) -> char {
    let mut capitals = key.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => key,
    }
}

fn page(name: impl Into<String>, rows: [&str; 3]) -> KeyPage {
    let rows = rows.iter().filter(|row| !row.is_empty()).map(|row| (*row).to_owned());
    KeyPage { name: name.into(), rows: rows.collect() }
}

fn letters(language: Language, is_roomy: bool) -> Vec<KeyPage> {
    if !is_roomy {
        return vec![
            page("a\u{2013}n", ["abcde", "fghij", "klmn"]),
            page("o\u{2013}z", ["opqrs", "tuvwx", "yz.@"]),
        ];
    }
    vec![match language {
        Language::German => page("abc", ["qwertzuiop", "asdfghjkl@", "yxcvbnm.-"]),
        Language::French => page("abc", ["azertyuiop", "qsdfghjklm", "wxcvbn@.-"]),
        _ => page("abc", ["qwertyuiop", "asdfghjkl@", "zxcvbnm.-"]),
    }]
}

fn signs(language: Language, is_roomy: bool) -> Vec<KeyPage> {
    let more = more_letters(language);
    let part = |from: usize, count: usize| more.chars().skip(from).take(count).collect::<String>();
    if is_roomy {
        let mixed = format!("'\"~{}", part(0, 7));
        return vec![
            page("123", ["1234567890", "@_/:.-+=&#", "!?%*(),;$"]),
            page(format!("[{}", part(0, 2)), ["[]{}<>|\\^`", &mixed, &part(7, 9)]),
            page(part(16, 3), [&part(16, 10), &part(26, 9), ""]),
        ];
    }
    let mut pages = vec![
        page("123", ["12345", "67890", ".-/:"]),
        page("!?#", ["_@+=&", "!?#%*", "(),;"]),
        page("[{<", ["$'\"~^", "[]{}<", ">|\\`"]),
    ];
    let first_of_pages = (0..more.chars().count()).step_by(14);
    pages.extend(first_of_pages.map(|first| {
        page(part(first, 3), [&part(first, 5), &part(first + 5, 5), &part(first + 10, 4)])
    }));
    pages
}

/// The letters beside those of the alphabet, those of the worker's language first.
fn more_letters(language: Language) -> String {
    let own = MORE_LETTERS.iter().filter(|(whose, _)| *whose == language);
    let others = MORE_LETTERS.iter().filter(|(whose, _)| *whose != language);
    let mut found = String::new();
    for letter in own.chain(others).flat_map(|(_, letters)| letters.chars()) {
        if !found.contains(letter) {
            found.push(letter);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn wanted(language: Language, is_roomy: bool, is_signs: bool, page: usize) -> Wanted {
        Wanted { language, is_roomy, is_signs, page, is_shifted: false }
    }

    /// All pages that the two keys lead to, with and without Shift.
    fn all_pages(language: Language, is_roomy: bool) -> Vec<KeypadView> {
        let mut pages = Vec::new();
        for is_signs in [false, true] {
            let mut page = 0;
            loop {
                let here = wanted(language, is_roomy, is_signs, page);
                pages.push(keypad(Wanted { is_shifted: true, ..here }));
                let view = keypad(here);
                page = if is_signs { view.signs_next } else { view.letters_next };
                pages.push(view);
                if page == 0 {
                    break;
                }
            }
        }
        pages
    }

    #[test]
    fn every_character_of_a_keyboard_and_of_every_language_can_be_typed() {
        for is_roomy in [false, true] {
            for (_, language) in Language::ALL {
                let typed: BTreeSet<String> = all_pages(language, is_roomy)
                    .iter()
                    .flat_map(|page| page.rows.iter().flatten().cloned())
                    .collect();

                let ascii = ('!'..='~').map(String::from);
                let more = MORE_LETTERS.iter().flat_map(|(_, letters)| letters.chars());
                for needed in ascii.chain(more.map(String::from)) {
                    assert!(typed.contains(&needed), "{language:?} {is_roomy}: {needed}");
                }
            }
        }
    }

    #[test]
    fn a_row_has_no_more_keys_than_there_is_room_for() {
        for (is_roomy, room) in [(false, 5), (true, 10)] {
            for (_, language) in Language::ALL {
                for page in all_pages(language, is_roomy) {
                    let (last, others) = page.rows.split_last().unwrap();
                    assert!(others.iter().all(|row| !row.is_empty() && row.len() <= room));
                    // The last one ends with the key that erases.
                    assert!(!last.is_empty() && last.len() < room, "{last:?}");
                }
            }
        }
    }

    #[test]
    fn a_workers_own_letters_are_on_the_first_page_of_more_letters() {
        let view = keypad(wanted(Language::Polish, false, true, 3));

        assert_eq!(view.rows[0], ["\u{105}", "\u{107}", "\u{119}", "\u{142}", "\u{144}"]);
    }

    #[test]
    fn the_letters_are_where_a_keyboard_of_the_language_has_them() {
        for (language, first) in [
            (Language::German, "qwertz"),
            (Language::French, "azerty"),
            (Language::Polish, "qwerty"),
        ] {
            let view = keypad(wanted(language, true, false, 0));
            assert!(view.rows[0].concat().starts_with(first), "{language:?}");
        }
    }

    #[test]
    fn shift_makes_capitals_and_leaves_what_has_none() {
        let letters = Wanted { is_shifted: true, ..wanted(Language::German, false, false, 0) };
        assert_eq!(keypad(letters).rows[0], ["A", "B", "C", "D", "E"]);
        let more = Wanted { is_shifted: true, ..wanted(Language::German, false, true, 3) };
        assert_eq!(keypad(more).rows[0][..4], ["\u{c4}", "\u{d6}", "\u{dc}", "\u{df}"]);
    }

    #[test]
    fn a_page_that_is_not_there_is_the_first() {
        let first = keypad(wanted(Language::English, true, false, 0));

        assert_eq!(keypad(wanted(Language::English, true, false, 99)).rows, first.rows);
    }
}
