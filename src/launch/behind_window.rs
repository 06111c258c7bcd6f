//! What runs behind the window, on what is kept on this device.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::app::device::Device;
use crate::app::host::{Host, Parts};
use crate::app::state::AppState;
use crate::app::worker::Publish;
use crate::cli::args::GlobalOptions;
use crate::config::{Config, Loaded};
use crate::error::{UserError, UserErrorKind};
use crate::platform::{SystemPlatform, file_lock};

use super::outside::OnThisDevice;
use super::{log, panic_report, settings};

/// How long to wait for the lock of a window that just ended.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);
/// How long between two tries.
const LOCK_TRY_AGAIN_AFTER: Duration = Duration::from_millis(10);

/// Keeps a second window on the same data away.
pub(super) struct OnlyWindow(#[expect(dead_code, reason = "held, never read")] File);

/// Everything but the start.
pub(super) struct Prepared {
    global: GlobalOptions,
    config: Config,
    data_dir: PathBuf,
}

/// Reads the configuration and begins to tell and keep what happens.
///
/// # Errors
/// If a window is open on the same data, or there is no folder for it.
pub(super) fn prepare(global: &GlobalOptions) -> Result<(Prepared, OnlyWindow), UserError> {
    let Loaded { config, problems, warnings } = settings::load(global);
    let level = config.log_level.value;
    let data_dir = super::data_dir_path(global).ok();
    log::start(global.verbose, level, level, data_dir.as_deref());
    panic_report::install(data_dir, global.json);
    // The window always starts: what can't be used is as if it were not there.
    let problems = problems.iter().map(|problem| problem.without_value().to_string());
    for text in warnings.into_iter().chain(problems) {
        tracing::warn!("{text}");
    }
    let data_dir = super::data_dir(global)?;
    let lock =
        file_lock::open(&data_dir.join("window.lock")).map_err(crate::store::StoreError::from)?;
    take_patiently(&lock)?;
    Ok((Prepared { global: global.clone(), config, data_dir }, OnlyWindow(lock)))
}

/// Takes the lock of the window. One that just died may have left it for a moment to a program that
/// it was starting, such as a player of sounds.
fn take_patiently(lock: &File) -> Result<(), UserError> {
    let begun = Instant::now();
    while lock.try_lock().is_err() {
        if begun.elapsed() >= LOCK_PATIENCE {
            return Err(UserErrorKind::SecondWindow.into());
        }
        std::thread::sleep(LOCK_TRY_AGAIN_AFTER);
    }
    Ok(())
}

impl Prepared {
    /// What is configured.
    #[cfg(feature = "gui")]
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// Starts the app. Its states are published from its own thread, but the first.
    ///
    /// # Errors
    /// If there can't be a thread.
    pub(super) fn start(self, publish: Publish) -> Result<(Host, Arc<AppState>), UserError> {
        let Self { global, config, data_dir } = self;
        let platform = Arc::new(SystemPlatform::new());
        let outside = OnThisDevice { global, data_dir: data_dir.clone() };
        let (opened, opening) = (config.clone(), Arc::clone(&platform));
        Host::start(Parts {
            config,
            platform,
            open: Box::new(move || {
                Device::open(opened.clone(), data_dir.clone(), Arc::clone(&opening) as _)
            }),
            outside: Box::new(outside),
            demo: None,
            publish,
        })
    }
}
