//! `nasproof derive`.

use std::path::PathBuf;

use clap::Args;
use nasproof::torch::{
    run::{Run, RunError},
    search::{counted, records},
};

use crate::output::{Exit, Failure, print};

const EXAMPLES: &str = "\
Examples:
  nasproof derive RUN                    the genotype of the last epoch, or of the one that an early stop kept
  nasproof derive RUN --epoch 10         the one that would have been derived then

Notations: that of DARTS for darts, s1 … s4 and the cells of the wiring paper, that of NAS-Bench-201 for nb201, the matrix of NAS-Bench-101 for
1shot1. In the DARTS family a node keeps its two strongest edges, none left out; elsewhere every edge or node its strongest operation.

Exit codes: 0 done; 2 the arguments or files cannot be used.";

/// Print the genotype that a search derives, in the notation of its space.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Derive {
    /// The run, as nasproof search wrote it.
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// The epoch, from 1 [default: the one that counts].
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,
}

pub fn run(args: &Derive) -> Result<Exit, Failure> {
    let settings = Run::settings(&args.run)?;
    let Some(search) = &settings.search else { return Err(RunError::NotASearch(args.run.clone()).into()) };
    let reached = Run::reached(&args.run)?;
    let records = records(&args.run, reached)?;
    let number = match args.epoch {
        Some(number) if number == 0 || number > reached => {
            return Err(Failure::input(format!(
                "--epoch {number}: `{}` has reached epoch {reached}; give one from 1 on",
                args.run.display()
            )));
        }
        Some(number) => number,
        None => counted(&records).unwrap_or(reached),
    };
    let record = number.checked_sub(1).and_then(|at| records.get(at as usize));
    let record = record.ok_or_else(|| Failure::input(format!("`{}` has no epoch yet", args.run.display())))?;
    let genotype = record.genotype.as_ref().ok_or_else(|| {
        Failure::input(format!(
            "{} tries its candidates at the end, after epoch {}; there is no genotype of epoch {number}",
            search.system, settings.training.epochs
        ))
    })?;
    print(&format!("{genotype}\n"));
    Ok(Exit::Success)
}
