//! The window's process without a window, for tests that kill it: the same lock, the same worker,
//! the same engine. Lines take the place of fingers and eyes.
//!
//! | line | is |
//! |---|---|
//! | `tap NAME` | a tap on that warehouse |
//! | `leave`, `undo`, `send` | the buttons |

use std::io::{BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::app::state::{AppState, Command, NoticeKind, Progress};
use crate::cli::args::GlobalOptions;
use crate::cli::json::{ChangeDocument, storage_name};
use crate::domain::change::Origin;
use crate::error::{UserError, UserErrorKind, exit_code};

use super::behind_window;

/// How many changes are told of: the newest, as a window shows them.
const CHANGES_TOLD: usize = 5;

/// Serves until standard input ends.
pub(super) fn run(global: &GlobalOptions) -> Result<u8, UserError> {
    let (prepared, _only) = behind_window::prepare(global)?;
    let newest: Arc<Mutex<Option<Arc<AppState>>>> = Arc::default();
    let shown = Arc::clone(&newest);
    let (host, first) = prepared.start(Box::new(move |state| show(&shown, state)))?;
    show(&newest, first.wait()?);
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let newest = newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match newest.as_deref().and_then(|state| command(&line, state)) {
            Some(command) => host.send(command),
            None => return Err(UserError::usage(format!("'{line}' is nothing to do."))),
        }
    }
    Ok(exit_code::DONE)
}

fn command(line: &str, state: &AppState) -> Option<Command> {
    match line.split_once(' ') {
        Some(("tap", name)) => {
            let snapshot = state.profile.as_ref()?.snapshot.as_ref()?;
            let row = snapshot.assignments.iter().find(|row| row.warehouse.name == name)?;
            Some(Command::Activate { warehouse: row.warehouse.uuid, origin: Origin::Tap })
        }
        None if line == "leave" => Some(Command::Leave),
        None if line == "undo" => state.undo.map(|seq| Command::Undo { seq }),
        None if line == "send" => Some(Command::SendNow),
        _ => None,
    }
}

/// Shows a state. What a killed process has not told, nobody has seen.
fn show(newest: &Mutex<Option<Arc<AppState>>>, state: Arc<AppState>) {
    let mut newest = newest.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = std::io::stdout().lock();
    // Nobody reads any more if this fails.
    let _ = writeln!(out, "{}", told(&state)).and_then(|()| out.flush());
    *newest = Some(state);
}

fn told(state: &AppState) -> Value {
    let refused = state.notice.as_ref().and_then(|notice| match notice.kind {
        NoticeKind::NotAccepted(kind) => Some(kind.as_str()),
        _ => None,
    });
    let Some(profile) = &state.profile else {
        let refused = match state.sign_in {
            Progress::Failed(kind) => Some(kind),
            _ => None,
        };
        let failed = state.unopened.or(refused);
        return json!({ "profile": null, "failed": failed.map(UserErrorKind::as_str) });
    };
    let changes = profile.changes.iter().take(CHANGES_TOLD).map(ChangeDocument::from);
    json!({
        "profile": profile.username,
        "changes": changes.collect::<Vec<_>>(),
        "storage": storage_name(profile.storage),
        "notice": state.notice.as_ref().map(|notice| notice.number),
        "refused": refused,
    })
}
