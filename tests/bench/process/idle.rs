//! A window that nobody touches.

use std::time::{Duration, Instant};

use crate::program::{Program, Running};
use crate::screen::Screen;
use crate::table::{Table, time};
use crate::{FEW, MANY};

/// How long a program has to come to rest.
const SETTLING: Duration = Duration::from_secs(4);
/// How long it is watched.
const WATCHED: Duration = Duration::from_secs(10);

/// What happened while nothing did.
struct Rest {
    memory: u64,
    threads: usize,
    switches: u64,
    cpu: Duration,
    drawn: usize,
}

fn watch(screen: &Screen, running: &Running) -> Rest {
    std::thread::sleep(SETTLING);
    screen.drawn();
    let (before, begun) = (running.usage(), Instant::now());
    std::thread::sleep(WATCHED.saturating_sub(begun.elapsed()));
    let after = running.usage();
    Rest {
        memory: running.memory(),
        threads: after.threads,
        switches: after.switches.saturating_sub(before.switches),
        cpu: after.cpu.saturating_sub(before.cpu),
        drawn: screen.drawn(),
    }
}

pub(crate) fn measure(table: &mut Table, screen: &Screen, programs: [&Program; 3]) {
    let [empty, few, many] = programs.map(|program| watch(screen, &program.start(&screen.display)));
    for (rest, count, limit) in [(few, FEW, "1.50 x"), (many, MANY, "")] {
        table.note(
            format!("memory (PSS) at the list, {count} warehouses"),
            megabytes(rest.memory),
            format!("empty window: {}", megabytes(empty.memory)),
            format!("{:.2} x", rest.memory as f64 / empty.memory as f64),
            limit,
        );
        table.note(
            format!("at rest for 10 s, {count} warehouses: context switches"),
            rest.switches.to_string(),
            format!("empty window: {}", empty.switches),
            format!("{} threads beside {}", rest.threads, empty.threads),
            "no more",
        );
        table.note("  CPU time", time(rest.cpu), time(empty.cpu), "", "");
        table.note("  redraws", rest.drawn.to_string(), empty.drawn.to_string(), "", "0");
    }
}

fn megabytes(kibibytes: u64) -> String {
    format!("{:.1} MB", kibibytes as f64 * 1024.0 / 1e6)
}
