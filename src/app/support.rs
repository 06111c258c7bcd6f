//! What the app can tell support about a device. Values only, without names and secrets of anybody;
//! `cli::support` makes the text.

use std::time::Duration;

use crate::domain::ids::ProfileId;
use crate::domain::time::Moment;
use crate::domain::view::ProfileView;
use crate::error::UserError;
use crate::store::StoreError;

use super::device::Device;

/// How long the check of one database may take: a report is wanted within a second.
const CHECK_WAIT: Duration = Duration::from_millis(300);
/// Most profiles reported.
const PROFILES_MAX: usize = 20;

/// What SQLite says of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// All is well.
    Sound,
    /// What is wrong, in SQLite's words.
    Damaged(Vec<String>),
    /// It was not done in time.
    Unfinished,
    /// It can't be read.
    Failed(String),
}

/// One profile as support wants to see it.
#[derive(Clone, Debug)]
pub struct ProfileReport {
    /// Whose it is.
    pub profile: ProfileId,
    /// Whether they are out of sight, to be forgotten once the last change has settled.
    pub is_signing_out: bool,
    /// Whether their database is sound.
    pub check: Check,
    /// Everything that is shown of it.
    pub view: Result<ProfileView, UserError>,
    /// The present moment by this profile's server.
    pub now: Option<Moment>,
}

impl Device {
    /// Every profile as support wants to see it, the last user first.
    ///
    /// # Errors
    /// If the profiles can't be read.
    pub async fn report(&self) -> Result<Vec<ProfileReport>, UserError> {
        let mut reports = Vec::new();
        for known in self.known_profiles().await?.into_iter().take(PROFILES_MAX) {
            let (profile, is_signing_out) = (known.profile.clone(), known.is_signing_out);
            reports.push(match self.open_profile(&known) {
                Ok(opened) => ProfileReport {
                    profile,
                    is_signing_out,
                    check: check(opened.store().check()).await,
                    view: opened.view().await,
                    now: opened.now().await.ok(),
                },
                Err(error) => ProfileReport {
                    profile,
                    is_signing_out,
                    check: Check::Failed(error.to_string()),
                    view: Err(error),
                    now: None,
                },
            });
        }
        Ok(reports)
    }
}

async fn check(checking: impl Future<Output = Result<Vec<String>, StoreError>>) -> Check {
    match tokio::time::timeout(CHECK_WAIT, checking).await {
        Ok(Ok(lines)) if lines == ["ok"] => Check::Sound,
        Ok(Ok(lines)) => Check::Damaged(lines),
        Ok(Err(error)) => Check::Failed(error.to_string()),
        Err(_) => Check::Unfinished,
    }
}
