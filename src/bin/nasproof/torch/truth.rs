//! `nasproof truth`.

use std::path::{Path, PathBuf};

use clap::Args;
use nasproof::{
    report::write,
    space::{Alternative, Space},
    torch::{
        Place,
        data::{Data, Split},
        run::{GateChoice, Run, RunError, Settings, Training},
        search::{counted_strengths, records},
        train::{epoch, figures},
    },
};
use serde_json::json;

use super::{args::PlaceArgs, bar::bar, retrain, run_args::announce, select};
use crate::output::{Exit, Failure, notice, print};

const EXAMPLES: &str = "\
Examples:
  nasproof search --system darts-1st --space nb201 --data digits --reserve 0.4 --channels 4 --cells 1 --epochs 20 --out RUN
  nasproof truth RUN --epochs 10 --no-augment --out CHILDREN --json truth.json

The truth of an operation of an edge is the accuracy, on the part of the data that the search reserved, of the cell that the search derives with
that operation forced on that edge, trained from initial weights by each of some seeds. Operations whose cells are the same share their children.
A child is trained on what the weights of the supernet were trained on; the reserved images are looked at once, when it is trained.
What is not given is as nasproof retrain has it, but for the size, which is that of the supernet.

CHILDREN holds a run for every child; one that is there is not trained again, so that a command that was interrupted can be given again.

Exit codes: 0 done; 2 the arguments or files cannot be used; 3 training diverged; 4 libtorch failed (no memory left, a device).";

/// The truth about every operation of a search: children retrained, judged on images that the search never touched.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Truth {
    /// The run, as nasproof search wrote it.
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// The folder of the children.
    #[arg(long, value_name = "CHILDREN")]
    out: PathBuf,

    /// Seeds a child is trained with: 0, 1, …
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,

    /// Epochs of a child.
    #[arg(long, value_name = "N")]
    epochs: Option<u64>,

    /// Images a step.
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    batch_size: Option<usize>,

    /// The learning rate of the first epoch.
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    lr: Option<f64>,

    /// Neither crop nor flip nor cut out.
    #[arg(long)]
    no_augment: bool,

    #[command(flatten)]
    place: PlaceArgs,

    /// Write everything to this file as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Truth {
    /// How a child is trained, but for its genotype and its seed.
    fn settings(&self, from: &Settings, place: &Place) -> Result<Settings, Failure> {
        let (size, settings) = retrain::defaults(from.space, Some(from));
        let training = settings.training;
        let training = Training {
            epochs: self.epochs.unwrap_or(training.epochs),
            batch_size: self.batch_size.unwrap_or(training.batch_size),
            lr: self.lr.unwrap_or(training.lr),
            augmentation: training.augmentation.filter(|_| !self.no_augment),
            ..training
        };
        if let Some((name, value, range)) = training.fault() {
            return Err(Failure::input(format!("--{name} must be {range}; {value} was given")));
        }
        let (device, dtype) = (place.to_string(), place.precision());
        Ok(Settings { size, data: from.data.clone(), device, dtype, training, ..settings })
    }
}

pub fn run(args: &Truth) -> Result<Exit, Failure> {
    args.json.as_deref().map_or(Ok(()), write::check)?;
    let from = Run::settings(&args.run)?;
    if from.search.is_none() {
        return Err(RunError::NotASearch(args.run.clone()).into());
    }
    if from.reserved == 0.0 {
        return Err(Failure::input(format!(
            "`{}` reserved no images for a judgement; search again with --reserve 0.4, say",
            args.run.display()
        )));
    }
    let place = args.place.place((&from.device, from.dtype))?;
    let settings = args.settings(&from, &place)?;
    let run = Run::open(&args.run, &place)?;
    let (data, split) = run.data()?;
    let before = records(&args.run, run.epoch)?;
    let space = run.network.space();
    let strengths = counted_strengths(&before, &from, space)
        .map_err(Failure::input)?
        .ok_or_else(|| Failure::input(format!("`{}` has no epoch yet", args.run.display())))?;
    let refused = |error: nasproof::space::StrengthError| Failure::input(error);
    let derived = space.derive(&strengths).map_err(refused)?.to_string();
    let alternatives = space.alternatives(&strengths).map_err(refused)?;
    let genotypes = distinct(&alternatives);
    std::fs::create_dir_all(&args.out)
        .map_err(|error| Failure::input(format!("--out: `{}`: {error}", args.out.display())))?;
    announce(&data, &split);
    notice(&format!("{} operations, {} cells, {} seeds each", alternatives.len(), genotypes.len(), args.seeds));
    let bar = bar(genotypes.len() as u64 * args.seeds, "children");
    let mut judged = Vec::with_capacity(genotypes.len());
    for (number, genotype) in genotypes.iter().enumerate() {
        let mut accuracies = Vec::new();
        for seed in 0..args.seeds {
            let training = Training { gates: GateChoice::Genotype(genotype.clone()), ..settings.training.clone() };
            let settings = Settings { training, seed, ..settings.clone() };
            let folder = args.out.join(format!("{number:03}-{seed}"));
            accuracies.push(child(&folder, settings, (&data, &split), &place)?);
            bar.inc(1);
        }
        judged.push(accuracies);
    }
    bar.finish_and_clear();
    let found: Vec<(&Alternative, &[f64])> = alternatives
        .iter()
        .filter_map(|a| Some((a, &judged[genotypes.iter().position(|g| *g == a.genotype.to_string())?][..])))
        .collect();
    print(&table(space, &found));
    if let Some(path) = &args.json {
        let operations: Vec<_> = found
            .iter()
            .map(|(a, accuracies)| json!({ "row": a.row, "column": a.column, "genotype": a.genotype.to_string(), "accuracies": accuracies }))
            .collect();
        let report = json!({ "run": args.run, "epoch": run.epoch, "settings": settings, "reserved": split.reserved.len(),
            "derived": derived, "rows": select::rows(space), "truth": operations });
        write::json(path, &report)?;
    }
    Ok(Exit::Success)
}

/// The cells, each once, in the order of their first operation.
fn distinct(alternatives: &[Alternative]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for alternative in alternatives {
        let genotype = alternative.genotype.to_string();
        if !out.contains(&genotype) {
            out.push(genotype);
        }
    }
    out
}

/// The accuracy of a child on the reserved part, trained as far as it is not yet.
fn child(folder: &Path, settings: Settings, (data, split): (&Data, &Split), place: &Place) -> Result<f64, Failure> {
    let mut run = if folder.is_dir() {
        let run = Run::resume(folder, place)?;
        if run.settings != settings {
            let folder = folder.display();
            return Err(Failure::input(format!("`{folder}` is a child of other settings; give another --out")));
        }
        run
    } else {
        Run::create(folder, settings, None, place)?
    };
    while run.epoch < run.settings.training.epochs {
        epoch(&mut run, data, split, place, |_| ())?;
    }
    let judged = figures(&run, &data.training, &split.reserved, place).map_err(RunError::from)?;
    Ok(judged.accuracy)
}

fn table(space: &Space, found: &[(&Alternative, &[f64])]) -> String {
    let rows = select::rows(space);
    let mut out = format!("{:<16} {:<16} accuracy on the reserved images, a column a seed\n", "edge", "operation");
    for (alternative, accuracies) in found {
        let (edge, names) = &rows[alternative.row];
        let accuracies: Vec<String> = accuracies.iter().map(|a| format!("{:>7.2}%", 100.0 * a)).collect();
        out += &format!("{edge:<16} {:<16} {}\n", names[alternative.column], accuracies.join(" "));
    }
    out
}
