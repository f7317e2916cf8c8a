//! `nasproof derive`.

use std::path::PathBuf;

use clap::Args;
use nasproof::{
    space::{Rule, Space},
    torch::{
        run::{Run, RunError},
        search::{Record, counted, derive_by, derived, records, tries_candidates},
    },
};

use crate::output::{Exit, Failure, print};

const EXAMPLES: &str = "\
Examples:
  nasproof derive RUN                    the genotype of the last epoch, or of the one that an early stop kept
  nasproof derive RUN --epoch 10         the one that would have been derived then
  nasproof derive RUN --rule top-2       by another rule than the search's own: in a run of pc-darts, without the weights of the edges

Notations: that of DARTS for darts, s1 … s4 and the cells of the wiring paper, that of NAS-Bench-201 for nb201, the matrix of NAS-Bench-101 for
1shot1.

Rules, and where each makes a cell:
  argmax       the strongest operation of every edge, none included: nb201, minimal, simplified, modified
  top-2        two edges a node, each with its strongest operation but none: darts, s1 … s4
  1shot1       the strongest operation of every node, and the strongest parents: 1shot1-1, 1shot1-2, 1shot1-3
  alpha-beta   as argmax or top-2, on the products of the weights of operations and of edges: runs of pc-darts (not in 1shot1, whose edges have none)
  candidates   the best of those that enas, random-nas and setn try after an epoch, each on one validation batch
Without --rule it is the search's own: candidates or (but in 1shot1) alpha-beta for those systems, else that of the space.

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

    /// How the cell is read off the strengths [default: as the search does].
    #[arg(long, value_name = "RULE")]
    rule: Option<Rule>,
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
    if let (Some(asked), Some(stopped)) = (args.epoch, records.last().and_then(|last| last.stopped))
        && tries_candidates(&settings)
        && asked == reached
    {
        return Err(Failure::input(format!(
            "--epoch {asked}: the curvature stopped the search then, and candidates were tried of epoch {}, which is kept; leave --epoch out for them",
            stopped.kept
        )));
    }
    let own = if args.epoch.is_none() { derived(&records, &settings) } else { record.genotype.as_deref() };
    let genotype = match args.rule {
        Some(rule) => {
            let space = Space::new(settings.space, settings.size.clone()).map_err(Failure::input)?;
            // Where candidates were tried, the genotype that counts may stand in the last record.
            let record = Record { genotype: own.map(str::to_owned), ..record.clone() };
            derive_by(rule, &record, &settings, &space).map_err(|error| Failure::input(format!("--rule: {error}")))?
        }
        None => own.map(str::to_owned).ok_or_else(|| {
            Failure::input(format!(
                "{} tried no candidates after epoch {number}, so that there is no genotype of it; leave --epoch out, or search with --genotype 1",
                search.system
            ))
        })?,
    };
    print(&format!("{genotype}\n"));
    Ok(Exit::Success)
}
