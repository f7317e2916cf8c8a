//! The command line: arguments in, the library's answers out. What can be decided or computed lives in the library.

mod args;
mod arrays;
mod compare;
mod ihvp;
mod lookup;
mod main_job;
mod output;
#[cfg(feature = "torch")]
mod torch;
#[cfg(not(feature = "torch"))]
#[path = "without_torch.rs"]
mod torch;
mod verify;

use clap::Parser;

use args::{Cli, Command};
use output::Failure;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        None => main_job::run(),
        Some(Command::Verify(args)) => verify::run(args),
        Some(Command::Ihvp(args)) => ihvp::run(args),
        Some(Command::Compare(args)) => compare::run(args),
        Some(Command::Lookup(args)) => lookup::run(args),
        Some(Command::Torch(command)) => torch::run(command),
    };
    outcome.unwrap_or_else(Failure::report).into()
}
