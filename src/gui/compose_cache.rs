//! Lets the X library keep what it makes of its table of composed characters.
//!
//! At each start of a program with a window libX11 reads that table, a text of half a megabyte, letter
//! by letter, which takes as long as all that the app itself does. It can keep what it has read in a
//! folder, and make that anew every day, but does so only where it is told a folder that is there
//! (libX11 1.8, `modules/im/ximcp/imLcIm.c`; root is never served).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

const FOLDER: &str = "compose-cache";

/// The environment variable that names the folder.
pub const VARIABLE: &str = "XCOMPOSECACHE";

/// Makes the folder below `directory`, a private one that may be lost at any time, and says what
/// [`VARIABLE`] must be set to. `None` if somebody has set it, or if the library would misread it.
///
/// To be called, and the variable set, before the first window and before there is a second
/// thread.
///
/// # Errors
/// The folder can't be made.
pub fn prepare(directory: &Path, current: Option<OsString>) -> io::Result<Option<PathBuf>> {
    let folder = directory.join(FOLDER);
    // What follows such a sign is taken for the name of a file.
    if current.is_some() || folder.to_string_lossy().contains('=') {
        return Ok(None);
    }
    fs::create_dir_all(&folder)?;
    Ok(Some(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_told_a_folder_that_is_there() {
        let directory = tempfile::tempdir().unwrap();

        let folder = prepare(&directory.path().join("new"), None).unwrap().unwrap();

        assert!(folder.is_dir());
        assert_eq!(prepare(&directory.path().join("new"), None).unwrap(), Some(folder));
    }

    #[test]
    fn whoever_has_said_otherwise_is_obeyed() {
        let directory = tempfile::tempdir().unwrap();

        for said in ["/elsewhere", ""] {
            assert_eq!(prepare(directory.path(), Some(said.into())).unwrap(), None);
        }

        assert!(fs::read_dir(directory.path()).unwrap().next().is_none());
    }

    #[test]
    fn a_folder_that_would_be_misread_is_not_told() {
        let directory = tempfile::tempdir().unwrap();

        assert_eq!(prepare(&directory.path().join("a=b"), None).unwrap(), None);
    }
}
