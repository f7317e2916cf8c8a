//! The arguments and their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser, builder::TypedValueParser};
use nasproof::ihvp::system::{Method, Step};

use crate::torch::TorchCommand;

const EXAMPLES: &str = "\
Examples:
  nasproof                                    the main job: check every claim, then measure the approximations
  nasproof verify --claim influence.lemma-1   one claim, with its counterexample
  nasproof verify --json ledger.json          the whole ledger, for a program to read
  nasproof ihvp --hessian H.npy --vector v.npy --method cg --out x.npy
                                              solve Hx = v on arrays saved by NumPy
  nasproof compare --hessian H.npy --vector v.npy
                                              how good every estimator is on it
  nasproof help ihvp                          all of a command's options, with examples

Exit codes: 0 done; 1 a verdict is not the expected one; 2 the arguments or files cannot be used;
3 the mathematics refuses (singular, indefinite, divergent, or a tolerance out of reach);
4 libtorch failed (no memory left, a device).";

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
    Ihvp(Box<Ihvp>),
    Compare(Compare),
    Lookup(Lookup),
    #[command(flatten)]
    Torch(TorchCommand),
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  nasproof verify                              every claim, 64 random cases each
  nasproof verify --claim influence.lemma-1    one claim: its statements and the counterexample
  nasproof verify --cases 1000 --seed 7        a longer run with other cases
  nasproof verify --json ledger.json           the ledger as JSON
  nasproof verify --data DIR                   also what only data decide; DIR holds nb201/ and robustdarts/
  nasproof verify --errata                     write ERRATA.md: what is refuted, and what is correct
  nasproof verify --index                      write proofs/README.md: every statement with its verdict and its page
  nasproof verify --errata --index --check     whether those files are up to date

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

Exit codes: 0 every verdict is the expected one and every control was rejected; 1 otherwise;
2 bad arguments, or data that are missing or malformed.";

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

    /// Write the ledger to this file as JSON: a list of {id, source, hypotheses, decided, decided_by, printed, corrected, control}.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write what is refuted, with counterexamples and corrections, to this file as Markdown, from a run with the default cases and seed.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "ERRATA.md",
          conflicts_with_all = ["claims", "cases", "seed", "data", "json"])]
    pub errata: Option<PathBuf>,

    /// Write the index of all statements, each with its verdicts and its page, to this file as Markdown, from the same run.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "proofs/README.md",
          conflicts_with_all = ["claims", "cases", "seed", "data", "json"])]
    pub index: Option<PathBuf>,

    /// With --errata or --index: write nothing, and end with 1 unless the files are what would be written.
    #[arg(long)]
    pub check: bool,
}

const IHVP_EXAMPLES: &str = "\
Examples, with arrays made by NumPy:
  python3 -c \"import numpy as np; G = np.random.randn(64, 1000); np.save('G.npy', G); np.save('v.npy', G[0])\"
  nasproof ihvp --gradients G.npy --vector v.npy --method woodbury --damping 0.01 --out x.npy
  nasproof ihvp --gradients G.npy --vector v.npy --method neumann --damping 0.01 --step auto --terms 20 --json report.json

  python3 -c \"import numpy as np; B = np.random.randn(50, 50); np.save('H.npy', B @ B.T); np.save('V.npy', np.eye(50)[:, :3])\"
  nasproof ihvp --hessian H.npy --vector V.npy --method exact --out X.npy
  nasproof ihvp --hessian H.npy --vector V.npy --method block-cg --tolerance 1e-8 --f32 --out X.npy

  numpy.load('x.npy') then has the shape of V and its dtype (float64 for integers).

Arrays: float32, float64, bool and integers, C or Fortran order; every entry finite. H is (n, n), symmetric up to the rounding of its
dtype; G is (N, n), a gradient a row; V is one vector (n) or several as columns (n, k).

What comes out:
  relative residual  |v - Ax| / |v| of the solution found, recomputed, the worst column (0 for a zero column)
  error bound        at least |X - x|, absolute, for X as written against the exact solution for the numbers in the files
  certificate        proved         the bound holds, rounding included
                     probabilistic  it rests on a random start of Lanczos and fails with probability at most 1e-6
                     heuristic      there is no bound

With --json, {method, dimension, columns, status, iterations, step, relative_residual, error_bound, certificate, seconds} and more. Its status is
converged; budget (the terms asked for were summed; or, with exit code 3, the tolerance was not reached); or, with exit code 3, diverged,
indefinite or singular. When a solve is refused its lists hold what was reached, or nothing, and X is not written.

Exit codes: 0 solved as asked; 2 the arguments or files cannot be used; 3 the mathematics refuses (the step is too long, the system is
singular, or indefinite where it must not be, or the tolerance is out of reach).";

/// Solve (H + ηI) x = v, or (ηI + GᵀG/N) x = v, with a bound on the error of what is written.
#[derive(Debug, Args)]
#[command(after_help = IHVP_EXAMPLES)]
pub struct Ihvp {
    #[command(flatten)]
    pub arrays: Arrays,

    /// How to solve it. sherman-morrison, woodbury and stochastic-neumann need --gradients; cg, block-cg and neumann need a positive definite
    /// system; exact takes any nonsingular one; identity and diagonal are baselines.
    #[arg(long, value_name = "METHOD", value_parser = method())]
    pub method: Method,

    /// The damping η ≥ 0.
    #[arg(long, value_name = "η", default_value_t = 0.0, allow_negative_numbers = true)]
    pub damping: f64,

    /// The step γ of neumann and stochastic-neumann, 0 < γ < 2/λ_max, or of identity (x = γv); `auto` chooses it [default: auto].
    #[arg(long, value_name = "γ|auto", value_parser = step, allow_negative_numbers = true)]
    pub step: Option<Step>,

    /// Neumann: the last index K of the sum (K + 1 summands); conjugate gradient: the iterations. Without --tolerance this is a truncation:
    /// whatever residual comes out is accepted and stated.
    #[arg(long, value_name = "K")]
    pub terms: Option<usize>,

    /// The relative residual |v − Ax|/|v|, between 0 and 1, that every column must reach [default: 1e-10; none with --terms, and for stochastic-neumann, identity
    /// and diagonal].
    #[arg(long, value_name = "τ", allow_negative_numbers = true)]
    pub tolerance: Option<f64>,

    /// stochastic-neumann: the rows of G in a mini-batch [default: an eighth of them].
    #[arg(long, value_name = "R")]
    pub rows: Option<usize>,

    /// The seed of whatever is random: the order of mini-batches, the start of Lanczos.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,

    /// Work in single precision; residuals stay in double, and corrections are added until the tolerance is reached.
    #[arg(long)]
    pub f32: bool,

    /// Write the solution to this file [default: it is not written].
    #[arg(long, value_name = "X.npy")]
    pub out: Option<PathBuf>,

    /// Write the report to this file as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// A system and its right-hand sides.
#[derive(Debug, Args)]
pub struct Arrays {
    #[command(flatten)]
    pub curvature: Curvature,

    /// The right-hand sides: one vector, shape (n), or several as columns, shape (n, k).
    #[arg(long, value_name = "V.npy")]
    pub vector: PathBuf,

    /// Take (H + Hᵀ)/2 of a Hessian that is not symmetric.
    #[arg(long)]
    pub symmetrize: bool,
}

/// Where the curvature is.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Curvature {
    /// A symmetric n × n Hessian.
    #[arg(long, value_name = "H.npy")]
    pub hessian: Option<PathBuf>,

    /// N gradients of length n as rows: the curvature is GᵀG/N.
    #[arg(long, value_name = "G.npy")]
    pub gradients: Option<PathBuf>,
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  nasproof compare                         the digits, as the main job does it
  nasproof compare --seed 3 --out seed-3   another split, other initial gates; tables and figure in seed-3/
  nasproof compare --gradients G.npy --vector v.npy --damping 0.01
  nasproof compare --hessian H.npy --vector V.npy --out mine --json mine.json

On the digits each operation is removed from a trained model, the model is retrained to its exact optimum, and the true change of the loss
is set beside what each criterion predicts, with each estimator of the inverse Hessian at several settings. On arrays each estimator is set
beside the exact solution. CSV tables, an SVG figure and everything as JSON go to the folder of --out.

Exit codes: 0 done; 2 the arguments or files cannot be used; 3 there is no exact answer to compare with.";

/// Measure the approximations against exact answers: on the digits, or on your own arrays.
#[derive(Debug, Args)]
#[command(after_help = COMPARE_EXAMPLES, group = clap::ArgGroup::new("own").args(["hessian", "gradients"]).multiple(false))]
pub struct Compare {
    /// The seed of the split, the initial gates and every random estimator.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,

    /// The folder for tables and figures, made if it is not there.
    #[arg(long, value_name = "DIR", default_value = "nasproof-results")]
    pub out: PathBuf,

    /// Write the comparison to this file as JSON as well.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Compare on this symmetric n × n Hessian.
    #[arg(long, value_name = "H.npy", requires = "vector")]
    pub hessian: Option<PathBuf>,

    /// Compare on these N gradients of length n as rows: the curvature is GᵀG/N.
    #[arg(long, value_name = "G.npy", requires = "vector")]
    pub gradients: Option<PathBuf>,

    /// The right-hand sides: one vector, shape (n), or several as columns, shape (n, k).
    #[arg(long, value_name = "V.npy", requires = "own")]
    pub vector: Option<PathBuf>,

    /// The damping η ≥ 0 of the system compared on.
    #[arg(long, value_name = "η", default_value_t = 0.0, allow_negative_numbers = true)]
    pub damping: f64,

    /// Take (H + Hᵀ)/2 of a Hessian that is not symmetric.
    #[arg(long)]
    pub symmetrize: bool,
}

const LOOKUP_EXAMPLES: &str = "\
Example:
  nasproof lookup --table test_accuracy_200_epochs.csv '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|'

The table is a CSV file whose first line names its columns: ArchitectureString, and accuracies in percent. Cells that compute the same function
under other names are rows of their own, trained for themselves; how far apart they are is said beside each accuracy.

With --json, {genotype, function, accuracies, same_function}; accuracies by the names of the columns.

Exit codes: 0 found; 2 the genotype, or the table, cannot be used, or the table lacks the genotype.";

/// Look up the accuracies of a NAS-Bench-201 cell in a table.
#[derive(Debug, Args)]
#[command(after_help = LOOKUP_EXAMPLES)]
pub struct Lookup {
    /// The cell, |op~0|+|op~0|op~1|+|op~0|op~1|op~2|.
    #[arg(value_name = "GENOTYPE")]
    pub genotype: String,

    /// The table.
    #[arg(long, value_name = "FILE")]
    pub table: PathBuf,

    /// Write the answer to this file as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

fn method() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(Method::name)).try_map(|name| name.parse::<Method>())
}

/// A step γ, or `auto`.
pub fn step(text: &str) -> Result<Step, String> {
    match text {
        "auto" => Ok(Step::Auto),
        _ => text.parse().map(Step::Given).map_err(|_| "give a positive number or `auto`".to_owned()),
    }
}
