//! What the whole program costs, beside an empty window with the same renderer, both as a release
//! has them: `cargo bench --no-default-features --features sandbox --bench process` (this benchmark
//! itself has no use for the window's libraries). Builds both, which takes a quarter of an hour, starts
//! an X server of its own (`Xvfb`), and looks at the screen and at `/proc` from outside. A folder after
//! `--` is one that holds both already.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark, though cargo does not know it as a test"
)]

mod build;
mod idle;
mod program;
mod screen;
mod start;
#[path = "../table.rs"]
#[allow(dead_code, reason = "each benchmark takes what it needs")]
mod table;
#[path = "../core/world.rs"]
#[allow(dead_code, reason = "each benchmark takes what it needs")]
mod world;

use std::process::ExitCode;

use program::Program;
use screen::Screen;
use table::Table;

/// How many warehouses are on the devices.
const FEW: usize = 100;
const MANY: usize = 10_000;

fn main() -> ExitCode {
    let programs = match build::build() {
        Ok(programs) => programs,
        Err(sentence) => return give_up(&sentence),
    };
    let screen = match Screen::start() {
        Ok(screen) => screen,
        Err(sentence) => return give_up(&sentence),
    };
    let empty = Program::empty(&programs);
    let few = Program::with_list(&programs, FEW);
    let many = Program::with_list(&programs, MANY);
    let mut table = Table::default();
    start::measure(&mut table, &screen, [&empty, &few, &many]);
    idle::measure(&mut table, &screen, [&empty, &few, &many]);
    build::measure(&mut table, &programs);
    table.print();
    ExitCode::SUCCESS
}

fn give_up(sentence: &str) -> ExitCode {
    use std::io::Write as _;
    // Nobody is left to be told if this fails.
    let _ = writeln!(std::io::stderr(), "{sentence}");
    ExitCode::FAILURE
}
