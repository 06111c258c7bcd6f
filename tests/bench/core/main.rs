//! What the core costs, as ratios to what can't be avoided: `cargo bench --bench core`, or with
//! `--no-default-features --features sandbox` where the window is not built. A word after `--`
//! chooses the lines that hold it.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark, though cargo does not know it as a test"
)]

mod lists;
mod rules;
mod sync;
#[path = "../table.rs"]
mod table;
mod tap;
#[cfg(feature = "gui")]
mod window;
mod world;

use table::Table;

/// A group of lines.
type Group = (&'static str, fn(&mut Table));

const GROUPS: &[Group] = &[
    ("tap", tap::measure),
    ("judging", rules::judging),
    ("overlay", rules::overlay),
    ("wedge", rules::wedge),
    ("list", lists::measure),
    #[cfg(feature = "gui")]
    ("window", window::measure),
    ("sync", sync::measure),
];

fn main() {
    let words: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut table = Table::default();
    for (name, group) in GROUPS {
        if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
            group(&mut table);
        }
    }
    table.print();
}
