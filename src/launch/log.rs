//! What is told on standard error while the program runs.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::value::LogLevel;

/// Starts telling. Only our own words: libraries may log what must not be in a log.
///
/// `-v` on the command line wins over what is configured.
pub(super) fn start(verbosity: u8, configured: LogLevel) {
    let level = match (verbosity, configured) {
        (0, LogLevel::Error) => LevelFilter::ERROR,
        (0, LogLevel::Warn) => LevelFilter::WARN,
        (0, LogLevel::Info) | (1, _) => LevelFilter::INFO,
        (0, LogLevel::Debug) | (2, _) => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let ours = Targets::new().with_target("wareswitch", level);
    let to_stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // A second start, in a test, keeps the first.
    let _ = tracing_subscriber::registry().with(to_stderr).with(ours).try_init();
}
