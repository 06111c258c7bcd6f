//! What is told on standard error and kept in the log while the program runs. Only our own words:
//! libraries may log what must not be in a log.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::value::LogLevel;
use crate::platform::log_file::LogFile;

/// The folder of the logs in a data folder.
pub(super) const FOLDER: &str = "logs";

/// Starts telling: on standard error what `told` or `-v` asks for, in the log what is configured.
pub(super) fn start(verbosity: u8, told: LogLevel, kept: LogLevel, data_dir: Option<&Path>) {
    let told = match verbosity {
        0 => level(told),
        1 => LevelFilter::INFO.max(level(told)),
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let has_colours = std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let to_stderr = tracing_subscriber::fmt::layer()
        .with_ansi(has_colours)
        .with_writer(std::io::stderr)
        .with_filter(ours(told));
    let to_file = data_dir.map(|data_dir| {
        let log = LogFile::in_folder(data_dir.join(FOLDER));
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(Arc::new(log))
            .with_filter(ours(level(kept)))
    });
    // A second start, in a test, keeps the first.
    let _ = tracing_subscriber::registry().with(to_stderr).with(to_file).try_init();
}

fn ours(level: LevelFilter) -> Targets {
    Targets::new().with_target("wareswitch", level)
}

fn level(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}
