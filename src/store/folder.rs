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
    let name = short_digest(&profile.origin.to_string());
    data_dir.join("servers").join(name).join("users").join(profile.user.to_string())
}

/// The folders in which profiles have been kept, in no order.
pub(super) fn profile_folders(data_dir: &Path) -> Vec<PathBuf> {
    let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    let servers = entries(data_dir.join("servers"));
    let users = servers.flat_map(|server| entries(server.path().join("users")));
    users.map(|user| user.path()).filter(|path| path.is_dir()).collect()
}

/// A digest of a profile's name that stands for it.
pub(super) fn profile_digest(profile: &ProfileId) -> String {
    short_digest(&format!("{} {}", profile.origin, profile.user))
}

/// 128 bits of a text's SHA-256, in hexadecimal digits.
fn short_digest(text: &str) -> String {
    let digest = digest(&SHA256, text.as_bytes());
    digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
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
