//! Every text of the window has a translation in every language, none is left over, and every
//! number has the forms that its language wants.
//!
//! The texts are read from the `.slint` sources, so nothing has to be installed to find out that a
//! catalogue is out of date.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
