//! Folders that are on the disk before anything in them counts, and where each profile's is.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};

use crate::domain::ids::ProfileId;

/// Where a profile keeps its database: `servers/<hash of origin>/users/<user uuid>`.
///
/// A hash, since an origin has characters that a file name can't have on every system.
pub fn profile_folder(data_dir: &Path, profile: &ProfileId) -> PathBuf {
    let origin = digest(&SHA256, profile.origin.to_string().as_bytes());
    let name: String = origin.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    data_dir.join("servers").join(name).join("users").join(profile.user.to_string())
}

/// Creates a folder with its parents, readable by this user alone, and waits until its name is on
/// the disk: otherwise a power cut could take the folder together with a tap already accepted.
///
/// # Errors
/// If a part can't be created or synced.
pub fn create_durably(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|part| !part.exists()).collect();
    for part in missing.into_iter().rev() {
        create_private(part)?;
        let parent = part.parent().filter(|parent| !parent.as_os_str().is_empty());
        sync_folder(parent.unwrap_or_else(|| Path::new(".")))?;
    }
    Ok(())
}

/// Waits until the names in a folder are on the disk.
///
/// # Errors
/// If the folder can't be opened or synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}
