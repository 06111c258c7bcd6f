//! `wareswitch config`: what is configured, and what can't be used.

use crate::cli::args::{ConfigAction, GlobalOptions};
use crate::cli::config::{CheckDocument, ShowDocument};
use crate::cli::run::{self, Outcome};
use crate::config::Loaded;
use crate::error::{UserError, exit_code};

use super::settings;

/// Runs one of its actions. Nothing here needs a data folder, or a configuration without problems.
pub(super) fn run(
    global: &GlobalOptions,
    loaded: &Loaded,
    action: Option<ConfigAction>,
) -> Result<u8, UserError> {
    let outcome = match action {
        None => Outcome::done(ShowDocument::new(loaded, false)),
        Some(ConfigAction::Show { origin }) => Outcome::done(ShowDocument::new(loaded, origin)),
        Some(ConfigAction::Check { file: None }) => check(loaded),
        Some(ConfigAction::Check { file: Some(file) }) => check(&settings::load_alone(&file)),
        Some(ConfigAction::Qr { .. } | ConfigAction::Keygen { .. }) => {
            return Err(UserError::internal("Not there yet."));
        }
    };
    // Whoever stopped reading has seen enough.
    let _ = run::print(&outcome, global.json);
    Ok(outcome.exit_code)
}

fn check(loaded: &Loaded) -> Outcome {
    let is_usable = loaded.problems.is_empty();
    Outcome {
        document: CheckDocument::from(loaded).into(),
        exit_code: if is_usable { exit_code::DONE } else { exit_code::CONFIGURATION },
    }
}
