//! Reads the configuration from where it is on this device.

use std::path::{Path, PathBuf};

use crate::cli::args::GlobalOptions;
use crate::config::layers::{FILE_BYTES_MAX, Layer, Layers};
use crate::config::{self, Loaded};
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
    load_from(global, &SystemFiles::default())
}

/// Reads all layers, IT's own from these files.
pub fn load_from(global: &GlobalOptions, system: &SystemFiles) -> Loaded {
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
    config::load(layers)
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
    global.config.clone().or_else(folders::user_config_file)
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
