//! `nasproof select`.

use std::{fmt::Write, path::PathBuf, time::Instant};

use clap::Args;
use nasproof::{
    nearest::suggestion,
    report::write,
    space::Space,
    torch::{
        Precision,
        run::{Run, RunError},
        search::{Criterion, ESTIMATORS, Judge, Judging, Unselected, Verdict, estimator, records},
    },
};
use serde_json::json;

use super::{args::PlaceArgs, bar::bar};
use crate::output::{Exit, Failure, notice, print};

const EXAMPLES: &str = "\
Examples:
  nasproof select RUN                                       every criterion
  nasproof select RUN --criterion magnitude,darts-im-woodbury --json selection.json
  nasproof select RUN --criterion darts-pt,darts-pt-fixed --tune-epochs 1

Criteria:
  magnitude        what the system mixes by
  perturbation     how much the loss on held-out images grows without the operation
  darts-pt         the same by accuracy, edge after edge in random order, the supernet tuned in between; then, in the DARTS family, the edges
  darts-pt-fixed   the same, α staying as it is
  darts-if-METHOD  L(θ, Ẑ) − L(θ, Z) − ½ gᵀA⁻¹g on images trained on, the gate set to 0 in every cell of the kind
  darts-im-METHOD  −1ᵀ M A⁻¹ Mᵀ, M = ∂²L/∂Z∂θ, summed over the cells of a kind
METHOD is exact (small supernets only), cg, neumann, sherman-morrison, woodbury or identity; darts-if and darts-im alone stand for all of them.
All take the same mini-batches of the same supernet, with batch statistics; the rows of the Fisher of sherman-morrison and woodbury are their gradients, or with --per-example those of their images. An estimator that refuses (a Hessian that is indefinite in spite of the
damping, say) is reported as such.

Exit codes: 0 done; 2 the arguments or files cannot be used; 3 every criterion asked for was refused; 4 libtorch failed (no memory left,
a device).";

/// The most products with a Hessian that `all` lets a dense factorisation take: one a weight, for each operation in DARTS-IF.
const DENSE: usize = 1000;

/// What every selection criterion says of one trained supernet: strengths, the operation each would select, the genotype.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Select {
    /// The run, as nasproof search wrote it.
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// The criteria, separated by commas.
    #[arg(long, value_name = "CRITERION,…", value_delimiter = ',', default_value = "all", value_parser = known)]
    criterion: Vec<String>,

    /// The checkpoint of this epoch [default: the last].
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,

    /// The mini-batches of each part that are judged on.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    batches: usize,

    /// Images of each.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    batch_size: usize,

    /// The damping η > 0 of the inverses.
    #[arg(long, value_name = "η", default_value_t = 0.1, allow_negative_numbers = true)]
    damping: f64,

    /// sherman-morrison and woodbury: a gradient for each example, with statistics of its own, rather than for each mini-batch.
    #[arg(long)]
    per_example: bool,

    /// Epochs of tuning between two decisions of darts-pt.
    #[arg(long, value_name = "N", default_value_t = 5)]
    tune_epochs: usize,

    /// The seed of the mini-batches and of darts-pt.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,

    #[command(flatten)]
    place: PlaceArgs,

    /// Write everything to this file as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn names() -> Vec<String> {
    let plain = ["all", "magnitude", "perturbation", "darts-pt", "darts-pt-fixed", "darts-if", "darts-im"];
    let with =
        ["darts-if", "darts-im"].iter().flat_map(|of| ESTIMATORS.iter().map(move |method| format!("{of}-{method}")));
    plain.map(str::to_owned).into_iter().chain(with).collect()
}

fn known(text: &str) -> Result<String, String> {
    let names = names();
    if names.iter().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    Err(format!("there is no criterion `{text}`; {}the criteria are {}", suggestion(text, &names), names.join(", ")))
}

impl Select {
    /// The criteria asked for; those left out by `all`, and why.
    fn criteria(&self, precision: Precision, weights: usize, operations: usize) -> (Vec<Criterion>, Vec<String>) {
        let (mut out, mut left) = (Vec::new(), Vec::new());
        for name in names().into_iter().filter(|name| !["all", "darts-if", "darts-im"].contains(&name.as_str())) {
            let asked = self.criterion.contains(&name);
            let meant = self
                .criterion
                .iter()
                .any(|given| given == "all" || (name.starts_with("darts-i") && name.starts_with(&format!("{given}-"))));
            if !asked && !meant {
                continue;
            }
            let products = weights * if name.starts_with("darts-if") { operations } else { 1 };
            if !asked && name.ends_with("-exact") && products > DENSE {
                left.push(format!(
                    "{name} is left out: it takes {products} products with a Hessian; ask for it by name"
                ));
                continue;
            }
            let group = if self.per_example { 1 } else { usize::MAX };
            let with = |of: &str| estimator(name.strip_prefix(of)?, self.damping, group, precision);
            out.extend(match name.as_str() {
                "magnitude" => Some(Criterion::Magnitude),
                "perturbation" => Some(Criterion::Perturbation),
                "darts-pt" => Some(Criterion::DartsPt { fixed: false }),
                "darts-pt-fixed" => Some(Criterion::DartsPt { fixed: true }),
                _ => with("darts-if-")
                    .map(Criterion::Influence)
                    .or_else(|| with("darts-im-").map(Criterion::InfluentialMagnitude)),
            });
        }
        (out, left)
    }
}

pub fn run(args: &Select) -> Result<Exit, Failure> {
    if !(args.damping > 0.0 && args.damping.is_finite()) {
        return Err(Failure::input(format!("--damping must be positive; {} was given", args.damping)));
    }
    args.json.as_deref().map_or(Ok(()), write::check)?;
    let settings = Run::settings(&args.run)?;
    if settings.search.is_none() {
        return Err(RunError::NotASearch(args.run.clone()).into());
    }
    let place = args.place.place((&settings.device, settings.dtype))?;
    let run = Run::open_at(&args.run, args.epoch, &place)?;
    let (data, split) = run.data()?;
    if let (None, Some(stopped)) = (args.epoch, records(&args.run, run.epoch)?.last().and_then(|last| last.stopped)) {
        notice(&format!(
            "the curvature stopped this search after epoch {}, and its cell is that of epoch {}; judged is the supernet as it was left, after epoch {}",
            stopped.at, stopped.kept, run.epoch
        ));
    }
    let judging =
        Judging { batches: args.batches, batch_size: args.batch_size, tuning: args.tune_epochs, seed: args.seed };
    let judge = Judge::new(&run, (&data, &split), &place, judging)?;
    let space = run.network.space();
    let operations = space.tying().mask().iter().filter(|on| **on).count();
    let (criteria, left) = args.criteria(place.precision(), nasproof::linalg::Vector::dim(&run.theta), operations);
    left.iter().for_each(|why| notice(why));
    let found = judged(&judge, &criteria, operations)?;
    print(&table(space, &found));
    if let Some(path) = &args.json {
        let criteria: Vec<_> =
            found.iter().map(|(criterion, verdict, seconds)| entry(space, *criterion, verdict, *seconds)).collect();
        write::json(
            path,
            &json!({ "run": args.run, "epoch": run.epoch, "settings": run.settings, "batches": args.batches, "batch_size": args.batch_size,
                     "damping": args.damping, "tune_epochs": args.tune_epochs, "seed": args.seed, "bn": "batch", "gradients": if args.per_example { "examples" } else { "mini-batches" }, "operations": rows(space), "criteria": criteria }),
        )?;
    }
    Ok(if found.iter().any(|(_, verdict, _)| verdict.is_ok()) { Exit::Success } else { Exit::Refused })
}

/// The criteria one after the other, but those of DARTS-IF together: what is not the inverse serves all of them.
fn judged(judge: &Judge<'_>, criteria: &[Criterion], operations: usize) -> Result<Vec<Found>, Failure> {
    let family: Vec<_> = criteria
        .iter()
        .filter_map(|criterion| if let Criterion::Influence(inverse) = criterion { Some(*inverse) } else { None })
        .collect();
    let mut influences = Vec::new();
    if !family.is_empty() {
        let bar = bar(operations as u64, "operations");
        bar.set_prefix("darts-if");
        influences = judge.influences(&family, || bar.inc(1))?;
        bar.finish_and_clear();
    }
    let mut influences = influences.into_iter();
    let bar = bar(criteria.len() as u64, "criteria");
    let mut found = Vec::with_capacity(criteria.len());
    for &criterion in criteria {
        bar.set_prefix(criterion.to_string());
        let start = Instant::now();
        let together = if matches!(criterion, Criterion::Influence(_)) { influences.next() } else { None };
        let (verdict, spent) = together.unwrap_or_else(|| (judge.select(criterion), start.elapsed()));
        let verdict = match verdict {
            Err(Unselected::Search(error)) if error.is_input() => return Err(error.into()),
            Err(error) => Err(error.to_string()),
            Ok(verdict) => Ok(verdict),
        };
        let seconds = spent.as_secs_f64();
        bar.suspend(|| notice(&format!("{criterion}: {seconds:.1} s")));
        bar.inc(1);
        found.push((criterion, verdict, seconds));
    }
    bar.finish_and_clear();
    Ok(found)
}

type Found = (Criterion, Result<Verdict, String>, f64);

/// The rows of α: where they are, and the names of their columns.
pub(super) fn rows(space: &Space) -> Vec<(String, Vec<String>)> {
    let mut out = Vec::new();
    for kind in space.kinds() {
        for row in &space.cell().rows {
            let (from, to) = row.ends();
            let of = if space.kinds().len() > 1 { format!("{kind:?} ").to_lowercase() } else { String::new() };
            out.push((format!("{of}{from}→{to}"), row.columns(*kind)));
        }
    }
    out
}

fn entry(space: &Space, criterion: Criterion, verdict: &Result<Verdict, String>, seconds: f64) -> serde_json::Value {
    let name = criterion.to_string();
    match verdict {
        Err(refused) => json!({ "criterion": name, "seconds": seconds, "refused": refused }),
        Ok(verdict) => {
            let finite = |x: &f64| x.is_finite().then_some(*x);
            let strengths: Vec<Vec<_>> =
                verdict.strengths.rows().into_iter().map(|row| row.iter().map(finite).collect()).collect();
            let edges: Vec<_> = verdict
                .edges
                .iter()
                .map(|node| json!({ "node": node.node, "without": node.without, "kept": node.kept }))
                .collect();
            let selected: Vec<Vec<_>> = rows(space)
                .into_iter()
                .zip(&verdict.selected)
                .map(|((_, names), columns)| columns.iter().filter_map(|&o| names.get(o).cloned()).collect())
                .collect();
            json!({ "criterion": name, "seconds": seconds, "refused": null, "strengths": strengths, "selected": selected,
                    "edges": edges, "genotype": verdict.genotype })
        }
    }
}

/// Strengths, a column a criterion; what each selects is marked. Below, the genotypes.
fn table(space: &Space, found: &[Found]) -> String {
    let mut out = String::new();
    let columns: Vec<(String, &Verdict)> = found
        .iter()
        .filter_map(|(criterion, verdict, _)| Some((criterion.to_string(), verdict.as_ref().ok()?)))
        .collect();
    let width = |name: &str| name.chars().count().max(11);
    let _ = write!(out, "{:<16} {:<16}", "edge", "operation");
    columns.iter().for_each(|(name, _)| _ = write!(out, " {name:>width$}", width = width(name)));
    out.push('\n');
    for (row, (edge, names)) in rows(space).iter().enumerate() {
        for (column, operation) in names.iter().enumerate() {
            let _ = write!(out, "{edge:<16} {operation:<16}");
            for (name, verdict) in &columns {
                let x = verdict.strengths[(row, column)];
                let mark = if verdict.selected[row].contains(&column) { "*" } else { " " };
                let text = if x.is_finite() { format!("{x:.3e}{mark}") } else { format!("-{mark}") };
                let _ = write!(out, " {text:>width$}", width = width(name));
            }
            out.push('\n');
        }
    }
    for (criterion, verdict, _) in found {
        let _ = match verdict {
            Ok(verdict) => writeln!(out, "{criterion}: {}", verdict.genotype),
            Err(refused) => writeln!(out, "{criterion}: refused: {refused}"),
        };
    }
    out
}
