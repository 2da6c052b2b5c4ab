//! Parse arguments, call, exit code.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
