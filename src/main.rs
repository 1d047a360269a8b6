//! The program: parses, runs one command, turns the outcome into an exit code.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run().into()
}
