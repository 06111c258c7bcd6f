//! Which module may import which. The rule keeps the core pure and the edges thin; it is told in
//! `src/lib.rs` and held here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module and what it may name of this crate beside itself.
const RULE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("scanner", &[]),
    ("error", &[]),
    ("clock", &["domain"]),
    ("config", &["domain", "scanner", "error"]),
    ("glue", &["domain", "clock"]),
    ("store", &["domain", "clock"]),
    ("session", &["domain", "glue", "store", "clock"]),
    ("sync", &["domain", "glue", "store", "session", "clock"]),
    ("platform", &["app", "session", "sync", "scanner", "glue", "domain", "clock"]),
    ("app", &["domain", "scanner", "error", "clock", "config", "glue", "store", "session", "sync"]),
    ("gui", &["app", "domain", "config", "error"]),
    ("cli", &["app", "domain", "config", "error"]),
    ("sandbox", &["domain"]),
    ("demo", &["app", "gui", "sandbox", "domain", "error", "config", "platform", "clock"]),
];

/// These put the parts together and may name anything.
const FREE: &[&str] = &["lib", "main", "launch"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The module of the crate that a file belongs to: the first part of its path.
fn module_of(root: &Path, path: &Path) -> String {
    let first = path.strip_prefix(root).unwrap().components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// Every `crate::NAME` in code, whether imported or named in place.
fn named_modules(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let list = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().to_owned(),
            None => rest.to_owned(),
        };
        let parts =
            if rest.starts_with('{') { list.split(',').collect() } else { vec![list.as_str()] };
        for part in parts {
            let name: String = part
                .trim()
                .chars()
                .take_while(|one| one.is_ascii_alphanumeric() || *one == '_')
                .collect();
            names.insert(name);
        }
    }
    names
}

fn allowed(module: &str) -> Option<&'static [&'static str]> {
    RULE.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed)
}

#[test]
fn every_module_names_only_what_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut broken = Vec::new();
    for path in &files {
        let module = module_of(&root, path);
        if FREE.contains(&module.as_str()) {
            continue;
        }
        let Some(allowed) = allowed(&module) else {
            broken.push(format!("{module}: not in the rule ({})", path.display()));
            continue;
        };
        for name in named_modules(&fs::read_to_string(path).unwrap()) {
            let is_module =
                RULE.iter().any(|(known, _)| *known == name) || FREE.contains(&name.as_str());
            if is_module && name != module && !allowed.contains(&name.as_str()) {
                broken.push(format!("{module} names {name} ({})", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "the import rule is broken:\n{}", broken.join("\n"));
}

#[test]
fn only_the_store_names_sqlite_only_glue_the_network_and_only_the_window_slint() {
    let doors: &[(&str, &[&str])] = &[
        ("rusqlite", &["store"]),
        ("reqwest", &["glue"]),
        ("slint", &["gui", "lib"]),
        ("axum", &["sandbox"]),
        ("if_watch", &["platform"]),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for path in &files {
        let module = module_of(&root, path);
        let text = fs::read_to_string(path).unwrap();
        for (library, modules) in doors {
            let is_named = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| line.contains(&format!("{library}::")));
            assert!(
                !is_named || modules.contains(&module.as_str()),
                "{} names {library}; its door is {modules:?}",
                path.display()
            );
        }
    }
}

#[test]
fn the_rule_notices_what_it_forbids() {
    let names =
        named_modules("use crate::{store::Scope, glue};\n// crate::gui\nlet x = crate::app::y;");

    assert_eq!(names, BTreeSet::from(["app".into(), "glue".into(), "store".into()]));
    assert!(!allowed("domain").unwrap().contains(&"store"));
}
