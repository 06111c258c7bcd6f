//! Every text of the window is translated.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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

/// The first text of every `@tr(..)`.
fn texts(source: &str) -> impl Iterator<Item = &str> {
    source.split("@tr(\"").skip(1).filter_map(|rest| rest.split('"').next())
}

#[test]
fn every_text_of_the_window_has_a_german_one_and_no_german_one_is_left_over() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let mut files = Vec::new();
    slint_files(&root, &mut files);
    let sources: Vec<String> =
        files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let wanted: BTreeSet<&str> = sources.iter().flat_map(|source| texts(source)).collect();
    assert!(wanted.len() > 100, "the texts were not found");

    let catalogue =
        std::fs::read_to_string(root.join("i18n/de/LC_MESSAGES/wareswitch.po")).unwrap();
    let found: BTreeSet<&str> = catalogue
        .lines()
        .filter_map(|line| line.strip_prefix("msgid \"")?.strip_suffix('"'))
        .filter(|text| !text.is_empty())
        .collect();

    assert_eq!(wanted, found);
    assert!(!catalogue.contains("msgstr \"\"\n\n#"), "a translation is empty");
    assert!(!catalogue.contains("fuzzy"), "a translation is not certain");
}
