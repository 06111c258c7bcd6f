//! A font for every machine, named before anything asks for one.

use crate::gui::font_guard;
use crate::platform::folders;

/// Names our own font to fontconfig. Must be called before there is a second thread.
pub(super) fn guard() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let Some(folder) = folders::cache_dir() else { return };
    match font_guard::prepare(&folder, std::env::var_os(font_guard::VARIABLE)) {
        Ok(None) => {}
        Ok(Some(path)) => {
            #[expect(unsafe_code, reason = "fontconfig reads nothing but the environment")]
            // SAFETY: this is the only thread of the process so far.
            unsafe {
                std::env::set_var(font_guard::VARIABLE, path);
            }
        }
        // With the system's fonts the window opens all the same.
        Err(error) => tracing::warn!(%error, "the font could not be put where fontconfig looks"),
    }
}
