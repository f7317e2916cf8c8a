//! `nasproof retrain`.

use std::{fmt::Write, path::PathBuf};

use clap::Args;
use nasproof::{
    report::write,
    space::{Settings as Size, SpaceName},
    torch::{
        Place,
        data::{Data, Split},
        run::{GateChoice, Run, RunError, Settings, Training, child, inherit},
        train::{Figures, figures},
    },
};

use super::{
    run_args::{self, RunArgs, announce, heading},
    train,
};
use crate::output::{Exit, Failure, print};

const EXAMPLES: &str = "\
Examples:
  nasproof retrain '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|' --space nb201 \\
                   --data cifar-10-batches-bin --out CHILD
  nasproof retrain GENOTYPE --space minimal --data digits --channels 4 --epochs 20 --batch-size 64 --out CHILD
  nasproof retrain GENOTYPE --from RUN --epochs 20 --out CHILD      with the weights, the size and the parts of the data of a supernet's run
  nasproof retrain --out CHILD --resume                             go on after an interruption

The network has the operations of the genotype alone, affine normalisation, and poolings without normalisation. What is not given is as the derived
networks of the space were published: darts, s1 … s4: 20 cells, 36 channels, 600 epochs of batches of 96, rate 0.025 to 0, crop, flip, cutout 16;
nb201: 5 cells a stage, 16 channels, 200 epochs of batches of 256, rate 0.1 to 0, Nesterov, crop, flip. Left out: drop path and the auxiliary head
of DARTS; the RMSProp and the 128 channels of NAS-Bench-101. A tenth of the training images is held out where nothing else is said.

At the end: loss and accuracy on the images held out, on those reserved, and on the data's own test images, where there are any. None of them
takes part in training.

Exit codes: 0 done; 2 the arguments or files cannot be used; 3 training diverged; 4 libtorch failed (no memory left, a device).";

/// Train the network of a genotype, from initial weights or from those of a supernet.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Retrain {
    /// The genotype, in the notation of the space.
    #[arg(value_name = "GENOTYPE", required_unless_present = "resume")]
    genotype: Option<String>,

    /// Start from the weights of this run of nasproof search or train, with its space, size, data and parts of the data.
    #[arg(long, value_name = "RUN", conflicts_with = "resume")]
    from: Option<PathBuf>,

    #[command(flatten)]
    run: RunArgs,

    /// Neither crop nor flip nor cut out.
    #[arg(long, conflicts_with = "augment")]
    no_augment: bool,
}

pub fn run(args: &Retrain) -> Result<Exit, Failure> {
    let asked = &args.run;
    if let Some(path) = &asked.json {
        write::check(path)?;
    }
    let (mut run, data, split, place) = if asked.resume {
        asked.resumed(|settings| args.over(settings))?
    } else {
        let from = args.from.as_ref().map(|folder| Run::settings(folder)).transpose()?;
        let mut asked = asked.clone();
        if let Some(from) = &from {
            asked.follow(from);
        }
        asked.created(
            |space| Ok(defaults(space, from.as_ref())),
            |settings| args.over(settings),
            |run, place| args.inherit(run, place),
        )?
    };
    let GateChoice::Genotype(genotype) = run.settings.training.gates.clone() else {
        let folder = asked.out.display();
        return Err(Failure::input(format!("`{folder}` is no run of nasproof retrain, but of a supernet")));
    };
    announce(&data, &split);
    print(&heading(&run, &genotype, asked.resume));
    train::train(&mut run, (&data, &split), &place)?;
    let judged = judged(&run, &data, &split, &place)?;
    if let Some(path) = &asked.json {
        let parts: serde_json::Map<_, _> =
            judged.iter().map(|(name, figures)| ((*name).to_owned(), serde_json::json!(figures))).collect();
        let weights = nasproof::linalg::Vector::dim(&run.theta);
        let report = serde_json::json!({
            "settings": run.settings, "genotype": genotype, "weights": weights, "epochs": run.history, "judged": parts,
        });
        write::json(path, &report)?;
    }
    let mut text = String::new();
    for (name, Figures { loss, accuracy, .. }) in judged {
        let _ = writeln!(text, "{name}: loss {loss:.4}, accuracy {:.2}%", 100.0 * accuracy);
    }
    print(&format!("{text}{} holds epoch {}\n", asked.out.display(), run.epoch));
    Ok(Exit::Success)
}

/// What holds where nothing is given.
pub(super) fn defaults(space: SpaceName, from: Option<&Settings>) -> (Size, Settings) {
    let (size, training) = child(space);
    let settings = Settings { held_out: 0.1, ..run_args::default(space, training) };
    match from {
        None => (size, settings),
        Some(from) => {
            let size = Size { affine: true, ..from.size.clone() };
            let split_seed = Some(from.split_seed());
            (size, Settings { held_out: from.held_out, reserved: from.reserved, split_seed, ..settings })
        }
    }
}

/// On whatever is not trained on.
fn judged(run: &Run, data: &Data, split: &Split, place: &Place) -> Result<Vec<(&'static str, Figures)>, Failure> {
    let mut out = Vec::new();
    let test: Vec<usize> = data.test.as_ref().map_or(Vec::new(), |test| (0..test.len()).collect());
    let own = data.test.as_ref().unwrap_or(&data.training);
    for (name, images, indices) in [
        ("held_out", &data.training, &split.held_out),
        ("reserved", &data.training, &split.reserved),
        ("test", own, &test),
    ] {
        if !indices.is_empty() {
            out.push((name, figures(run, images, indices, place).map_err(RunError::from)?));
        }
    }
    Ok(out)
}

impl Retrain {
    /// The arguments given, over settings.
    fn over(&self, base: Settings) -> Settings {
        let old = base.training;
        let gates = self.genotype.clone().map_or(old.gates, GateChoice::Genotype);
        let augmentation = if self.no_augment { None } else { old.augmentation };
        let inherited = self.from.as_ref().map(|path| path.display().to_string()).or(base.inherited);
        Settings { training: Training { gates, augmentation, ..old }, inherited, ..base }
    }

    fn inherit(&self, run: &mut Run, place: &Place) -> Result<(), RunError> {
        let Some(folder) = &self.from else { return Ok(()) };
        let taken = inherit(run, &Run::open(folder, place)?)?;
        let weights = nasproof::linalg::Vector::dim(&run.theta);
        crate::output::notice(&format!("{taken} of {weights} weights inherited from `{}`", folder.display()));
        Ok(())
    }
}
