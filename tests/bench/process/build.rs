//! Builds what is measured, and weighs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::table::Table;

/// The largest release, in bytes.
const SIZE_MAX: u64 = 20 * 1000 * 1000;

/// The two programs, built.
pub(crate) struct Programs {
    /// The app as it is released.
    pub(crate) app: PathBuf,
    /// The empty window.
    pub(crate) empty: PathBuf,
}

/// Builds the app as it is shipped, and the empty window by the same profile. Takes what is in the
/// folder that an argument names instead, if one does.
pub(crate) fn build() -> Result<Programs, String> {
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    if let Some(folder) = named {
        return Ok(programs_in(Path::new(&folder)));
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The folder of cargo that this benchmark's own folder is in.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut app = Command::new(project.join(".ci/release"));
    app.arg("gui");
    let mut empty = Command::new(env!("CARGO"));
    empty.args(["build", "--locked", "--release", "--no-default-features"]);
    empty.args(["--features", "empty-window", "--bin", "empty-window"]);
    for mut command in [app, empty] {
        let built = command.current_dir(project).env("CARGO_TARGET_DIR", folder).status();
        if !built.is_ok_and(|status| status.success()) {
            return Err("The release could not be built.".into());
        }
    }
    Ok(programs_in(&folder.join("release")))
}

fn programs_in(folder: &Path) -> Programs {
    Programs { app: folder.join("wareswitch"), empty: folder.join("empty-window") }
}

/// Notes the sizes of the files.
pub(crate) fn measure(table: &mut Table, programs: &Programs) {
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let (own, other) = (size(&programs.app), size(&programs.empty));
    table.note(
        "stripped release",
        megabytes(own),
        format!("empty window: {}", megabytes(other)),
        format!("{:.2} x", own as f64 / other as f64),
        megabytes(SIZE_MAX),
    );
}
