//! What a release build is made of, by what cargo says of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Licences that may be combined with GPL-3.0-or-later; the same as in `deny.toml`.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// One library that a release is made of.
struct Library {
    name: String,
    features: Vec<String>,
    licence: String,
}

/// Every library that is linked into a release or runs while it is built. Those of tests are not.
fn libraries() -> Vec<Library> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--target", "x86_64-unknown-linux-gnu"])
        .args(["--no-default-features", "--features", "gui", "--edges", "normal,build"])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p}|{f}|{l}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: BTreeSet<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    let library = |line: String| {
        let parts: Vec<&str> = line.split('|').collect();
        Library {
            name: parts[0].split(' ').next().unwrap().to_owned(),
            features: parts[1].split(',').map(str::to_owned).collect(),
            licence: parts[2].to_owned(),
        }
    };
    lines.into_iter().map(library).collect()
}

#[test]
fn a_release_has_neither_the_sandbox_nor_any_server_of_tests() {
    let libraries = libraries();
    for library in &libraries {
        for feature in ["sandbox", "ui-test", "mcp", "system-testing", "live-preview", "server"] {
            let is_on = library.features.iter().any(|name| name == feature);
            assert!(!is_on, "{} is built with {feature}", library.name);
        }
    }
    let has = |name: &str| libraries.iter().any(|library| library.name == name);
    for name in ["axum", "i-slint-backend-testing", "rcgen"] {
        assert!(!has(name), "{name} is in a release");
    }
    assert!(has("slint") && has("reqwest"), "the list is complete");
}

#[test]
fn every_library_has_a_licence_that_fits_ours() {
    for Library { name, licence, .. } in libraries() {
        assert!(fits(&licence.replace('/', " OR ")), "{name} has {licence:?}");
    }
    assert!(!fits("AGPL-3.0-only") && !fits("MIT AND Commercial") && !fits(""));
}

/// Whether a licence expression (SPDX) can be met: one of those joined by OR, all joined by AND.
fn fits(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "");
    let is_known = |licence: &str| LICENCES.contains(&licence.trim());
    plain.split(" AND ").all(|part| part.split(" OR ").any(is_known))
}

/// How unsafe code begins, and what allows it.
const FORMS: &[&str] = &[
    "unsafe {",
    "unsafe fn",
    "unsafe impl",
    "unsafe extern",
    "unsafe trait",
    "[unsafe(",
    "unsafe_code",
];

#[test]
fn unsafe_code_is_where_it_is_needed_and_nowhere_else() {
    let needed = ["lib.rs", "launch/environment.rs", "gui/mod.rs", "platform/android/java.rs"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![root.clone()];
    let mut found = BTreeSet::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let mut code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            if code.any(|line| FORMS.iter().any(|form| line.contains(form))) {
                found.insert(path.strip_prefix(&root).unwrap().display().to_string());
            }
        }
    }

    assert_eq!(found, needed.map(str::to_owned).into());
}

#[test]
fn the_newest_entry_of_what_changed_is_about_this_version() {
    let changes = include_str!("../../CHANGELOG.md");
    let headings: Vec<&str> = changes.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let released = headings.iter().find(|heading| !heading.starts_with("Unreleased"));
    let (version, date) = released.unwrap().split_once(" - ").unwrap();

    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    assert!(date.parse::<jiff::civil::Date>().is_ok(), "{date}");
}
