//! The commands on libtorch, in a program that was built without it: they say what they need.

use std::ffi::OsString;

use clap::{Args, Subcommand};

use crate::output::{Exit, Failure};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum TorchCommand {
    #[command(hide = true, disable_help_flag = true)]
    Train(Anything),
    #[command(hide = true, disable_help_flag = true)]
    Retrain(Anything),
    #[command(hide = true, disable_help_flag = true)]
    Costs(Anything),
    #[command(hide = true, disable_help_flag = true)]
    Estimate(Anything),
    #[command(hide = true, disable_help_flag = true)]
    Search(Anything),
    #[command(hide = true, disable_help_flag = true)]
    Derive(Anything),
    #[command(hide = true, disable_help_flag = true)]
    Select(Anything),
    #[command(hide = true, disable_help_flag = true)]
    Truth(Anything),
}

/// Whatever follows.
#[derive(Debug, Args)]
pub struct Anything {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

pub fn run(command: &TorchCommand) -> Result<Exit, Failure> {
    let (name, Anything { .. }) = match command {
        TorchCommand::Train(rest) => ("train", rest),
        TorchCommand::Retrain(rest) => ("retrain", rest),
        TorchCommand::Costs(rest) => ("costs", rest),
        TorchCommand::Estimate(rest) => ("estimate", rest),
        TorchCommand::Search(rest) => ("search", rest),
        TorchCommand::Derive(rest) => ("derive", rest),
        TorchCommand::Select(rest) => ("select", rest),
        TorchCommand::Truth(rest) => ("truth", rest),
    };
    Err(Failure::input(format!(
        "`nasproof {name}` runs on libtorch, which this program was built without: run scripts/setup-torch once, then build with \
         --features torch, as in cargo run --release --features torch -- {name} --help"
    )))
}
