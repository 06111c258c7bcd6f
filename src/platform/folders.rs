//! Where this user's data and configuration are, by the habits of the system (XDG on Linux).

use std::path::PathBuf;

use directories::{ProjectDirs, UserDirs};

/// What IT sets for everybody.
pub const SYSTEM_CONFIG: &str = "/etc/wareswitch/config.toml";
/// What IT sets and nobody may change.
pub const SYSTEM_POLICY: &str = "/etc/wareswitch/policy.toml";

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "wareswitch")
}

/// The folder for databases and secrets; `None` for a user without a home.
pub fn data_dir() -> Option<PathBuf> {
    project().map(|project| project.data_local_dir().to_owned())
}

/// The user's configuration file; `None` for a user without a home.
pub fn user_config_file() -> Option<PathBuf> {
    project().map(|project| project.config_dir().join("config.toml"))
}

/// The folder for what may be lost at any time; `None` for a user without a home.
pub fn cache_dir() -> Option<PathBuf> {
    project().map(|project| project.cache_dir().to_owned())
}

/// Where a person looks for what they saved; `None` for a user without a home.
pub fn documents_dir() -> Option<PathBuf> {
    let user = UserDirs::new()?;
    let documents = user.document_dir().filter(|folder| folder.is_dir());
    Some(documents.unwrap_or_else(|| user.home_dir()).to_owned())
}
