//! The report for support: one text that can be read in a mail. It names users by their uuid and
//! warehouses too, and holds nothing that somebody typed: neither names, passwords, codes nor scans.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::VERSION;
use super::json::{connection_name, reason_name, state_name, storage_name, timestamp};
use super::text::Tell;
use crate::app::support::{Check, ProfileReport};
use crate::config::Loaded;
use crate::domain::change::{Change, Wish};
use crate::domain::view::ProfileView;
use crate::error::UserError;

/// The largest report, in bytes: what every mail takes.
pub const REPORT_BYTES_MAX: usize = 1024 * 1024;
/// How much of the log there is in it, in bytes.
pub const LOG_BYTES_MAX: u64 = 512 * 1024;
/// Most changes told of a profile.
const CHANGES_MAX: usize = 200;
/// Most of the last errors told.
const ERRORS_MAX: usize = 20;

/// What a report is made of.
pub struct Sources<'a> {
    /// The device's clock, as text.
    pub made_at: String,
    /// Kernel and processor.
    pub system: String,
    /// What is configured.
    pub loaded: &'a Loaded,
    /// What the app knows, or why it can't tell.
    pub profiles: Result<Vec<ProfileReport>, UserError>,
    /// The end of the log.
    pub log: String,
    /// What faults of the program left behind, the newest first.
    pub faults: Vec<String>,
}

/// Makes the report.
pub fn report(sources: &Sources<'_>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "Wareswitch support report\n");
    let _ = writeln!(text, "version: {VERSION}");
    let _ = writeln!(text, "made at: {} by the clock of the device", sources.made_at);
    let _ = writeln!(text, "system: {}", sources.system);
    write_configuration(&mut text, sources.loaded);
    match &sources.profiles {
        Ok(profiles) => profiles.iter().for_each(|profile| write_profile(&mut text, profile)),
        Err(error) => {
            let _ = writeln!(text, "\n[profiles]\ncan't be read: {error}");
        }
    }
    let _ = writeln!(text, "\n[last errors]");
    let is_error = |line: &&str| line.contains(" ERROR ") || line.contains(" WARN ");
    for line in sources.log.lines().rev().filter(is_error).take(ERRORS_MAX) {
        let _ = writeln!(text, "{line}");
    }
    for fault in &sources.faults {
        let _ = writeln!(text, "\n[fault of the program]\n{fault}");
    }
    let _ = write!(text, "\n[log]\n{}", sources.log);
    shortened(text)
}

fn write_configuration(text: &mut String, loaded: &Loaded) {
    let _ = writeln!(text, "\n[configuration]");
    for shown in loaded.config.shown() {
        let value = match &shown.value {
            serde_json::Value::Object(table) => format!("{} entries", table.len()),
            value => value.to_string(),
        };
        let layer = shown.layer.as_str();
        let _ = writeln!(text, "{} = {value}  # {layer} {}", shown.key, shown.place);
    }
    for problem in &loaded.problems {
        let _ = writeln!(text, "can't be used: {}", problem.without_value());
    }
    for warning in &loaded.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
}

fn write_profile(text: &mut String, report: &ProfileReport) {
    let _ = writeln!(text, "\n[user {} on {}]", report.profile.user, report.profile.origin);
    if report.is_signing_out {
        let _ = writeln!(text, "signed out; forgotten once the last change has settled");
    }
    let check = match &report.check {
        Check::Sound => "sound".to_owned(),
        Check::Damaged(lines) => lines.join("; "),
        Check::Unfinished => "not done in time".to_owned(),
        Check::Failed(reason) => reason.clone(),
    };
    let _ = writeln!(text, "database check: {check}");
    if let Some(now) = &report.now {
        let offset = now.server.map(|server| now.wall.0.saturating_sub(server.0));
        let offset =
            offset.map_or("unknown".to_owned(), |ahead| format!("{ahead} ms ahead of the server"));
        let _ = writeln!(text, "clock of the device: {offset}");
    }
    match &report.view {
        Ok(view) => write_view(text, view),
        Err(error) => {
            let _ = writeln!(text, "can't be read: {error}");
        }
    }
}

fn write_view(text: &mut String, view: &ProfileView) {
    let sync = &view.sync;
    let since = sync.connection_since.as_ref().map(timestamp).unwrap_or_default();
    let _ = writeln!(text, "connection: {} since {since}", connection_name(sync.connection));
    let _ = writeln!(
        text,
        "failures in a row: {} of the server, {} of a change",
        sync.server_failures, sync.write_failures
    );
    let list = view.snapshot.as_ref().map_or("never fetched".to_owned(), |snapshot| {
        format!("{} of {}", snapshot.assignments.len(), timestamp(&snapshot.fetched_at))
    });
    let _ = writeln!(text, "list: {list}");
    let _ = writeln!(text, "storage: {}", storage_name(view.storage));
    let _ = writeln!(text, "changes, the newest first:");
    for change in view.changes.iter().take(CHANGES_MAX) {
        let _ = writeln!(text, "{}", line_of(change));
    }
}

fn line_of(change: &Change) -> String {
    let wish = match &change.wish {
        Wish::Activate(target) => format!("activate {}", target.warehouse_uuid),
        Wish::Leave => "leave".to_owned(),
    };
    // The server's own words may repeat what was sent to it.
    let reason = change
        .reason
        .as_ref()
        .map_or(String::new(), |reason| format!(" ({})", reason_name(reason)));
    format!(
        "{:>6} {} {} {wish}{reason}, {} attempts, settled {}",
        change.seq.0,
        timestamp(&change.recorded_at),
        state_name(change.state),
        change.attempts,
        change.settled_at.as_ref().map_or("never".to_owned(), timestamp),
    )
}

fn shortened(mut text: String) -> String {
    let end = (0..=REPORT_BYTES_MAX).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or_default());
    text
}

/// `support-bundle`.
#[derive(Debug, Serialize)]
pub struct SupportDocument {
    file: String,
    bytes: usize,
}

impl SupportDocument {
    /// Tells where the report is.
    pub fn new(file: String, bytes: usize) -> Self {
        Self { file, bytes }
    }
}

impl Tell for SupportDocument {
    fn text(&self) -> String {
        format!("The report is in {}; it holds no secrets and can be mailed.", self.file)
    }
}
