//! The bugs that `.ci/planted-bugs` plants still fit the code: it is run by hand, and a bug whose
//! lines are gone shows nothing.

use std::path::Path;

/// A bug of the list: its name, the file it goes into, and the lines that it replaces.
#[derive(Default)]
struct Bug {
    name: String,
    file: String,
    lines: Vec<String>,
}

fn bugs(list: &str) -> Vec<Bug> {
    let mut bugs: Vec<Bug> = Vec::new();
    for line in list.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            bugs.push(Bug { name: name.into(), ..Bug::default() });
        } else if let (Some(bug), Some(file)) = (bugs.last_mut(), line.strip_prefix("in ")) {
            bug.file = file.into();
        } else if let (Some(bug), Some(replaced)) = (bugs.last_mut(), line.strip_prefix('-')) {
            bug.lines.push(replaced.into());
        }
    }
    bugs
}

#[test]
fn the_lines_of_every_planted_bug_stand_in_its_file_exactly_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let bugs = bugs(&std::fs::read_to_string(root.join(".ci/planted-bugs.list")).unwrap());
    assert!(bugs.len() >= 30, "{} bugs", bugs.len());

    for Bug { name, file, lines } in bugs {
        let text = std::fs::read_to_string(root.join(&file)).unwrap();
        assert!(!lines.is_empty(), "{name}: replaces nothing");
        assert_eq!(text.matches(&lines.join("\n")).count(), 1, "{name}, in {file}");
    }
}
