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

/// Builds both by one command, so that they differ in nothing but what is in them. Takes what is in
/// the folder that an argument names instead, if one does.
pub(crate) fn build() -> Result<Programs, String> {
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    if let Some(folder) = named {
        return Ok(programs_in(Path::new(&folder)));
    }
    let built = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--release", "--no-default-features"])
        .args(["--features", "empty-window", "--bin", "wareswitch", "--bin", "empty-window"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err("The release could not be built.".into());
    }
    // The folder of cargo that this benchmark's own folder is in.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().map(Path::to_owned);
    Ok(programs_in(&folder.unwrap_or_default().join("release")))
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
