//! What a package ships beside the program: completions and manual pages.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Cli;

/// Writes the completions of a shell.
///
/// # Errors
/// If the other side is gone.
pub fn completions(shell: Shell, out: &mut impl Write) -> io::Result<()> {
    // The generator takes no failure of the writer for an answer.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "wareswitch", &mut text);
    out.write_all(&text)
}

/// Writes the manual page of the program.
///
/// # Errors
/// If the other side is gone.
pub fn page(out: &mut impl Write) -> io::Result<()> {
    clap_mangen::Man::new(Cli::command()).render(out)
}

/// Writes a manual page for the program and for each command.
///
/// # Errors
/// If the folder can't be written.
pub fn pages(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command(), folder)
}
