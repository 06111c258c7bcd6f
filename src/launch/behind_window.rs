//! What runs behind the window, on what is kept on this device.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::app::device::Device;
use crate::app::host::{FirstState, Host, Parts};
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

/// Keeps a second window on the same data away, from when there is a folder for the data.
#[derive(Clone, Default)]
pub(super) struct OnlyWindow(Arc<Mutex<Option<File>>>);

impl OnlyWindow {
    /// Makes the folder for the data, and takes the lock in it unless it is held already.
    ///
    /// # Errors
    /// If a window is open on the same data, or there can't be a folder.
    fn hold(&self, global: &GlobalOptions) -> Result<PathBuf, UserError> {
        let data_dir = super::data_dir(global)?;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            let lock = file_lock::open(&data_dir.join("window.lock"))
                .map_err(crate::store::StoreError::from)?;
            take_patiently(&lock)?;
            *held = Some(lock);
        }
        Ok(data_dir)
    }
}

/// Everything but the start.
pub(super) struct Prepared {
    global: GlobalOptions,
    config: Config,
    data_dir: PathBuf,
    only: OnlyWindow,
}

/// Reads the configuration and begins to tell and keep what happens.
///
/// # Errors
/// If a window is open on the same data, or nobody knows where it would be. A folder that can't be
/// made is told in the window, where a worker sees it.
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
    let (data_dir, only) = (super::data_dir_path(global)?, OnlyWindow::default());
    match only.hold(global) {
        Err(error) if error.kind() == UserErrorKind::SecondWindow => return Err(error),
        Err(error) => tracing::error!(%error, "there is no folder to keep anything in"),
        Ok(_) => {}
    }
    let prepared = Prepared { global: global.clone(), config, data_dir, only: only.clone() };
    Ok((prepared, only))
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
    pub(super) fn start(self, publish: Publish) -> Result<(Host, FirstState), UserError> {
        let Self { global, config, data_dir, only } = self;
        let platform = Arc::new(SystemPlatform::new());
        let outside = OnThisDevice { global: global.clone(), data_dir };
        let (opened, opening) = (config.clone(), Arc::clone(&platform));
        Host::start(Parts {
            config,
            platform,
            open: Box::new(move || {
                let data_dir = only.hold(&global)?;
                Device::open(opened.clone(), data_dir, Arc::clone(&opening) as _)
            }),
            outside: Box::new(outside),
            demo: None,
            publish,
        })
    }
}
