//! Puts the parts together: arguments in, exit code out. Beside `main.rs` and `lib.rs` the only
//! place that may import everything.

#[cfg(feature = "sandbox")]
mod demo;
#[cfg(feature = "gui")]
mod fonts;
mod log;
#[cfg(feature = "sandbox")]
mod sandbox;
mod settings;
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
use crate::cli::run;
use crate::config::Loaded;
use crate::config::value::LogLevel;
use crate::error::{UserError, exit_code};
use crate::platform::{SystemPlatform, folders};
use crate::store;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    if cli.command.is_some() {
        // A script wants to hear of what went wrong, and nothing else unless it asks.
        log::start(cli.global.verbose, LogLevel::Error);
    }
    let as_json = cli.global.json;
    let ended = match cli.command {
        None => open_window(&cli.global),
        #[cfg(feature = "sandbox")]
        Some(Command::Sandbox(args)) => sandbox::serve(&args),
        #[cfg(feature = "sandbox")]
        Some(Command::Demo { no_window, pictures }) => demo::run(no_window, pictures.as_deref()),
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

fn run_command(global: &GlobalOptions, command: Command) -> Result<u8, UserError> {
    let Loaded { config, problems, warnings } = settings::load(global);
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

fn runtime() -> Result<tokio::runtime::Runtime, UserError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| UserError::internal(format!("No runtime could be made: {error}.")))
}

/// The folder that everything is kept in, made if need be.
fn data_dir(global: &GlobalOptions) -> Result<PathBuf, UserError> {
    let folder = match &global.data_dir {
        Some(folder) => folder.clone(),
        None => folders::data_dir().ok_or_else(|| {
            UserError::configuration("There is no home folder; name one by --data-dir.")
        })?,
    };
    store::folder::create_durably(&folder).map_err(store::StoreError::from)?;
    Ok(folder)
}

#[cfg(feature = "gui")]
fn open_window(global: &GlobalOptions) -> Result<u8, UserError> {
    fonts::guard();
    window::open(global)
}

#[cfg(not(feature = "gui"))]
fn open_window(_global: &GlobalOptions) -> Result<u8, UserError> {
    Err(UserError::usage("This build has no window; see 'wareswitch --help' for the commands."))
}

/// Opens the window on Android, where the system says where data belongs and nobody passes options.
#[cfg(all(target_os = "android", feature = "gui"))]
pub fn on_android(data_dir: PathBuf) {
    let global = GlobalOptions {
        config: Some(data_dir.join("config.toml")).filter(|path| path.exists()),
        data_dir: Some(data_dir),
        server_url: None,
        json: false,
        verbose: 1,
    };
    if let Err(error) = window::open(&global) {
        tracing::error!(%error, "the window ended");
    }
}
