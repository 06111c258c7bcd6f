//! Many seeds, or one.

// The seed and the counts must be seen.
#![allow(clippy::print_stdout)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::faults::{Counts, Fault};
use super::plan::Plan;
use super::run::run;
use super::shrink::shrink;
use super::world::Failure;

/// How to run one seed again.
const REPLAY: &str = "WARESWITCH_SIMULATION_SEED=";
const COMMAND: &str = "cargo test --no-default-features --features sandbox --test simulation";
/// So many seeds that fail are named.
const SEEDS_SHOWN: usize = 20;
/// The seeds that are run unless the environment says otherwise: seconds.
const SEEDS: u64 = 200;
/// From this many seeds on, every fault must have been met often.
const SEEDS_THAT_COUNT: u64 = 20_000;

/// What goes wrong beside requests.
const FAULTS_BESIDE_REQUESTS: [&str; 9] = [
    "network gone",
    "suspend",
    "crash",
    "reboot",
    "clock jump",
    "disk Slow",
    "disk Busy",
    "disk Full",
    "tokens revoked",
];
/// What people do. A command is a second process on the profile.
const ACTIONS: [&str; 12] = [
    "tap",
    "leave",
    "undo",
    "decide",
    "command",
    "code",
    "sign-in",
    "sign-out",
    "sign out and discard",
    "other user",
    "other server",
    "Back Office",
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn every_day_ends_as_its_people_meant_it() {
    if let Some(seed) = number("WARESWITCH_SIMULATION_SEED") {
        tell(seed);
        return;
    }
    let seeds = number("WARESWITCH_SIMULATION_SEEDS").unwrap_or(SEEDS);
    let first = number("WARESWITCH_SIMULATION_FIRST").unwrap_or_default();
    let (counts, failed) = run_all(first, seeds);
    println!("{}", counts.lines().join("\n"));
    for (seed, failure) in failed.iter().take(SEEDS_SHOWN) {
        println!("{REPLAY}{seed} {COMMAND}\n  {}: {}", failure.promise, failure.text);
    }
    if let Some((seed, failure)) = failed.first() {
        tell_shrunk(*seed, failure);
    }
    assert!(failed.is_empty(), "{} of {seeds} seeds failed", failed.len());
    check_counts(&counts, seeds);
}

fn run_all(first: u64, seeds: u64) -> (Counts, Vec<(u64, Failure)>) {
    let next = AtomicU64::new(first);
    let counts = Mutex::new(Counts::default());
    let failed = Mutex::new(Vec::new());
    let is_enough = AtomicBool::new(false);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut own = Counts::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds || is_enough.load(Ordering::Relaxed) {
                        break;
                    }
                    let ran = run(&Plan::of(seed), false);
                    own.merge(&ran.counts);
                    if let Some(failure) = ran.failure {
                        let mut failed = failed.lock().unwrap();
                        failed.push((seed, failure));
                        is_enough.store(failed.len() >= 200, Ordering::Relaxed);
                    }
                }
                counts.lock().unwrap().merge(&own);
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort_by_key(|(seed, _)| *seed);
    (counts.into_inner().unwrap(), failed)
}

/// At least a fifth of the requests met a fault, and every kind of fault and of event was met.
fn check_counts(counts: &Counts, seeds: u64) {
    let all =
        ["sign-in", "refresh", "list", "patch"].map(|kind| counts.of(&format!("requests: {kind}")));
    let all: u64 = all.iter().sum();
    println!("requests: all {all}");
    assert!(counts.of("requests: faulted") * 5 >= all, "too few requests meet a fault");
    let (least_faults, least_actions) =
        if seeds >= SEEDS_THAT_COUNT { (1_000, 250) } else { (1, 1) };
    let names = Fault::all().map(|fault| format!("{fault:?}"));
    for name in names.chain(FAULTS_BESIDE_REQUESTS.map(String::from)) {
        let met = counts.of(&format!("fault: {name}"));
        assert!(met >= least_faults, "{name} was met {met} times only");
    }
    for name in ACTIONS {
        let done = counts.of(&format!("action: {name}"));
        assert!(done >= least_actions, "{name} was done {done} times only");
    }
    let needless =
        counts.of("questions: needless") + counts.of("questions: needless, of two active");
    assert!(needless * 10_000 <= counts.of("taps"), "{needless} needless questions");
}

fn tell(seed: u64) {
    let ran = run(&Plan::of(seed), true);
    println!("{}", ran.trace.join("\n"));
    if let Some(failure) = &ran.failure {
        tell_shrunk(seed, failure);
    }
    assert_eq!(ran.failure, None);
}

/// Prints what is left of a run that fails once everything is gone that does not matter.
fn tell_shrunk(seed: u64, failure: &Failure) {
    let plan = shrink(Plan::of(seed), &failure.promise);
    println!("\nseed {seed} cut down to what matters:");
    println!("{}", run(&plan, true).trace.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_day() {
    for seed in 0..20 {
        let plan = Plan::of(seed);
        let (one, other) = (run(&plan, true), run(&plan, true));

        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert!(one.requests > 0);
    }
}
