//! The demo: with a window where there is a display, by itself where there is none.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::demo::stage::Stage;
use crate::demo::story;
use crate::error::{UserError, exit_code};
use crate::platform::SystemPlatform;

/// Runs the demo.
pub(super) fn run(no_window: bool, pictures: Option<&Path>) -> Result<u8, UserError> {
    let stage = Stage::build(Arc::new(SystemPlatform::new()))?;
    tell(&format!(
        "The demo's server and files are its own; they are in {} and go when it ends.",
        stage.folder().display()
    ));
    let moments = story::play(&stage, tell)?;
    let _ = (no_window, pictures);
    tell(&format!("The story is told; {} moments are worth a picture.", moments.len()));
    tell("This build draws nothing: it was made without the window.");
    Ok(exit_code::DONE)
}

fn tell(line: &str) {
    // Whoever stopped reading does not need the rest.
    let _ = writeln!(std::io::stdout(), "{line}");
}
