//! What the app has done outside its own data, by whoever put the parts together.

use std::path::PathBuf;

use crate::config::Config;
use crate::config::set_up::SetUp;
use crate::domain::ids::ServerOrigin;
use crate::error::{UserError, UserErrorKind};

use super::support::ProfileReport;

/// Settings and reports: only the start of the program knows where they are.
pub trait Outside: Send + Sync {
    /// Puts a new server address into the user's configuration, and reads all of it again.
    ///
    /// # Errors
    /// If the address may not be used, or nothing can be saved.
    fn set_server(&self, origin: &ServerOrigin) -> Result<Config, UserError>;

    /// Puts what a set-up code brings into the user's configuration, and reads all of it again.
    ///
    /// # Errors
    /// If the code was replaced by a newer one, or nothing can be saved.
    fn use_set_up(&self, _set_up: &SetUp) -> Result<Config, UserError> {
        Err(UserErrorKind::SetUpCode.into())
    }

    /// Writes the report for support where a person finds it, and tells where that is.
    ///
    /// # Errors
    /// If it can't be written.
    fn save_report(
        &self,
        _profiles: Result<Vec<ProfileReport>, UserError>,
    ) -> Result<PathBuf, UserError> {
        Err(UserErrorKind::StorageFailed.into())
    }
}

/// Where nothing but the server can be set: in the demo, and in tests.
impl<SetServer> Outside for SetServer
where
    SetServer: Fn(&ServerOrigin) -> Result<Config, UserError> + Send + Sync,
{
    fn set_server(&self, origin: &ServerOrigin) -> Result<Config, UserError> {
        self(origin)
    }
}
