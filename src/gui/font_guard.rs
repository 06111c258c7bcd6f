//! Makes sure that there is a font on Linux.
//!
//! Slint asks fontconfig for the system's fonts before it looks at the embedded ones, and panics
//! if fontconfig is installed and knows none (as on a bare kiosk). So fontconfig is given a
//! configuration of ours: first a folder with a copy of the embedded font, then those of the system,
//! for names in letters that ours lacks. The system's own configuration is left alone: reading its
//! dozens of files takes as long as opening the databases, and it says how fonts are to be chosen
//! and drawn, which is settled here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

const FONT: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
const FONT_NAME: &str = "Inter-Regular.otf";
const CONFIGURATION_NAME: &str = "fonts.conf";

/// The environment variable that names fontconfig's configuration.
pub const VARIABLE: &str = "FONTCONFIG_FILE";

/// Writes the font and the configuration below `directory`, a private one that may be lost at any
/// time, and says what [`VARIABLE`] must be set to. `None` if an administrator has set it.
///
/// To be called, and the variable set, before the first window and before there is a second
/// thread.
///
/// # Errors
/// The folder can't be written.
pub fn prepare(directory: &Path, current: Option<OsString>) -> io::Result<Option<PathBuf>> {
    if current.is_some_and(|value| !value.is_empty()) {
        return Ok(None);
    }
    let fonts = directory.join("fonts");
    fs::create_dir_all(&fonts)?;
    write_if_different(&fonts.join(FONT_NAME), FONT)?;
    let path = fonts.join(CONFIGURATION_NAME);
    let cache = directory.join("font-cache");
    write_if_different(&path, configuration(&fonts, &cache).as_bytes())?;
    Ok(Some(path))
}

/// The folders need not be there: a machine without any is the reason for all this. What fontconfig
/// finds out about ours it keeps beside it, and about the others where the system has it already.
fn configuration(fonts: &Path, cache: &Path) -> String {
    let (folder, cache) = (escape(&fonts.to_string_lossy()), escape(&cache.to_string_lossy()));
    format!(
        "<?xml version=\"1.0\"?>\n\
         <!DOCTYPE fontconfig SYSTEM \"urn:fontconfig:fonts.dtd\">\n\
         <fontconfig>\n\
         \x20 <dir>{folder}</dir>\n\
         \x20 <dir>/usr/share/fonts</dir>\n\
         \x20 <dir>/usr/local/share/fonts</dir>\n\
         \x20 <dir prefix=\"xdg\">fonts</dir>\n\
         \x20 <cachedir>/var/cache/fontconfig</cachedir>\n\
         \x20 <cachedir>{cache}</cachedir>\n\
         </fontconfig>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Leaves a file alone that is right already: flash wears out.
fn write_if_different(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let temporary = path.with_extension("new");
    fs::write(&temporary, content)?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_names_a_folder_that_holds_the_font() {
        let directory = tempfile::tempdir().unwrap();

        let path = prepare(directory.path(), None).unwrap().unwrap();

        let folder = path.parent().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("<dir>{}</dir>", folder.display())), "{text}");
        assert_eq!(fs::read(folder.join(FONT_NAME)).unwrap(), FONT);
    }

    #[test]
    fn an_administrators_configuration_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();

        let path = prepare(directory.path(), Some("/opt/fonts.conf".into())).unwrap();

        assert_eq!(path, None);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_second_start_writes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = prepare(directory.path(), None).unwrap().unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();

        prepare(directory.path(), None).unwrap();

        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn a_folder_with_odd_characters_stays_valid_xml() {
        let text = configuration(Path::new("/a<b&c"), Path::new("/d"));

        assert!(text.contains("<dir>/a&lt;b&amp;c</dir>"), "{text}");
    }
}
