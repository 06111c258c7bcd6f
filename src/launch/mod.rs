//! Puts the parts together: arguments in, exit code out. Beside `main.rs` and `lib.rs` the only
//! place that may import everything.

#[cfg(all(target_os = "android", feature = "gui"))]
pub mod android;
#[cfg(any(feature = "gui", feature = "sandbox"))]
mod behind_window;
mod configuration;
#[cfg(feature = "sandbox")]
mod demo;
#[cfg(feature = "sandbox")]
mod drive;
#[cfg(feature = "gui")]
mod environment;
mod log;
pub mod outside;
mod panic_report;
#[cfg(feature = "sandbox")]
mod sandbox;
pub mod settings;
mod support;
#[cfg(feature = "gui")]
mod window;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::app::device::Device;
use crate::cli::args::{Cli, Command, GlobalOptions};
use crate::cli::json::ErrorDocument;
use crate::cli::{manual, run};
use crate::config::Loaded;
use crate::config::value::LogLevel;
use crate::error::{UserError, UserErrorKind, exit_code};
use crate::platform::{SystemPlatform, folders};
use crate::store;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    keep_files_private();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let as_json = cli.global.json;
    let ended = match cli.command {
        None => open_window(&cli.global),
        #[cfg(feature = "sandbox")]
        Some(Command::Sandbox(args)) => {
            watch_alone(&cli.global);
            sandbox::serve(&args)
        }
        #[cfg(feature = "sandbox")]
        Some(Command::Demo { no_window, pictures }) => {
            watch_alone(&cli.global);
            demo::run(no_window, pictures.as_deref())
        }
        #[cfg(feature = "sandbox")]
        Some(Command::Drive) => drive::run(&cli.global),
        Some(command) => run_command(&cli.global, command),
    };
    ExitCode::from(ended.unwrap_or_else(|error| tell(&error, as_json)))
}

/// What clap has to say: help and version are no failures.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to be told if this fails.
    let _ = error.print();
    if error.use_stderr() {
        let as_json = std::env::args_os().any(|argument| argument == "--json");
        if as_json {
            let first = error.to_string().lines().next().unwrap_or_default().to_owned();
            print_error(&UserError::usage(first));
        }
        return ExitCode::from(exit_code::USAGE);
    }
    ExitCode::SUCCESS
}

/// Tells what went wrong, and with which code to end.
fn tell(error: &UserError, as_json: bool) -> u8 {
    let _ = writeln!(std::io::stderr(), "wareswitch: {error}");
    if as_json {
        print_error(error);
    }
    error.kind().exit_code()
}

fn print_error(error: &UserError) {
    // Plain structs of texts: writing them as JSON can't fail. Nobody reads if printing does.
    let document = serde_json::to_string(&ErrorDocument::from(error)).unwrap_or_default();
    let _ = writeln!(std::io::stdout(), "{document}");
}

/// Whatever the process creates is for this user alone, the files of SQLite too.
fn keep_files_private() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Starts to tell and to keep what happens, faults of the program included. A script wants to hear
/// of what went wrong, and nothing else unless it asks.
fn watch(global: &GlobalOptions, kept: LogLevel) {
    let data_dir = data_dir_path(global).ok();
    log::start(global.verbose, LogLevel::Error, kept, data_dir.as_deref());
    panic_report::install(data_dir, global.json);
}

/// The same for what leaves nothing in the data folder.
#[cfg(feature = "sandbox")]
fn watch_alone(global: &GlobalOptions) {
    log::start(global.verbose, LogLevel::Error, LogLevel::Error, None);
    panic_report::install(None, global.json);
}

fn run_command(global: &GlobalOptions, command: Command) -> Result<u8, UserError> {
    let loaded = settings::load(global);
    watch(global, loaded.config.log_level.value);
    match command {
        Command::Config { action } => return configuration::run(global, &loaded, action),
        Command::SupportBundle { output } => return support::run(global, &loaded, output),
        Command::Completions { shell } => {
            return printed(manual::completions(shell, &mut std::io::stdout()));
        }
        Command::Man { output: None } => return printed(manual::page(&mut std::io::stdout())),
        Command::Man { output: Some(folder) } => return printed(manual::pages(&folder)),
        #[cfg(feature = "sandbox")]
        #[expect(clippy::panic, reason = "to try what a fault of the program leaves behind")]
        Command::Panic => panic!("asked for"),
        _ => {}
    }
    let Loaded { config, problems, warnings } = loaded;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    if let Some(problem) = problems.first() {
        return Err(UserError::configuration(format!("{problem}.")));
    }
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let device = Device::open(config, data_dir(global)?, Arc::new(SystemPlatform::new()))?;
        device.finish_sign_outs().await?;
        run::run(&device, command).await
    })?;
    // Whoever stopped reading has seen enough; what was recorded is recorded.
    let _ = run::print(&outcome, global.json);
    // A thread may still wait for a lock that another process holds.
    runtime.shutdown_background();
    Ok(outcome.exit_code)
}

/// What printing or writing a text came to.
fn printed(written: std::io::Result<()>) -> Result<u8, UserError> {
    match written {
        // Whoever stopped reading has seen enough.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(UserError::new(
            UserErrorKind::StorageFailed,
            format!("Nothing was written: {error}."),
        )),
        _ => Ok(exit_code::DONE),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, UserError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| UserError::internal(format!("No runtime could be made: {error}.")))
}

/// The folder that everything is kept in.
fn data_dir_path(global: &GlobalOptions) -> Result<PathBuf, UserError> {
    global
        .data_dir
        .clone()
        .or_else(folders::data_dir)
        .ok_or_else(|| UserError::configuration("There is no home folder; name one by --data-dir."))
}

/// The same, made if need be.
fn data_dir(global: &GlobalOptions) -> Result<PathBuf, UserError> {
    let folder = data_dir_path(global)?;
    store::folder::create_durably(&folder).map_err(store::StoreError::from)?;
    Ok(folder)
}

#[cfg(feature = "gui")]
fn open_window(global: &GlobalOptions) -> Result<u8, UserError> {
    environment::prepare_for_window();
    window::open(global)
}

#[cfg(not(feature = "gui"))]
fn open_window(_global: &GlobalOptions) -> Result<u8, UserError> {
    Err(UserError::usage("This build has no window; see 'wareswitch --help' for the commands."))
}
