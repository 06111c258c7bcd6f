//! What is left behind when the program itself is at fault: a report in the data folder, and an
//! exit code that says so. What was recorded is in the database and safe.

use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::args::VERSION;
use crate::error::{UserErrorKind, exit_code};
use crate::platform::durable_file;
use crate::store::folder;

/// The folder of the reports in a data folder.
const FOLDER: &str = "reports";
/// How many reports are kept.
const REPORTS_MAX: usize = 5;
/// The longest message of a panic, in characters.
const MESSAGE_MAX: usize = 200;

/// From now on a panic in any thread leaves a report in this data folder and ends the process.
pub(super) fn install(data_dir: Option<PathBuf>, as_json: bool) {
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(place = %place_of(panic), "a fault of the program");
        let written = data_dir.as_deref().and_then(|data_dir| leave_report(data_dir, panic).ok());
        let sentence = UserErrorKind::Internal.sentence();
        let report = written.map_or(String::new(), |path| format!(" See {}", path.display()));
        // Nobody is left to be told if this fails.
        let _ = writeln!(std::io::stderr(), "wareswitch: {sentence}{report}");
        if as_json {
            super::print_error(&UserErrorKind::Internal.into());
        }
        std::process::exit(exit_code::INTERNAL.into());
    }));
}

fn leave_report(data_dir: &Path, panic: &PanicHookInfo<'_>) -> std::io::Result<PathBuf> {
    let reports = data_dir.join(FOLDER);
    folder::create_durably(&reports)?;
    keep_the_newest(&reports);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let path = reports.join(format!("panic-{:013}.txt", since.as_millis()));
    durable_file::replace(&path, report(panic).as_bytes())?;
    Ok(path)
}

fn report(panic: &PanicHookInfo<'_>) -> String {
    let mut text = String::new();
    let thread = std::thread::current();
    let _ = writeln!(text, "wareswitch {VERSION}");
    let _ = writeln!(text, "place: {}", place_of(panic));
    let _ = writeln!(text, "thread: {}", thread.name().unwrap_or("without a name"));
    let _ = writeln!(text, "message: {}", message_of(panic));
    let _ = writeln!(text, "\n{}", Backtrace::force_capture());
    text
}

fn place_of(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map_or("unknown".to_owned(), ToString::to_string)
}

/// The message as far as it can't repeat what the program was working on: libraries quote that.
fn message_of(panic: &PanicHookInfo<'_>) -> String {
    let text = panic.payload_as_str().unwrap_or("none");
    text.chars().take_while(|one| !"\"'`".contains(*one)).take(MESSAGE_MAX).collect()
}

fn keep_the_newest(reports: &Path) {
    let Ok(entries) = std::fs::read_dir(reports) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let old = paths.len().saturating_sub(REPORTS_MAX - 1);
    for path in paths.iter().take(old) {
        let _ = std::fs::remove_file(path);
    }
}

/// The reports in a data folder, the newest first, for support.
pub(super) fn read_all(data_dir: &Path, bytes_max: u64) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(data_dir.join(FOLDER)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let newest = paths.iter().rev().take(REPORTS_MAX);
    newest
        .filter_map(|path| durable_file::read_limited(path, bytes_max).ok().flatten())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}
