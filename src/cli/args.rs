//! The command line, as clap reads it.

#![allow(rustdoc::bare_urls, reason = "clap shows these comments as they stand")]

#[cfg(feature = "sandbox")]
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

/// Version, commit and features of this build.
pub const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILD_OF_WARESWITCH"), ")");

const EXAMPLES: &str = "\
Examples:
  wareswitch                                      open the window
  wareswitch sign-in --user U --password-stdin < password
  wareswitch switch Warehouse1                    0: confirmed, 75: recorded, not there yet
  wareswitch status --json                        for scripts
  wareswitch config show --origin                 what is set, and by whom
  wareswitch support-bundle                       one file for support, without secrets

Exit codes:
  0 done  1 refused or failed  2 not understood  69 server unreachable  70 fault of the program
  73 a window is open already  74 nothing saved  75 recorded, not there yet
  77 sign in again, or a code is needed  78 configuration";

const CONFIG_EXAMPLES: &str = "\
Examples:
  wareswitch config show --origin
  wareswitch config check                         78 if anything can't be used
  wareswitch config check policy.toml             before it is rolled out
  wareswitch config keygen --output set-up.key    once, on a safe machine
  wareswitch config qr --settings handheld.toml --key set-up.key --output code.svg
  wareswitch config qr --server-url https://glue-backend.example.com";

/// Choose the warehouse you work in, with or without a network.
///
/// Without a command the window opens.
#[derive(Debug, Parser)]
#[command(name = "wareswitch", version = VERSION, about, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalOptions,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub struct GlobalOptions {
    /// Keep everything in this folder instead of the user's data folder
    #[arg(long, global = true, value_name = "DIR", env = "WARESWITCH_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Read settings from this file instead of the user's configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The address of the Glue backend, such as https://glue-backend.example.com
    #[arg(long, global = true, value_name = "URL")]
    pub server_url: Option<String>,
    /// Print exactly one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Tell on standard error what happens; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign a user in and fetch their warehouses
    SignIn {
        /// The user name
        #[arg(long)]
        user: String,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Tell who is signed in, what is active and what waits
    Status,
    /// List the signed-in user's warehouses
    List,
    /// Make a warehouse active
    Switch {
        /// Its name, its uuid, or a scanned code
        warehouse: String,
        /// Record the wish and don't try to send it
        #[arg(long)]
        offline: bool,
    },
    /// Be active in no warehouse
    Leave {
        /// Record the wish and don't try to send it
        #[arg(long)]
        offline: bool,
    },
    /// Show and settle what was recorded
    Outbox {
        /// What to do with it; nothing lists it
        #[command(subcommand)]
        action: Option<OutboxAction>,
    },
    /// Send what waits and fetch the list, now
    Sync {
        /// Read the code of the second factor from standard input
        #[arg(long)]
        mfa_code_stdin: bool,
    },
    /// Sign the user out
    SignOut {
        /// Give up what waits instead of sending it first
        #[arg(long)]
        discard: bool,
    },
    /// Show and check what is configured; make set-up codes
    #[command(after_help = CONFIG_EXAMPLES)]
    Config {
        /// What to do; nothing shows it
        #[command(subcommand)]
        action: Option<ConfigAction>,
    },
    /// Write one file that tells support how things stand; it holds no secrets and can be mailed
    SupportBundle {
        /// The file to write, instead of one in the current folder named after the time
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Print the completions of a shell
    #[command(hide = true)]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, or write one for each command
    #[command(hide = true)]
    Man {
        /// Write the pages of all commands to this folder
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Fail as a fault of the program would, to try what is left behind
    #[cfg(feature = "sandbox")]
    #[command(hide = true)]
    Panic,
    /// Be the window's process without a window: taps are lines on standard input, and what the
    /// window would show are lines on standard output
    #[cfg(feature = "sandbox")]
    #[command(hide = true)]
    Drive,
    /// See it work on a built-in server, without any set-up
    #[cfg(feature = "sandbox")]
    Demo {
        /// Tell the story and write pictures even where there is a display
        #[arg(long)]
        no_window: bool,
        /// Write the pictures to this folder
        #[arg(long, value_name = "DIR")]
        pictures: Option<PathBuf>,
    },
    /// Serve a Glue backend in miniature, for tests
    #[cfg(feature = "sandbox")]
    Sandbox(SandboxArgs),
}

/// What the sandbox is told.
#[cfg(feature = "sandbox")]
#[derive(Args, Debug)]
pub struct SandboxArgs {
    /// Where to listen; loopback only
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: SocketAddr,
    /// Users, warehouses and assignments to begin with
    #[arg(long, value_name = "FILE")]
    pub seed_file: Option<PathBuf>,
    /// Serve HTTPS with this certificate chain, PEM, the server's own certificate first
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The private key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}

/// What can be done with what was recorded.
#[derive(Debug, Subcommand)]
pub enum OutboxAction {
    /// List every change of the last 30 days, newest first
    List,
    /// Take a change back, or wish again what was shown before it
    Undo {
        /// The number of the change
        seq: i64,
    },
    /// Note that a rejection was understood
    Seen {
        /// The number of the change
        seq: i64,
    },
    /// Answer the question about a change
    Decide {
        /// The number of the change
        seq: i64,
        /// The answer
        #[command(flatten)]
        answer: Answer,
    },
}

/// The two answers, of which one is given.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct Answer {
    /// Switch as wished
    #[arg(long)]
    pub mine: bool,
    /// Stay with what the server has
    #[arg(long)]
    pub theirs: bool,
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Tell every setting
    Show {
        /// Tell who set it and where, too
        #[arg(long)]
        origin: bool,
    },
    /// Tell what can't be used
    Check {
        /// Check this file as if it were IT's own, instead of what is configured on this device
        file: Option<PathBuf>,
    },
    /// Make a set-up code that the window's set-up page scans
    Qr {
        /// The settings that the code brings, as in a configuration file; nothing takes the address
        /// of --server-url
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Sign it with this key, so that it may set more than the address
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Write it as an SVG picture, too
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Make a key that signs set-up codes, and print its public half for set_up_keys
    Keygen {
        /// The file for the secret half, which must not exist yet
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
}
