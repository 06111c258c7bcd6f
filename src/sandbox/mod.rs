//! A Glue server in miniature, for tests, the demo and trying things out.
//!
//! It answers as the contract says a real server does, from its own reading of it: nothing here is
//! shared with the code that talks to servers. It listens on this machine only.

mod assignments;
mod code_flow;
mod control;
mod control_routes;
mod conventions;
mod cross_origin;
mod fault_order;
mod faults;
mod paced_body;
mod routes;
mod rows;
mod second_factor;
mod seed;
mod server;
mod settings;
mod sign_in;
mod state;
mod strict_json;
#[cfg(test)]
mod tests;
mod tls;
mod tokens;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::task::JoinHandle;

pub use control::{Control, LoggedRequest, UserPatch};
pub use faults::{Fault, FaultKind};
pub use rows::{Assignment, User, Warehouse};
pub use seed::{SAMPLE_PASSWORD, Seed, SeedAssignment, SeedUser, SeedWarehouse};
pub use settings::{Settings, TokenShape};

pub use tls::TlsIdentity;

/// Where a sandbox listens, how, and what it starts with.
#[derive(Clone, Debug)]
pub struct Options {
    /// An address of this machine; port 0 is any free one.
    pub listen: SocketAddr,
    /// Serves HTTPS with this certificate; none: HTTP.
    pub tls: Option<TlsIdentity>,
    /// Users, warehouses and assignments.
    pub seed: Seed,
}

impl Options {
    /// HTTP on a free port of 127.0.0.1.
    pub fn new(seed: Seed) -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), tls: None, seed }
    }
}

/// A running sandbox. Dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    origin: String,
    control: Control,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Starts with HTTP on a free port of 127.0.0.1, within the current tokio runtime.
    ///
    /// # Errors
    /// If no port is free, or the seed contradicts itself.
    pub async fn start(seed: Seed) -> io::Result<Self> {
        Self::start_with(Options::new(seed)).await
    }

    /// Starts as the options say, within the current tokio runtime.
    ///
    /// # Errors
    /// If the address is not of this machine or taken, or the seed contradicts itself.
    pub async fn start_with(options: Options) -> io::Result<Self> {
        let listener = server::bind(options.listen).await?;
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let origin = format!("{scheme}://{}", listener.local_addr()?);
        let shared = Arc::new(control::Shared::new(options.seed)?);
        let control = Control { shared: Arc::clone(&shared) };
        let acceptor = options.tls.as_ref().map(TlsIdentity::acceptor);
        let task = tokio::spawn(server::serve(listener, acceptor, shared, origin.clone()));
        Ok(Self { origin, control, task })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// The control side.
    pub fn control(&self) -> Control {
        self.control.clone()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves until the process is asked to stop (SIGTERM or SIGINT). `announce` is told the address as
/// soon as connections are taken.
///
/// # Errors
/// As [`Sandbox::start_with`].
pub async fn serve_until_stopped(options: Options, announce: impl FnOnce(&str)) -> io::Result<()> {
    let stop = Stop::new()?;
    let sandbox = Sandbox::start_with(options).await?;
    announce(&sandbox.origin);
    stop.asked().await
}

/// Waits for the signals that end a process. Made before the address is announced, so that no
/// signal is missed.
#[cfg(unix)]
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn asked(mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        Ok(())
    }
}

#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn asked(self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
