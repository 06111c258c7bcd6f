//! From the start of the process to the first complete frame.

use std::time::{Duration, Instant};

use crate::program::{Program, Usage};
use crate::screen::Screen;
use crate::table::{Samples, Table};
use crate::{FEW, MANY};

const TURNS: usize = 15;
/// After this long without anything drawn, what there is to see is complete.
const QUIET: Duration = Duration::from_millis(700);

/// One start.
struct Start {
    frame: Duration,
    cpu: Duration,
}

/// Starts a program and finds the first frame that looked as the last one does.
fn start(screen: &Screen, program: &Program) -> Start {
    screen.drawn();
    let begun = Instant::now();
    let running = program.start(&screen.display);
    let mut frames: Vec<(Duration, Usage, Vec<u8>)> = Vec::new();
    while screen.wait(Instant::now() + QUIET) || frames.is_empty() {
        let (at, usage) = (begun.elapsed(), running.usage());
        frames.push((at, usage, screen.picture()));
        assert!(begun.elapsed() < Duration::from_secs(30), "the window never comes to rest");
    }
    let last = frames.last().map(|(_, _, picture)| picture.clone()).unwrap_or_default();
    let first = frames.iter().find(|(_, _, picture)| *picture == last);
    let (frame, usage, _) = first.unwrap();
    Start { frame: *frame, cpu: usage.cpu }
}

pub(crate) fn measure(table: &mut Table, screen: &Screen, programs: [&Program; 3]) {
    let mut starts = [(); 3].map(|()| Vec::new());
    // The first turn reads the files from the disk.
    for turn in 0..=TURNS {
        for (program, starts) in programs.iter().zip(&mut starts) {
            let start = start(screen, program);
            if turn > 0 {
                starts.push(start);
            }
        }
    }
    let frames = starts.each_ref().map(|all| all.iter().map(|one| one.frame).collect());
    let [empty, few, many]: &[Samples; 3] = &frames;
    let beside = ("empty window", empty);
    table.compare(
        format!("start to first complete frame, {FEW} warehouses"),
        few,
        beside,
        "1.50 x",
    );
    table.compare(format!("the same, {MANY} warehouses"), many, beside, "");
    let short_list = format!("{FEW} warehouses");
    table.compare(
        format!("the same, {MANY} warehouses"),
        many,
        (short_list.as_str(), few),
        "2.00 x",
    );
    let cpu = starts.each_ref().map(|all| all.iter().map(|one| one.cpu).collect());
    let [empty, few, many]: &[Samples; 3] = &cpu;
    let beside = ("empty window", empty);
    table.compare(format!("CPU time to that frame, {FEW} warehouses"), few, beside, "");
    table.compare(format!("the same, {MANY} warehouses"), many, beside, "");
}
