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

use nasproof::torch::{Cause, cause_of};

use crate::output::{Exit, Failure};

/// A failure with the code of what it comes from; an argument is named where what was given is at fault.
pub fn failure(argument: Option<&str>, error: &(impl std::error::Error + 'static)) -> Failure {
    match (cause_of(error), argument) {
        (Cause::Input, Some(argument)) => Failure::input(format!("{argument}: {error}")),
        (Cause::Input, None) => Failure::input(error),
        (Cause::Mathematics, _) => Failure { exit: Exit::Refused, message: error.to_string() },
        (Cause::Libtorch, _) => {
            let message = format!(
                "{error}; if memory is short, take fewer images at once, a smaller network, or close what else runs"
            );
            Failure { exit: Exit::Failed, message }
        }
    }
}

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
