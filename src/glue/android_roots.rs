//! The certificate authorities of an Android device, from the folders that its own trust store reads
//! (AOSP, `TrustedCertificateStore` of Conscrypt): the system's as PEM, those that a person or an
//! administrator added as DER, and a mark for each of the system's that somebody switched off.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Most files that are read in a folder. Devices have about 150.
const FILES_MAX: usize = 1_000;

/// Where they are.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    /// The system's; the first one that is there counts.
    pub(super) system: Vec<PathBuf>,
    /// What was added.
    pub(super) added: PathBuf,
    /// What was switched off.
    pub(super) removed: PathBuf,
}

impl Folders {
    /// Those of this device, for the user that the program runs as: one user id in 100,000 belongs
    /// to one person (AOSP, `UserHandle.PER_USER_RANGE`).
    #[cfg(target_os = "android")]
    pub(super) fn of_device() -> Self {
        let person = rustix::process::getuid().as_raw() / 100_000;
        let misc = PathBuf::from(format!("/data/misc/user/{person}"));
        Self {
            // Renewed with system updates from Android 14 on, and before that.
            system: vec![
                "/apex/com.android.conscrypt/cacerts".into(),
                "/system/etc/security/cacerts".into(),
            ],
            added: misc.join("cacerts-added"),
            removed: misc.join("cacerts-removed"),
        }
    }
}

/// Every authority that the device trusts.
pub(super) fn load(folders: &Folders) -> Vec<CertificateDer<'static>> {
    let removed: Vec<OsString> =
        files(&folders.removed).iter().filter_map(|path| name(path)).collect();
    let system = folders.system.iter().map(|folder| files(folder)).find(|files| !files.is_empty());
    let system = system.unwrap_or_default().into_iter();
    let trusted = system.filter(|path| name(path).is_none_or(|name| !removed.contains(&name)));
    trusted.chain(files(&folders.added)).flat_map(|path| read(&path)).collect()
}

fn name(path: &Path) -> Option<OsString> {
    path.file_name().map(Into::into)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.take(FILES_MAX).filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn read(path: &Path) -> Vec<CertificateDer<'static>> {
    let is_small = std::fs::metadata(path).is_ok_and(|file| file.len() <= FILE_BYTES_MAX);
    let Some(bytes) = std::fs::read(path).ok().filter(|_| is_small) else { return Vec::new() };
    // A certificate in DER is an ASN.1 sequence.
    if bytes.first() == Some(&0x30) {
        return vec![bytes.into()];
    }
    CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(name: &str) -> rcgen::Certificate {
        let parameters = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
        parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap()
    }

    #[test]
    fn the_systems_and_what_was_added_is_trusted_and_what_was_switched_off_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders {
            system: vec![folder.path().join("missing"), folder.path().join("system")],
            added: folder.path().join("added"),
            removed: folder.path().join("removed"),
        };
        for path in [&folders.system[1], &folders.added, &folders.removed] {
            std::fs::create_dir(path).unwrap();
        }
        let [kept, off, company] = ["kept.test", "off.test", "company.test"].map(authority);
        let text = |one: &rcgen::Certificate| format!("{}Certificate:\n    Data:\n", one.pem());
        std::fs::write(folders.system[1].join("1.0"), text(&kept)).unwrap();
        std::fs::write(folders.system[1].join("2.0"), text(&off)).unwrap();
        std::fs::write(folders.removed.join("2.0"), text(&off)).unwrap();
        std::fs::write(folders.added.join("3.0"), company.der()).unwrap();
        std::fs::write(folders.added.join("4.0"), "no certificate").unwrap();

        let loaded = load(&folders);

        assert!(loaded.contains(kept.der()) && loaded.contains(company.der()));
        assert_eq!(loaded.len(), 2);
    }

    #[test]
    fn a_device_without_any_folder_trusts_nobody() {
        let missing = PathBuf::from("missing");
        let folders = Folders { system: vec![], added: missing.clone(), removed: missing };

        assert!(load(&folders).is_empty());
    }
}
