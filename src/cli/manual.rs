//! Manual pages, generated from the help texts.

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::args::Cli;
use super::error::Trouble;

/// The page of the whole program, or of one command, as roff.
pub(crate) fn page(command: Option<&str>) -> Result<String, Trouble> {
    let mut program = Cli::command();
    program.build();
    let command = match command {
        None => program,
        Some(name) => {
            program.find_subcommand(name).cloned().ok_or_else(|| Trouble::NoCommand(name.to_owned()))?
        }
    };
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(Trouble::Output)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
