//! `wareswitch sandbox`: the server in miniature as a process of its own.

use std::io::{self, Write as _};

use crate::cli::args::SandboxArgs;
use crate::error::{UserError, exit_code};
use crate::sandbox::{Options, Seed, TlsIdentity, serve_until_stopped};

/// Serves until the process is asked to stop. The first line on standard output is the address.
pub(super) fn serve(args: &SandboxArgs) -> Result<u8, UserError> {
    let refuse = |error: io::Error| UserError::usage(format!("The sandbox can't serve: {error}."));
    let options = options(args).map_err(refuse)?;
    super::runtime()?.block_on(serve_until_stopped(options, announce)).map_err(refuse)?;
    Ok(exit_code::DONE)
}

fn options(args: &SandboxArgs) -> io::Result<Options> {
    let seed = match &args.seed_file {
        Some(path) => Seed::from_file(path)?,
        None => Seed::sample(),
    };
    // The arguments come in pairs or not at all.
    let tls = match (&args.tls_certificate, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(TlsIdentity::from_files(certificate, key)?),
        _ => None,
    };
    Ok(Options { listen: args.listen, tls, seed })
}

fn announce(origin: &str) {
    let line = serde_json::json!({ "listening": origin });
    let mut out = io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
