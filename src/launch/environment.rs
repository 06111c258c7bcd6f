//! What the window's libraries read in the environment, set before any of them asks.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::gui::{compose_cache, font_guard};
use crate::platform::folders;

/// Makes a setting for a library in a folder, unless it has been made already.
type Prepare = fn(&Path, Option<OsString>) -> io::Result<Option<PathBuf>>;

/// Names a font of our own to fontconfig, and a place for what it makes of its table to the X
/// library. Must be called before there is a second thread.
pub(super) fn prepare_for_window() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let Some(folder) = folders::cache_dir() else { return };
    set(font_guard::VARIABLE, font_guard::prepare, &folder);
    set(compose_cache::VARIABLE, compose_cache::prepare, &folder);
}

fn set(variable: &str, prepare: Prepare, folder: &Path) {
    match prepare(folder, std::env::var_os(variable)) {
        Ok(None) => {}
        Ok(Some(path)) => {
            #[expect(unsafe_code, reason = "these libraries read nothing but the environment")]
            // SAFETY: this is the only thread of the process so far.
            unsafe {
                std::env::set_var(variable, path);
            }
        }
        // The window opens all the same.
        Err(error) => tracing::warn!(%error, variable, "a library of the window goes without"),
    }
}
