//! A window that nobody touches.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::program::{Memory, Program, Running, WINDOW};
use crate::screen::Screen;
use crate::table::{Table, time};
use crate::{FEW, MANY};

/// How long a program has to come to rest.
const SETTLING: Duration = Duration::from_secs(4);
/// How long it is watched.
const WATCHED: Duration = Duration::from_secs(10);

/// What happened while nothing did.
struct Rest {
    memory: Memory,
    /// How often the threads of each name woke up or went to sleep.
    switches: BTreeMap<String, u64>,
    cpu: Duration,
    drawn: usize,
}

fn watch(screen: &Screen, running: &Running) -> Rest {
    std::thread::sleep(SETTLING);
    screen.drawn();
    let (before, begun) = (running.usage(), Instant::now());
    std::thread::sleep(WATCHED.saturating_sub(begun.elapsed()));
    let after = running.usage();
    let mut switches = BTreeMap::new();
    for (thread, count) in &after.switches {
        let earlier = before.switches.get(thread).copied().unwrap_or_default();
        *switches.entry(thread.1.clone()).or_default() += count.saturating_sub(earlier);
    }
    Rest {
        memory: running.memory(),
        switches,
        cpu: after.cpu.saturating_sub(before.cpu),
        drawn: screen.drawn(),
    }
}

pub(crate) fn measure(table: &mut Table, screen: &Screen, programs: [&Program; 3]) {
    let [empty, few, many] = programs.map(|program| watch(screen, &program.start(&screen.display)));
    for (rest, count, limit) in [(few, FEW, "1.50 x"), (many, MANY, "")] {
        let mut compare = |what: String, own: u64, other: u64, limit: &str| {
            let ratio = format!("{:.2} x", own as f64 / other as f64);
            let beside = format!("empty window: {}", megabytes(other));
            table.note(what, megabytes(own), beside, ratio, limit);
        };
        let (own, other) = (rest.memory, empty.memory);
        let what = format!("memory (PSS) at the list, {count} warehouses");
        compare(what, own.all, other.all, limit);
        compare("  the part that was written".into(), own.written, other.written, "");
        let window = |rest: &Rest| rest.switches.get(WINDOW).copied().unwrap_or_default();
        table.note(
            format!("at rest for 10 s, {count} warehouses: switches of the window's thread"),
            window(&rest).to_string(),
            format!("empty window: {}", window(&empty)),
            "",
            "no more",
        );
        // What both have belongs to the libraries of the window.
        let own = rest.switches.iter().filter(|(name, _)| !empty.switches.contains_key(*name));
        let names: Vec<&str> = own.clone().map(|(name, _)| name.as_str()).collect();
        table.note(
            "  of the app's own threads",
            own.map(|(_, count)| count).sum::<u64>().to_string(),
            names.join(", "),
            "",
            "0",
        );
        table.note("  CPU time", time(rest.cpu), time(empty.cpu), "", "");
        table.note("  redraws", rest.drawn.to_string(), empty.drawn.to_string(), "", "0");
    }
}

fn megabytes(kibibytes: u64) -> String {
    format!("{:.1} MB", kibibytes as f64 * 1024.0 / 1e6)
}
