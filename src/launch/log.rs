//! What is told on standard error while the program runs.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts telling. Only our own words: libraries may log what must not be in a log.
pub(super) fn start(verbosity: u8) {
    let level = match verbosity {
        0 => LevelFilter::ERROR,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let ours = Targets::new().with_target("wareswitch", level);
    let to_stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // A second start, in a test, keeps the first.
    let _ = tracing_subscriber::registry().with(to_stderr).with(ours).try_init();
}
