//! `nasproof search`.

use clap::Args;
use nasproof::{
    optimiser::AdamSettings,
    relaxation::resource::Prices,
    report::write,
    search::{EarlyStopSettings, Level, NAMES, known},
    space::SpaceName,
    torch::{
        run::{RunError, SearchSettings, Settings},
        search::{Misfit, Record, SearchError, derived, epoch, finished, published, records},
    },
};

use super::{
    bar::bar,
    run_args::{self, RunArgs, announce, heading},
};
use crate::output::{Exit, Failure, notice, print};

const EXAMPLES: &str = "\
Examples:
  nasproof search --system snas --space minimal --data digits --channels 4 --epochs 10 --out RUN
  nasproof search --system darts-1st --space darts --data cifar-10-batches-bin --augment --early-stop --out RUN
  nasproof search --system snas --space darts --data cifar-10-batches-bin --price-parameters 1e-8 --price-flops 1e-10 --out RUN
  nasproof search --system gdas --space nb201 --data cifar-10-batches-bin --augment --reserve 0.2 --out RUN
  nasproof search --out RUN --resume                  go on after an interruption, with the settings of run.json

What is not given is as the system was published. darts-2nd takes its products by finite difference, as published, darts-2nd-exact both ways,
recording the difference; gdas-code takes the cost of what was not sampled as its published code does; the anchor
of drnas-kl is the divergence from Dir(1).

RUN holds run.json, the last two checkpoints epoch-NNNN.safetensors (weights, momentum, α with its moments, gates) and epochs.jsonl, a line an
epoch: α, strengths, gates, the cost of every (cell, edge, operation), L, H and accuracy on both parts, the entropy of the strengths, the
largest eigenvalue of the α-Hessian, a bound on it and of which function of α it is, and the genotype. A run that is killed has lost the epoch it was in; continued, it gives
the same bits as one that was never interrupted (same machine, same OMP_NUM_THREADS; on CUDA only as far as its kernels are deterministic).

Exit codes: 0 done; 2 the arguments or files cannot be used; 3 the search diverged; 4 libtorch failed (no memory left, a device).";

fn help() -> String {
    let own = NAMES.iter().filter_map(|name| {
        let (_, _, search) = published(name, SpaceName::Nb201).ok()?;
        let numbers: Vec<String> = search.numbers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!numbers.is_empty()).then(|| format!("  {name:<18} {}\n", numbers.join(" ")))
    });
    let own: String = own.collect();
    format!("Systems: {}\n\nTheir own numbers, for --set, as published:\n{own}\n{EXAMPLES}", NAMES.join(", "))
}

/// NAME=VALUE.
fn number(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("give NAME=VALUE, such as temperature-start=2")?;
    let number = value.trim().parse().map_err(|_| format!("`{value}` is not a number"))?;
    Ok((name.trim().to_owned(), number))
}

/// Search for an architecture with any of the published systems, with a checkpoint and a record after every epoch.
#[derive(Debug, Args)]
#[command(after_help = help())]
pub struct Search {
    /// The search system.
    #[arg(long, value_name = "SYSTEM", value_parser = |text: &str| known(text))]
    system: Option<&'static str>,

    #[command(flatten)]
    run: RunArgs,

    /// The learning rate of α [default: that of the system].
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    alpha_lr: Option<f64>,

    /// The weight decay of α [default: that of the system].
    #[arg(long, value_name = "λ", allow_negative_numbers = true)]
    alpha_weight_decay: Option<f64>,

    /// Epochs before α moves [default: those of the system].
    #[arg(long, value_name = "N")]
    warm_up: Option<usize>,

    /// Learn α on the images that also train the weights (single), or on those held out (bilevel) [default: as the system does].
    #[arg(long, value_name = "single|bilevel", value_parser = level())]
    level: Option<Level>,

    /// Record the largest eigenvalue of the α-Hessian every K epochs, 0 for never; each takes some tens of second-order passes over one mini-batch, or up
    /// to 512 evaluations of it in systems that sample paths [default: 1, or 0 where there is none: in random-nas, and in enas where it chooses edges or parents].
    #[arg(long, value_name = "K")]
    eigenvalue: Option<usize>,

    /// Stop when that eigenvalue, with the decay of α added, has grown by a factor of 1.3 as RobustDARTS does, and keep the architecture from before; it is then taken every
    /// epoch.
    #[arg(long)]
    early_stop: bool,

    /// snas and dsnas: what a parameter costs beside the loss, all cells counted [default: 0].
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    price_parameters: Option<f64>,

    /// snas and dsnas: what a multiplication with its addition costs, for one image [default: 0].
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    price_flops: Option<f64>,

    /// snas and dsnas: what a memory access costs, for one image [default: 0].
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    price_accesses: Option<f64>,

    /// enas, random-nas and setn: try candidates for the genotype after every K epochs, 0 for the end alone; each takes an evaluation of a mini-batch, 100 as
    /// published [default: 1].
    #[arg(long, value_name = "K")]
    genotype: Option<usize>,

    /// A number of the system's own, such as temperature-start=2; which it has stands below.
    #[arg(long, value_name = "NAME=VALUE", value_parser = number)]
    set: Vec<(String, f64)>,

    /// The most mini-batches of each part that L, H and the accuracy are recorded over [default: all].
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    record_batches: Option<usize>,
}

fn level() -> impl clap::builder::TypedValueParser<Value = Level> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(["single", "bilevel"])
        .map(|text| if text == "single" { Level::Single } else { Level::Bilevel })
}

impl From<Misfit> for Failure {
    fn from(error: Misfit) -> Self {
        Self::input(error)
    }
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        match error.diverged() {
            true => Self { exit: Exit::Refused, message: error.to_string() },
            false => super::failure(None, &error),
        }
    }
}

pub fn run(args: &Search) -> Result<Exit, Failure> {
    let asked = &args.run;
    if let Some(path) = &asked.json {
        write::check(path)?;
    }
    let (mut run, data, split, place) = if asked.resume {
        asked.resumed(|settings| args.over(settings))?
    } else {
        asked.created(|space| args.defaults(space), |settings| args.over(settings), |_, _| Ok(()))?
    };
    let Some(system) = run.settings.search.as_ref().map(|search| search.system.clone()) else {
        return Err(RunError::NotASearch(asked.out.clone()).into());
    };
    announce(&data, &split);
    let epochs = run.settings.training.epochs;
    let warm_up = run.settings.search.as_ref().map_or(0, |search| search.warm_up);
    if warm_up as u64 >= epochs && epochs > 0 {
        notice(&format!(
            "the warm-up of {warm_up} epochs leaves none of {epochs} for α, which stays as it is; give a shorter --warm-up or more --epochs"
        ));
    }
    print(&heading(&run, &system, asked.resume));
    let mut done = records(&asked.out, run.epoch)?;
    if !finished(&run, &done) {
        print(&columns());
    }
    while !finished(&run, &done) {
        let bar = bar(1, "steps");
        bar.set_prefix(format!("epoch {}/{epochs}", run.epoch + 1));
        let record = epoch(&mut run, (&data, &split), &place, &done, |progress| {
            bar.set_length(progress.steps as u64);
            bar.set_position(progress.step as u64);
            bar.set_message(format!("loss {:.4}", progress.loss));
        });
        bar.finish_and_clear();
        let record = record?;
        print(&line(&record));
        done.push(record);
    }
    if let Some(path) = &asked.json {
        write::json(path, &serde_json::json!({ "settings": run.settings, "epochs": done }))?;
    }
    print(&ending(&done, &run.settings));
    print(&format!("{} holds epoch {}\n", asked.out.display(), run.epoch));
    Ok(Exit::Success)
}

impl Search {
    fn defaults(&self, space: SpaceName) -> Result<(nasproof::space::Settings, Settings), Failure> {
        let system = self.system.ok_or_else(|| Failure::input("give --system, or --resume to go on with a run"))?;
        let (size, training, search) = published(system, space)?;
        Ok((size, Settings { search: Some(search), ..run_args::default(space, training) }))
    }

    /// The arguments given, over settings.
    fn over(&self, base: Settings) -> Settings {
        let Some(old) = base.search else { return base };
        let alpha = AdamSettings {
            rate: self.alpha_lr.unwrap_or(old.alpha.rate),
            decay: self.alpha_weight_decay.unwrap_or(old.alpha.decay),
            ..old.alpha
        };
        let given = [self.price_parameters, self.price_flops, self.price_accesses];
        let before = old.prices.unwrap_or_default();
        let prices = Prices {
            parameters: given[0].unwrap_or(before.parameters),
            flops: given[1].unwrap_or(before.flops),
            memory_access: given[2].unwrap_or(before.memory_access),
        };
        let search = SearchSettings {
            prices: if given.iter().any(Option::is_some) { Some(prices) } else { old.prices },
            system: self.system.map_or(old.system, str::to_owned),
            level: self.level.unwrap_or(old.level),
            warm_up: self.warm_up.unwrap_or(old.warm_up),
            alpha,
            early_stop: if self.early_stop { Some(EarlyStopSettings::default()) } else { old.early_stop },
            curvature: self.eigenvalue.unwrap_or(old.curvature),
            record_batches: self.record_batches.or(old.record_batches),
            genotype: self.genotype.unwrap_or(old.genotype),
            numbers: old.numbers.into_iter().chain(self.set.iter().cloned()).collect(),
        };
        Settings { search: Some(search), ..base }
    }
}

fn columns() -> String {
    format!(
        "{:>5} {:>9} {:>9} {:>9} {:>6} {:>9} {:>9} {:>6} {:>8} {:>9} {:>7}\n",
        "epoch", "lr", "L train", "H train", "acc", "L held", "H held", "acc", "entropy", "λ(α)", "s"
    )
}

fn line(record: &Record) -> String {
    let (epoch, number) =
        (&record.epoch, |x: Option<f64>, digits: usize| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.digits$}")));
    let percent = |x: Option<f64>| number(x.map(|x| 100.0 * x), 1) + "%";
    let (training, held_out) = (&epoch.training, &epoch.validation);
    format!(
        "{:>5} {:>9.5} {:>9.4} {:>9} {:>6} {:>9.4} {:>9} {:>6} {:>8.4} {:>9} {:>7.1}\n",
        epoch.epoch,
        record.lr,
        training.loss,
        number(training.entropy, 4),
        percent(training.accuracy),
        held_out.loss,
        number(held_out.entropy, 4),
        percent(held_out.accuracy),
        epoch.entropy,
        number(epoch.eigenvalue(), 4),
        record.seconds,
    )
}

/// The genotype that counts, and why.
fn ending(records: &[Record], settings: &Settings) -> String {
    let stopped = records.last().and_then(|last| last.stopped);
    let why = stopped.map_or_else(String::new, |stopped| {
        format!("stopped by the curvature after epoch {}; of epoch {}: ", stopped.at, stopped.kept)
    });
    derived(records, settings).map_or_else(String::new, |genotype| format!("{why}{genotype}\n"))
}
