//! The arguments and their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  nasproof                                    the main job: check every claim, then measure the approximations
  nasproof verify --claim influence.lemma-1   one claim, with its counterexample
  nasproof verify --json ledger.json          the whole ledger, for a program to read

Exit codes: 0 done; 1 a verdict is not the expected one; 2 the arguments or files cannot be used;
3 the mathematics refuses (singular, indefinite, divergent, or a tolerance out of reach).";

/// Checks the theory of differentiable architecture search, and solves its inverse-Hessian systems with certificates.
///
/// Without a command it does the main job: `verify` (run the ledger of claims), then `compare` (measure the approximations
/// against exact answers on real data). Results are written to nasproof-results/.
#[derive(Debug, Parser)]
#[command(name = "nasproof", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    /// What to do; the main job if not given.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Verify(Verify),
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  nasproof verify                              every claim, 64 random cases each
  nasproof verify --claim influence.lemma-1    one claim: its statements and the counterexample
  nasproof verify --cases 1000 --seed 7        a longer run with other cases
  nasproof verify --json ledger.json           the ledger as JSON

How to read the table:
  printed      the verdict on the statement as the paper prints it:
                 holds       no case contradicts it beyond rounding
                 refuted     a case does; --claim ID shows the smallest one found
                 definition  nothing to decide; the code equals it
                 empirical   only data decide
                 garbled     the text was destroyed by its extraction
  corrected    the verdict on the corrected statement, where there is one
  worst ratio  the largest residual seen, divided by what rounding explains; up to 30 passes
  control      whether a deliberately wrong variant was rejected by the same check

Exit codes: 0 every verdict is the expected one and every control was rejected; 1 otherwise; 2 bad arguments.";

/// Run the ledger: check every statement of the papers on random cases, and show the verdicts.
#[derive(Debug, Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub struct Verify {
    /// Check this claim only, such as influence.lemma-1; may be repeated [default: all].
    #[arg(long = "claim", value_name = "ID")]
    pub claims: Vec<String>,

    /// Random cases for each check, at least 1.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub cases: u32,

    /// The seed of all randomness: the same seed gives the same cases.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,

    /// A folder of data for claims that only data decide.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Write the ledger to this file as JSON: a list of {id, source, hypotheses, decided, printed, corrected, control}.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}
