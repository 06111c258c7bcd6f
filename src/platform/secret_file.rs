//! Tokens in one file that only this user can read. For devices without a keyring.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::domain::ids::ProfileId;
use crate::session::secret_store::{SecretStore, SecretStoreError, StoredToken};
use crate::session::secret_text::SecretText;

use super::{durable_file, file_lock};

/// The largest file read, in bytes: a token has a few kilobytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The file `secrets` of a data folder.
#[derive(Clone, Debug)]
pub struct SecretFile {
    path: PathBuf,
}

/// The contents.
#[derive(Default, Serialize, Deserialize)]
struct Contents {
    tokens: Vec<Entry>,
}

/// One profile's token.
#[derive(Serialize, Deserialize)]
struct Entry {
    origin: String,
    user: String,
    #[serde(flatten)]
    token: SecretText,
}

impl Entry {
    fn new(profile: &ProfileId, token: &StoredToken) -> Self {
        Self {
            origin: profile.origin.to_string(),
            user: profile.user.to_string(),
            token: SecretText::from(token),
        }
    }

    fn is_of(&self, profile: &ProfileId) -> bool {
        self.origin == profile.origin.to_string() && self.user == profile.user.to_string()
    }
}

impl SecretFile {
    /// The file in a data folder.
    pub fn in_folder(data_dir: &Path) -> Self {
        Self { path: data_dir.join("secrets") }
    }

    fn read(&self) -> Result<Contents, SecretStoreError> {
        let Some(bytes) = durable_file::read_limited(&self.path, FILE_BYTES_MAX)? else {
            return Ok(Contents::default());
        };
        let bytes = Zeroizing::new(bytes);
        self.tighten()?;
        serde_json::from_slice(&bytes).map_err(|_| SecretStoreError::Damaged)
    }

    /// Takes from others what a careless copy may have given them.
    fn tighten(&self) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mut permissions = std::fs::metadata(&self.path)?.permissions();
            if permissions.mode() & 0o077 != 0 {
                tracing::warn!("the file of the secrets could be read by others; it can't now");
                permissions.set_mode(0o600);
                std::fs::set_permissions(&self.path, permissions)?;
            }
        }
        Ok(())
    }

    /// Changes the contents while no other process does.
    fn change(&self, change: impl FnOnce(&mut Contents)) -> Result<(), SecretStoreError> {
        let _lock = self.lock()?;
        let mut contents = match self.read() {
            // A file that can't be understood holds nothing that can be used: the users sign in
            // again.
            Err(SecretStoreError::Damaged) => Contents::default(),
            read => read?,
        };
        change(&mut contents);
        let bytes = serde_json::to_vec(&contents).map_err(|_| SecretStoreError::Damaged)?;
        durable_file::replace(&self.path, &Zeroizing::new(bytes))?;
        Ok(())
    }

    fn lock(&self) -> io::Result<File> {
        let file = file_lock::open(&self.path.with_extension("lock"))?;
        file.lock()?;
        Ok(file)
    }
}

impl SecretStore for SecretFile {
    fn load(&self, profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError> {
        let contents = self.read()?;
        let own = contents.tokens.iter().find(|entry| entry.is_of(profile));
        Ok(own.map(|entry| StoredToken::from(&entry.token)))
    }

    fn store(&self, profile: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError> {
        let entry = Entry::new(profile, token);
        self.change(|contents| {
            contents.tokens.retain(|entry| !entry.is_of(profile));
            contents.tokens.push(entry);
        })
    }

    fn forget(&self, profile: &ProfileId) -> Result<(), SecretStoreError> {
        self.change(|contents| contents.tokens.retain(|entry| !entry.is_of(profile)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{profile, token};

    #[test]
    fn each_profile_has_its_own_token_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let file = SecretFile::in_folder(folder.path());
        file.store(&profile(1), &token("one")).unwrap();
        file.store(&profile(2), &token("two")).unwrap();
        file.store(&profile(1), &token("newer")).unwrap();

        assert_eq!(file.load(&profile(1)).unwrap(), Some(token("newer")));
        file.forget(&profile(1)).unwrap();

        assert_eq!(file.load(&profile(1)).unwrap(), None);
        assert_eq!(file.load(&profile(2)).unwrap(), Some(token("two")));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file_even_after_a_careless_copy() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = SecretFile::in_folder(folder.path());
        file.store(&profile(1), &token("one")).unwrap();
        let path = folder.path().join("secrets");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        file.load(&profile(1)).unwrap();

        assert_eq!(mode(), 0o600);
    }

    #[test]
    fn a_file_of_rubbish_is_reported_and_the_next_sign_in_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secrets"), "rubbish").unwrap();
        let file = SecretFile::in_folder(folder.path());

        assert!(matches!(file.load(&profile(1)), Err(SecretStoreError::Damaged)));
        file.store(&profile(1), &token("one")).unwrap();

        assert_eq!(file.load(&profile(1)).unwrap(), Some(token("one")));
    }
}
