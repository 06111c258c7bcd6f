//! Every text of the window has a translation in every language, none is left over, and every
//! number has the forms that its language wants.
//!
//! The texts are read from the `.slint` sources, so nothing has to be installed to find out that a
//! catalogue is out of date.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wareswitch::app::state::AppState;
use wareswitch::domain::change::ChangeState;
use wareswitch::domain::connection::Connection;
use wareswitch::domain::preferences::Preference;
use wareswitch::gui::Language;
use wareswitch::gui::intent::Intent;

use crate::samples::{self, NAMES, Variations};
use crate::screen::Screen;

/// Each language but English, with the number of its plural forms.
const LANGUAGES: [(&str, usize); 7] =
    [("de", 2), ("pl", 3), ("ro", 3), ("fr", 2), ("nl", 2), ("it", 2), ("es", 2)];

/// The text, and whether it has a plural.
type Texts = BTreeMap<String, bool>;

struct Entry {
    id: String,
    has_plural: bool,
    translations: Vec<String>,
}

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

fn slint_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            slint_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "slint") {
            found.push(path);
        }
    }
}

/// The text of a literal that begins at the start, and what comes after it.
fn literal(source: &str) -> Option<(&str, &str)> {
    let rest = source.trim_start().strip_prefix('"')?;
    let end = rest.find('"')?;
    assert!(!rest[..end].contains('\\'), "escapes are not read here: {}", &rest[..end]);
    Some((&rest[..end], &rest[end + 1..]))
}

/// The first text of every `@tr(..)`.
fn texts_of(source: &str, found: &mut Texts) {
    for rest in source.split("@tr(").skip(1) {
        let (text, after) = literal(rest).unwrap_or_else(|| panic!("@tr({:.40}", rest));
        assert!(!after.trim_start().starts_with("=>"), "no contexts here: {text}");
        let has_plural = after.trim_start().starts_with('|');
        let before = found.insert(text.to_owned(), has_plural);
        assert!(
            before.is_none_or(|before| before == has_plural),
            "with and without plural: {text}"
        );
    }
}

fn texts_of_the_window() -> Texts {
    let mut files = Vec::new();
    slint_files(&ui(), &mut files);
    let mut found = Texts::new();
    for path in files {
        texts_of(&std::fs::read_to_string(path).unwrap(), &mut found);
    }
    assert!(found.len() > 200, "the texts were not found");
    found
}

fn quoted<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.strip_prefix(start)?.trim_start().strip_prefix('"')?.strip_suffix('"')
}

fn catalogue(language: &str) -> Vec<Entry> {
    let path = ui().join("i18n").join(language).join("LC_MESSAGES/wareswitch.po");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(!text.contains("fuzzy"), "{language}: a translation is not certain");
    assert!(!text.contains("#~"), "{language}: an old translation was kept");
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines() {
        if let Some(id) = quoted(line, "msgid ") {
            entries.push(Entry { id: id.to_owned(), has_plural: false, translations: Vec::new() });
        } else if let Some(entry) = entries.last_mut() {
            entry.has_plural |= line.starts_with("msgid_plural ");
            let translation = line.strip_prefix("msgstr").and_then(|rest| rest.split_once(' '));
            if let Some((_, translation)) = translation {
                entry.translations.push(translation.trim_matches('"').to_owned());
            }
        }
    }
    entries.remove(0);
    entries
}

/// What `msgfmt --check` wants to stand in the header, beside what is read from it.
const HEADER: [&str; 7] = [
    "Project-Id-Version",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Language",
    "Content-Type",
    "Plural-Forms",
];

#[test]
fn a_translators_tools_find_all_that_they_want_in_every_header() {
    for (language, _) in LANGUAGES {
        let path = ui().join("i18n").join(language).join("LC_MESSAGES/wareswitch.po");
        let text = std::fs::read_to_string(path).unwrap();
        let (header, _) = text.split_once("\n\n").unwrap();
        for field in HEADER {
            assert!(header.contains(&format!("\"{field}: ")), "{language}: no {field}");
        }
        assert!(header.contains(&format!("\"Language: {language}\\n\"")), "{language}");
    }
}

#[test]
fn every_text_of_the_window_is_in_every_language_and_nothing_else() {
    let wanted = texts_of_the_window();
    for (language, _) in LANGUAGES {
        let entries = catalogue(language);
        let found: Texts =
            entries.iter().map(|entry| (entry.id.clone(), entry.has_plural)).collect();

        let missing: Vec<_> = wanted.iter().filter(|one| found.get(one.0) != Some(one.1)).collect();
        let left: Vec<_> = found.keys().filter(|one| !wanted.contains_key(*one)).collect();
        assert!(missing.is_empty(), "{language}: missing or of another kind: {missing:#?}");
        assert!(left.is_empty(), "{language}: left over: {left:#?}");
        assert_eq!(entries.len(), found.len(), "{language}: a text stands there twice");
    }
}

/// What stands in the sources as it is shown, or is no text.
const NOT_TRANSLATED: [&str; 12] = [
    "Wareswitch",
    "Inter",
    "row-",
    "https://glue-backend.example",
    "English",
    "Deutsch",
    "Polski",
    "Română",
    "Français",
    "Nederlands",
    "Italiano",
    "Español",
];

/// The literals of a source that hold a word and are no argument of `@tr`.
fn bare_words(source: &str) -> Vec<String> {
    let is_comment = |line: &&str| line.trim_start().starts_with("//");
    let code: Vec<&str> = source.lines().filter(|line| !is_comment(line)).collect();
    let code = code.join("\n");
    let parts: Vec<&str> = code.split('"').collect();
    let literals = parts.chunks_exact(2).map(|pair| (pair[0].trim_end(), pair[1]));
    let has_word =
        |text: &str| text.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_alphabetic));
    literals
        .filter(|(before, text)| {
            let is_argument =
                ["@tr(", "|", "from", "import"].iter().any(|end| before.ends_with(end));
            has_word(text) && !is_argument
        })
        .map(|(_, text)| text.to_owned())
        .collect()
}

#[test]
fn no_words_are_shown_that_can_not_be_translated() {
    let source =
        "text: @tr(\"Open\"); a: @tr(\"{n} a\" | \"{n} as\" % n);\n// \"a remark\"\nb: \"bare\";";
    assert_eq!(bare_words(source), ["bare"]);
    let mut files = Vec::new();
    slint_files(&ui(), &mut files);

    let bare = files.iter().flat_map(|path| bare_words(&std::fs::read_to_string(path).unwrap()));
    let bare: Vec<String> = bare.filter(|text| !NOT_TRANSLATED.contains(&text.as_str())).collect();

    assert!(bare.is_empty(), "{bare:#?}");
}

fn is_about(text: &str, placeholder: &str) -> usize {
    text.matches(placeholder).count()
}

#[test]
fn every_translation_says_something_and_names_what_it_is_about() {
    for (language, plural_forms) in LANGUAGES {
        for entry in catalogue(language) {
            let forms = if entry.has_plural { plural_forms } else { 1 };
            assert_eq!(entry.translations.len(), forms, "{language}: {}", entry.id);
            for translation in &entry.translations {
                assert!(!translation.is_empty(), "{language}: {}", entry.id);
                assert_eq!(
                    is_about(translation, "{}"),
                    is_about(&entry.id, "{}"),
                    "{language}: {translation}"
                );
                assert!(
                    entry.has_plural || is_about(translation, "{n}") == is_about(&entry.id, "{n}"),
                    "{language}: {translation}"
                );
            }
        }
    }
}

/// So many changes that wait, offline.
fn waiting(count: i64) -> AppState {
    let change = |seq| samples::change(seq, samples::target("Halle 2"), ChangeState::Queued, None);
    samples::signed_in(&NAMES, &["Warehouse1"])
        .with_changes((1..=count).map(change).collect())
        .with_connection(Connection::Offline)
}

#[test]
fn numbers_have_the_forms_of_their_language_and_a_change_of_language_shows_at_once() {
    let screen = Screen::new(waiting(1));
    for (language, count, expected) in [
        (Language::English, 2, "Offline, 2 will be sent"),
        (Language::Polish, 1, "Offline, 1 zostanie wysłana"),
        (Language::Polish, 2, "Offline, 2 zostaną wysłane"),
        (Language::Polish, 5, "Offline, 5 zostanie wysłanych"),
        (Language::Polish, 12, "Offline, 12 zostanie wysłanych"),
        (Language::Polish, 22, "Offline, 22 zostaną wysłane"),
        (Language::Romanian, 1, "Offline, 1 se va trimite"),
        (Language::Romanian, 20, "Offline, 20 se vor trimite"),
        (Language::German, 1, "Offline, 1 wird noch gesendet"),
    ] {
        screen.show(waiting(count));
        screen.window.handle(Intent::Choose(Preference::Language(language)));
        screen.settle();

        assert!(screen.has_text(expected), "{expected}: {:?}", screen.labels());
    }
}

#[test]
fn another_day_is_told_in_the_words_of_the_language() {
    let screen = Screen::new(samples::signed_in(&NAMES, &["Warehouse1"]));
    for (language, days, expected) in [
        (Language::English, 0, "list from 08:14"),
        (Language::English, 1, "list from yesterday 08:14"),
        (Language::English, 2, "list from 25 Nov, 08:14"),
        (Language::German, 1, "Liste von gestern 08:14"),
        (Language::German, 2, "Liste vom 25. Nov., 08:14"),
        (Language::Spanish, 0, "lista de las 08:14"),
        (Language::Spanish, 1, "lista de ayer, 08:14"),
        (Language::Italian, 2, "elenco del 25 nov, 08:14"),
        (Language::Polish, 1, "lista z wczoraj, 08:14"),
        (Language::French, 1, "liste d'hier 08:14"),
        (Language::English, 40, "list from 25 Nov 2026, 08:14"),
    ] {
        let now = samples::moment(days * 24 * 60);
        screen.show(AppState { now, ..samples::signed_in(&NAMES, &["Warehouse1"]) });
        screen.window.handle(Intent::Choose(Preference::Language(language)));
        screen.settle();

        assert!(screen.has_text(expected), "{expected}: {:?}", screen.labels());
    }
}
