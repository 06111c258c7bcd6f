//! Reads the configuration from where it is on this device.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::args::GlobalOptions;
use crate::config::layers::{FILE_BYTES_MAX, Layer, Layers};
use crate::config::{self, Loaded, user_file};
use crate::platform::{durable_file, folders};

/// Where IT's own files are. A parameter only for whoever calls the library: if a variable could
/// move the policy, it would be none.
#[derive(Clone, Debug)]
pub struct SystemFiles {
    /// What nobody may change.
    pub policy: PathBuf,
    /// What is set for everybody.
    pub config: PathBuf,
}

impl Default for SystemFiles {
    fn default() -> Self {
        Self { policy: folders::SYSTEM_POLICY.into(), config: folders::SYSTEM_CONFIG.into() }
    }
}

/// Reads all layers of this device.
pub(super) fn load(global: &GlobalOptions) -> Loaded {
    config::load(layers_of_device(global))
}

#[cfg(all(target_os = "android", feature = "gui"))]
fn layers_of_device(global: &GlobalOptions) -> Layers {
    let mut layers = layers_of(global, &SystemFiles::default());
    super::android::add_managed(&mut layers, global);
    layers
}

#[cfg(not(all(target_os = "android", feature = "gui")))]
fn layers_of_device(global: &GlobalOptions) -> Layers {
    layers_of(global, &SystemFiles::default())
}

/// Reads all layers, IT's own from these files.
pub fn load_from(global: &GlobalOptions, system: &SystemFiles) -> Loaded {
    config::load(layers_of(global, system))
}

fn layers_of(global: &GlobalOptions, system: &SystemFiles) -> Layers {
    let mut layers = Layers::default();
    add_file(&mut layers, Layer::Policy, &system.policy);
    add_file(&mut layers, Layer::System, &system.config);
    if let Some(path) = user_file(global) {
        if global.config.is_some() && !path.exists() {
            layers.add_unreadable(&path, "it does not exist");
        }
        add_file(&mut layers, Layer::User, &path);
    }
    layers.add_environment(std::env::vars_os().filter_map(|(name, value)| {
        // What is no Unicode becomes a value that can't be used, and is told of.
        name.into_string().ok().map(|name| (name, value.to_string_lossy().into_owned()))
    }));
    if let Some(address) = &global.server_url {
        layers.add_option("server_url", "--server-url", address.clone());
    }
    layers
}

/// Reads one file as if it were IT's own.
pub(super) fn load_alone(path: &Path) -> Loaded {
    let mut layers = Layers::default();
    if !path.exists() {
        layers.add_unreadable(path, "it does not exist");
    }
    add_file(&mut layers, Layer::System, path);
    config::load(layers)
}

/// The user's own file.
pub(super) fn user_file(global: &GlobalOptions) -> Option<PathBuf> {
    global.config.clone().or_else(|| own_file(global))
}

#[cfg(all(target_os = "android", feature = "gui"))]
fn own_file(global: &GlobalOptions) -> Option<PathBuf> {
    super::android::user_file(global)
}

#[cfg(not(all(target_os = "android", feature = "gui")))]
fn own_file(_global: &GlobalOptions) -> Option<PathBuf> {
    folders::user_config_file()
}

fn add_file(layers: &mut Layers, layer: Layer, path: &Path) {
    match durable_file::read_limited(path, FILE_BYTES_MAX) {
        Ok(Some(bytes)) => match String::from_utf8(bytes) {
            Ok(text) => layers.add_file(layer, path, &text),
            Err(_) => layers.add_unreadable(path, "it is not UTF-8"),
        },
        Ok(None) => {}
        Err(error) => layers.add_unreadable(path, &error.to_string()),
    }
}

/// Changes values of the user's file. A file that can't be understood is put aside, and never lost.
pub(super) fn change(path: &Path, settings: &[(String, serde_json::Value)]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        crate::store::folder::create_durably(folder)?;
    }
    let old = durable_file::read_limited(path, FILE_BYTES_MAX);
    let old = old.ok().and_then(|bytes| String::from_utf8(bytes.unwrap_or_default()).ok());
    let new = match old.and_then(|text| user_file::with_settings(&text, settings).ok()) {
        Some(new) => new,
        None => {
            std::fs::rename(path, path.with_extension("toml.unreadable"))?;
            user_file::with_settings("", settings).map_err(io::Error::other)?
        }
    };
    durable_file::replace(path, new.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_can_not_be_understood_is_put_aside_when_a_setting_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wareswitch/config.toml");
        let settings = [("theme".to_owned(), "dark".into())];
        change(&path, &settings).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theme = \"dark\"\n");

        std::fs::write(&path, "= = precious").unwrap();
        change(&path, &settings).unwrap();

        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theme = \"dark\"\n");
        let aside = path.with_extension("toml.unreadable");
        assert_eq!(std::fs::read_to_string(aside).unwrap(), "= = precious");
    }
}
