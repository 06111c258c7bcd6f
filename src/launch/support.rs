//! `wareswitch support-bundle`: reads what the report is made of, and writes it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::device::Device;
use crate::app::support::ProfileReport;
use crate::cli::args::GlobalOptions;
use crate::cli::run::{self, Outcome};
use crate::cli::support::{LOG_BYTES_MAX, Sources, SupportDocument, report};
use crate::config::Loaded;
use crate::error::{UserError, UserErrorKind, exit_code};
use crate::platform::{SystemPlatform, durable_file, log_file};

use super::{log, panic_report};

/// The largest report of a fault that is taken, in bytes.
const FAULT_BYTES_MAX: u64 = 32 * 1024;

/// Writes the report, whatever else is out of order: that is what it is for.
pub(super) fn run(
    global: &GlobalOptions,
    loaded: &Loaded,
    output: Option<PathBuf>,
) -> Result<u8, UserError> {
    let runtime = super::runtime()?;
    let profiles = super::data_dir(global).and_then(|data_dir| {
        let platform = Arc::new(SystemPlatform::new());
        runtime.block_on(async {
            Device::open(loaded.config.clone(), data_dir, platform)?.report().await
        })
    });
    let path = output.unwrap_or_else(|| PathBuf::from(file_name()));
    let bytes = write(&path, global, loaded, profiles)?;
    let document = SupportDocument::new(path.display().to_string(), bytes);
    // Whoever stopped reading finds the file all the same.
    let _ = run::print(&Outcome::done(document), global.json);
    // A check that takes too long goes on in its thread, and is not waited for.
    runtime.shutdown_background();
    Ok(exit_code::DONE)
}

/// Writes the report to this file; returns its size.
pub(super) fn write(
    path: &Path,
    global: &GlobalOptions,
    loaded: &Loaded,
    profiles: Result<Vec<ProfileReport>, UserError>,
) -> Result<usize, UserError> {
    let data_dir = super::data_dir_path(global).ok();
    let of_data_dir = data_dir.as_deref();
    let text = report(&Sources {
        made_at: jiff::Timestamp::now().to_string(),
        system: system(),
        loaded,
        profiles,
        log: of_data_dir.map_or(String::new(), |data_dir| {
            log_file::tail(&data_dir.join(log::FOLDER), LOG_BYTES_MAX)
        }),
        faults: of_data_dir
            .map_or(Vec::new(), |data_dir| panic_report::read_all(data_dir, FAULT_BYTES_MAX)),
    });
    durable_file::replace(path, text.as_bytes()).map_err(|error| {
        let place = path.display();
        UserError::new(UserErrorKind::StorageFailed, format!("{place} can't be written: {error}."))
    })?;
    Ok(text.len())
}

/// The name of a report, by the clock of the device.
pub(super) fn file_name() -> String {
    let now = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
    format!("wareswitch-support-{now}.txt")
}

fn system() -> String {
    let kernel = durable_file::read_limited(Path::new("/proc/sys/kernel/osrelease"), 1024);
    let kernel = kernel.ok().flatten().unwrap_or_default();
    let kernel = String::from_utf8_lossy(&kernel).trim().to_owned();
    format!("{} {kernel} {}", std::env::consts::OS, std::env::consts::ARCH)
}
