//! How the benchmarks measure and tell. Every number stands beside one that was measured in the
//! same run, turn by turn, so that a machine that is busy with something else slows both.

use std::io::Write;
use std::time::{Duration, Instant};

/// What was measured of one thing, in the order of the turns.
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// The middle one of the sorted samples.
    pub(crate) fn median(&self) -> Duration {
        self.at(0.5)
    }

    /// The sample that this part of all does not exceed.
    pub(crate) fn at(&self, part: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        let last = sorted.len().saturating_sub(1);
        sorted.get((last as f64 * part).round() as usize).copied().unwrap_or_default()
    }

    /// How many times as long as that the median is.
    pub(crate) fn ratio_to(&self, other: &Self) -> f64 {
        self.median().as_secs_f64() / other.median().as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

impl FromIterator<Duration> for Samples {
    fn from_iter<T: IntoIterator<Item = Duration>>(samples: T) -> Self {
        Self(samples.into_iter().collect())
    }
}

/// Measures several things turn by turn, after a few turns that do not count.
pub(crate) fn measure<const N: usize>(
    turns: usize,
    mut things: [&mut dyn FnMut(); N],
) -> [Samples; N] {
    let mut samples = [(); N].map(|()| Vec::with_capacity(turns));
    for turn in 0..turns + turns / 10 {
        for (thing, samples) in things.iter_mut().zip(&mut samples) {
            let begun = Instant::now();
            thing();
            let took = begun.elapsed();
            if turn >= turns / 10 {
                samples.push(took);
            }
        }
    }
    samples.map(Samples)
}

/// The table that a benchmark prints.
#[derive(Default)]
pub(crate) struct Table(Vec<[String; 5]>);

impl Table {
    /// Notes a line: what was measured, its number, what it is compared with, the ratio, the limit.
    pub(crate) fn note(
        &mut self,
        what: impl Into<String>,
        number: impl Into<String>,
        beside: impl Into<String>,
        ratio: impl Into<String>,
        limit: impl Into<String>,
    ) {
        self.0.push([what.into(), number.into(), beside.into(), ratio.into(), limit.into()]);
    }

    /// Notes a ratio of medians.
    pub(crate) fn compare(
        &mut self,
        what: impl Into<String>,
        own: &Samples,
        (name, other): (&str, &Samples),
        limit: &str,
    ) {
        let beside = format!("{name}: {}", time(other.median()));
        let ratio = format!("{:.2} x", own.ratio_to(other));
        self.note(what, time(own.median()), beside, ratio, limit);
    }

    /// Prints it as Markdown.
    pub(crate) fn print(self) {
        let header = ["what", "median", "beside", "ratio", "at most"].map(str::to_owned);
        let width = |column: usize| {
            let cells = self.0.iter().chain([&header]);
            cells.map(|line| line[column].chars().count()).max().unwrap_or_default()
        };
        let widths = [0, 1, 2, 3, 4].map(width);
        let rule = widths.map(|width| "-".repeat(width));
        let mut out = std::io::stdout().lock();
        for line in [&header, &rule].into_iter().chain(&self.0) {
            let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            // Whoever stopped reading has seen enough.
            let _ = writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "));
        }
    }
}

/// A time as people read it.
pub(crate) fn time(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        ..1.0 => format!("{:.0} ns", micros * 1e3),
        ..1_000.0 => format!("{micros:.1} µs"),
        _ => format!("{:.1} ms", micros / 1e3),
    }
}
