//! Settings and reports of this device, for the app behind the window.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::app::outside::Outside;
use crate::app::support::ProfileReport;
use crate::cli::args::GlobalOptions;
use crate::config::set_up::SetUp;
use crate::config::{Config, check_cleartext};
use crate::domain::ids::ServerOrigin;
use crate::error::{UserError, UserErrorKind};
use crate::platform::{durable_file, folders};
use crate::store::StoreError;

use super::{settings, support};

/// The file that remembers the newest set-up code used, in the data folder.
const USED_CODE: &str = "set-up.json";
/// The largest such file, in bytes.
const USED_CODE_BYTES_MAX: u64 = 4096;

/// The newest signed set-up code that was used: an older one must not undo it.
#[derive(Deserialize, Serialize)]
struct UsedCode {
    issued: i64,
}

/// This device.
pub struct OnThisDevice {
    /// The options that it was started with.
    pub global: GlobalOptions,
    /// Where everything is kept.
    pub data_dir: PathBuf,
}

impl Outside for OnThisDevice {
    fn set_server(&self, origin: &ServerOrigin) -> Result<Config, UserError> {
        let before = settings::load(&self.global).config;
        check_cleartext(origin, &before.cleartext_hosts.value)
            .map_err(|reason| UserError::new(UserErrorKind::AddressNotAllowed, reason))?;
        self.change(&[("server_url".to_owned(), origin.to_string().into())])?;
        self.read_again(Some(origin))
    }

    fn use_set_up(&self, set_up: &SetUp) -> Result<Config, UserError> {
        let used = used_code(&self.data_dir);
        if let (Some(issued), Some(used)) = (set_up.issued, used)
            && issued < used.issued
        {
            return Err(UserErrorKind::SetUpCodeReplaced.into());
        }
        self.change(&set_up.settings)?;
        if let Some(issued) = set_up.issued {
            let text = serde_json::to_vec(&UsedCode { issued }).unwrap_or_default();
            durable_file::replace(&self.data_dir.join(USED_CODE), &text)
                .map_err(StoreError::from)?;
        }
        self.read_again(set_up.server.as_ref())
    }

    fn save_report(
        &self,
        profiles: Result<Vec<ProfileReport>, UserError>,
    ) -> Result<PathBuf, UserError> {
        let folder = folders::documents_dir().unwrap_or_else(|| self.data_dir.clone());
        let path = folder.join(support::file_name());
        support::write(&path, &self.global, &settings::load(&self.global), profiles)?;
        Ok(path)
    }
}

impl OnThisDevice {
    fn change(&self, changes: &[(String, serde_json::Value)]) -> Result<(), UserError> {
        let path = settings::user_file(&self.global)
            .ok_or_else(|| UserError::configuration("There is no home folder for settings."))?;
        Ok(settings::change(&path, changes).map_err(StoreError::from)?)
    }

    fn read_again(&self, wanted: Option<&ServerOrigin>) -> Result<Config, UserError> {
        let after = settings::load(&self.global).config;
        if wanted.is_some() && after.server_url.value.as_ref() != wanted {
            let reason = "Something stronger than this setting names another server.";
            return Err(UserError::configuration(reason));
        }
        Ok(after)
    }
}

fn used_code(data_dir: &Path) -> Option<UsedCode> {
    let bytes = durable_file::read_limited(&data_dir.join(USED_CODE), USED_CODE_BYTES_MAX);
    serde_json::from_slice(&bytes.ok()??).ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::Cli;

    fn device(folder: &Path) -> OnThisDevice {
        let file = folder.join("config.toml");
        std::fs::write(&file, "").unwrap();
        let arguments = ["wareswitch", "--config", file.to_str().unwrap()];
        let global = Cli::try_parse_from(arguments).unwrap().global;
        OnThisDevice { global, data_dir: folder.to_owned() }
    }

    fn code(issued: Option<i64>, theme: &str) -> SetUp {
        SetUp { server: None, settings: vec![("theme".to_owned(), theme.into())], issued }
    }

    #[test]
    fn a_code_that_was_replaced_by_a_newer_one_has_no_effect_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let device = device(folder.path());
        let theme = |config: Config| config.theme;

        let newer = theme(device.use_set_up(&code(Some(200), "dark")).unwrap());
        let replayed = device.use_set_up(&code(Some(199), "light"));

        assert_eq!(replayed.unwrap_err().kind(), UserErrorKind::SetUpCodeReplaced);
        assert_eq!(theme(settings::load(&device.global).config), newer);
        device.use_set_up(&code(Some(200), "light")).unwrap();
        device.use_set_up(&code(Some(201), "dark")).unwrap();
    }
}
