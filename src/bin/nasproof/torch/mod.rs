//! The commands on libtorch.

pub mod args;
mod bar;
mod costs;
mod derive;
mod estimate;
mod gates;
mod retrain;
mod run_args;
mod search;
mod select;
mod subject;
mod train;
mod truth;

use clap::Subcommand;

use crate::output::{Exit, Failure};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum TorchCommand {
    Train(Box<train::Train>),
    Retrain(Box<retrain::Retrain>),
    Costs(Box<costs::Costs>),
    Estimate(Box<estimate::Estimate>),
    Search(Box<search::Search>),
    Derive(derive::Derive),
    Select(Box<select::Select>),
    Truth(truth::Truth),
}

pub fn run(command: &TorchCommand) -> Result<Exit, Failure> {
    match command {
        TorchCommand::Train(args) => train::run(args),
        TorchCommand::Retrain(args) => retrain::run(args),
        TorchCommand::Costs(args) => costs::run(args),
        TorchCommand::Estimate(args) => estimate::run(args),
        TorchCommand::Search(args) => search::run(args),
        TorchCommand::Derive(args) => derive::run(args),
        TorchCommand::Select(args) => select::run(args),
        TorchCommand::Truth(args) => truth::run(args),
    }
}
