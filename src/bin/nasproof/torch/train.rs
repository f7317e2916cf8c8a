//! `nasproof train`.

use std::path::{Path, PathBuf};

use clap::Args;
use nasproof::{
    report::write,
    space::{Image, Space, SpaceName},
    torch::{
        Normalisation, Place, Precision,
        data::{Augmentation, Data, Split},
        run::{GateChoice, Run, RunError, Settings, Training, parts},
        train::{Epoch, TrainError, epoch},
    },
};

use super::{
    args::{self, PlaceArgs, SpaceArgs},
    bar::bar,
    gates,
};
use crate::output::{Exit, Failure, notice, print};

const EXAMPLES: &str = "\
Examples:
  nasproof train --space minimal --data cifar-10-batches-bin --out RUN --epochs 150 --cosine --batch-size 64
  nasproof train --out RUN --resume                   go on after an interruption, with the settings of run.json
  nasproof train --space minimal --data digits --out initial --epochs 0     the initial weights alone
  nasproof train --space nb201 --cells 1 --data cifar-10-batches-bin --gates uniform --augment --out RUN

Data, recognised by its files: the folder or a file of CIFAR-10 or CIFAR-100 in the binary version; a folder or file of IDX images (MNIST)
with its labels beside it, gzipped or not; a .safetensors file with `images` (N×C×H×W, U8, F32 or F64) and `labels` (N, I64); the word
digits for the 8×8 digits that the program brings along. Bytes are divided by 255 and normalised by the named set's mean and deviation,
floats are used unchanged.

RUN holds run.json and the last two checkpoints, epoch-NNNN.safetensors: parameters and running statistics under PyTorch's names, the
momentum, the gates. A run that is killed has lost the epoch it was in; continued, it gives the same bits as one that was never
interrupted (same machine, same OMP_NUM_THREADS; on CUDA only as far as its kernels are deterministic).

Exit codes: 0 done; 2 the arguments or files cannot be used; 3 training diverged.";

/// Train the weights of a supernet under fixed or sampled gates, with a checkpoint after every epoch.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Train {
    #[command(flatten)]
    space: SpaceArgs,

    /// The data set: a folder, a file, or the word digits.
    #[arg(long, value_name = "DATA")]
    data: Option<String>,

    /// The folder of the run; it must not be there yet, but for --resume.
    #[arg(long, value_name = "RUN")]
    out: PathBuf,

    /// Go on with the run in --out. Settings are those of its run.json; any that are given must be the same.
    #[arg(long)]
    resume: bool,

    /// The share of the training images that is held out [default: 0.5].
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    held_out: Option<f64>,

    /// Epochs; 0 writes the initial weights alone [default: 50].
    #[arg(long, value_name = "N")]
    epochs: Option<u64>,

    /// Images a step [default: 64].
    #[arg(long, value_name = "N")]
    batch_size: Option<usize>,

    /// The learning rate [default: 0.025].
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    lr: Option<f64>,

    /// Let the learning rate fall to --lr-min along half a cosine.
    #[arg(long)]
    cosine: bool,

    /// The learning rate the cosine tends to [default: 0.001].
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    lr_min: Option<f64>,

    /// Momentum [default: 0.9].
    #[arg(long, value_name = "μ", allow_negative_numbers = true)]
    momentum: Option<f64>,

    /// Weight decay [default: 3e-4].
    #[arg(long, value_name = "λ", allow_negative_numbers = true)]
    weight_decay: Option<f64>,

    /// The largest norm of a gradient; 0 for no limit [default: 5].
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    clip: Option<f64>,

    /// The gates: sampled (one operation an edge, drawn uniformly for each step, only it is run), uniform (1/|O| at every operation), or a file
    /// of shape (cells × edges, operations) [default: sampled].
    #[arg(long, value_name = "sampled|uniform|FILE.npy", value_parser = args::gates)]
    gates: Option<GateChoice>,

    /// Crop training images at random with padding 4 and flip them, as DARTS does.
    #[arg(long)]
    augment: bool,

    /// With --augment: the side of the square that is cut out of training images; 0 for none [default: 0].
    #[arg(long, value_name = "PIXELS", requires = "augment")]
    cutout: Option<usize>,

    /// The seed of the initial weights, the split, the order, the augmentation and the gates [default: 0].
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Which statistics batch normalisation takes on held-out images: those of the batch, or the stored ones [default: batch].
    #[arg(long, value_name = "batch|eval", value_parser = args::normalisation())]
    bn: Option<Normalisation>,

    #[command(flatten)]
    place: PlaceArgs,

    /// Write what each epoch gave to this file as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::input(error)
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        let exit = if matches!(error, TrainError::Diverged { .. }) { Exit::Refused } else { Exit::Input };
        Self { exit, message: error.to_string() }
    }
}

pub fn run(args: &Train) -> Result<Exit, Failure> {
    if let Some(path) = &args.json {
        write::check(path)?;
    }
    let (mut run, data, split, place) = if args.resume { resumed(args)? } else { created(args)? };
    notice(&format!("data: {data}; {} to train on, {} held out", split.training.len(), split.held_out.len()));
    print(&heading(&run, args.resume));
    let epochs = run.settings.training.epochs;
    if run.epoch < epochs {
        print(&columns());
    }
    while run.epoch < epochs {
        let steps = split.training.len().div_ceil(run.settings.training.batch_size);
        let bar = bar(steps as u64, "steps");
        bar.set_prefix(format!("epoch {}/{epochs}", run.epoch + 1));
        let done = epoch(&mut run, &data, &split, &place, |progress| {
            bar.set_position(progress.step as u64);
            bar.set_message(format!("loss {:.4}", progress.loss));
        });
        bar.finish_and_clear();
        print(&line(&done?));
    }
    if let Some(path) = &args.json {
        write::json(path, &serde_json::json!({ "settings": run.settings, "epochs": run.history }))?;
    }
    print(&format!("{} holds epoch {}\n", args.out.display(), run.epoch));
    Ok(Exit::Success)
}

type Ready = (Run, Data, Split, Place);

fn created(args: &Train) -> Result<Ready, Failure> {
    if args.out.symlink_metadata().is_ok() {
        return Err(RunError::Exists(args.out.clone()).into());
    }
    let parent = args.out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !parent.is_dir() {
        return Err(Failure::input(format!("--out: the folder `{}` does not exist; make it first", parent.display())));
    }
    let space = args.space.space.ok_or_else(|| Failure::input("give --space, or --resume to go on with a run"))?;
    let given = args.data.as_ref().ok_or_else(|| Failure::input("give --data, or --resume to go on with a run"))?;
    let place = args.place.place(("cpu", Precision::F32))?;
    let settings = args.over(default(space, given.clone(), &place));
    checked(&settings)?;
    let data = Data::open(Path::new(given), args.space.classes).map_err(RunError::from)?;
    let [channels, height, width] = data.training.shape;
    let size = nasproof::space::Settings {
        classes: data.classes,
        image: Image { channels, height, width },
        ..settings.size.clone()
    };
    let settings = Settings { size: args.space.over(size), ..settings };
    let split = parts(&data, settings.held_out, settings.seed)?;
    let space = Space::new(settings.space, settings.size.clone()).map_err(RunError::from)?;
    let gates = gates::read(&settings.training.gates, space.gates())?;
    let run = Run::create(&args.out, settings, gates, &place)?;
    Ok((run, data, split, place))
}

fn resumed(args: &Train) -> Result<Ready, Failure> {
    let recorded = Run::settings(&args.out)?;
    let place = args.place.place((&recorded.device, recorded.dtype))?;
    let asked = args.over(recorded.clone());
    let size = args.space.over(asked.size.clone());
    let asked = Settings { size, device: place.to_string(), dtype: place.precision(), ..asked };
    checked(&asked)?;
    if let Some(difference) = difference(&recorded, &asked) {
        return Err(Failure::input(format!(
            "--resume goes on with the settings of `{}`, which differ from those given: {difference}; leave them out, or start another run",
            args.out.join("run.json").display()
        )));
    }
    let run = Run::open(&args.out, &place)?;
    let (data, split) = run.data()?;
    Ok((run, data, split, place))
}

/// What is trained where nothing else is given.
fn default(space: SpaceName, data: String, place: &Place) -> Settings {
    Settings {
        nasproof: env!("CARGO_PKG_VERSION").to_owned(),
        space,
        size: nasproof::space::Settings::published(space),
        data,
        held_out: 0.5,
        training: Training::default(),
        seed: 0,
        device: place.to_string(),
        dtype: place.precision(),
        bn: Normalisation::Batch,
    }
}

impl Train {
    /// The arguments given, over settings.
    fn over(&self, base: Settings) -> Settings {
        let old = &base.training;
        let augmentation = self.augment.then(|| Augmentation::darts(self.cutout.unwrap_or(0))).or(old.augmentation);
        let training = Training {
            epochs: self.epochs.unwrap_or(old.epochs),
            batch_size: self.batch_size.unwrap_or(old.batch_size),
            lr: self.lr.unwrap_or(old.lr),
            cosine: self.cosine || old.cosine,
            lr_min: self.lr_min.unwrap_or(old.lr_min),
            momentum: self.momentum.unwrap_or(old.momentum),
            weight_decay: self.weight_decay.unwrap_or(old.weight_decay),
            clip: self.clip.unwrap_or(old.clip),
            gates: self.gates.clone().unwrap_or_else(|| old.gates.clone()),
            augmentation,
        };
        Settings {
            space: self.space.space.unwrap_or(base.space),
            data: self.data.clone().unwrap_or(base.data),
            held_out: self.held_out.unwrap_or(base.held_out),
            training,
            seed: self.seed.unwrap_or(base.seed),
            bn: self.bn.unwrap_or(base.bn),
            ..base
        }
    }
}

fn checked(settings: &Settings) -> Result<(), Failure> {
    if let Some((name, value, range)) = settings.training.fault() {
        return Err(Failure::input(format!("--{name} must be {range}; {value} was given")));
    }
    let share = settings.held_out;
    if !(share > 0.0 && share < 1.0) {
        return Err(Failure::input(format!("--held-out must be a share between 0 and 1; {share} was given")));
    }
    Ok(())
}

/// The first setting that differs.
fn difference(recorded: &Settings, asked: &Settings) -> Option<String> {
    if recorded == asked {
        return None;
    }
    let (recorded, asked) = (serde_json::to_value(recorded).ok()?, serde_json::to_value(asked).ok()?);
    first_difference("", &recorded, &asked).or_else(|| Some("a setting".to_owned()))
}

fn first_difference(name: &str, recorded: &serde_json::Value, asked: &serde_json::Value) -> Option<String> {
    match (recorded.as_object(), asked.as_object()) {
        (Some(old), Some(new)) => old.iter().find_map(|(key, value)| first_difference(key, value, new.get(key)?)),
        _ if recorded == asked => None,
        _ => Some(format!("{name} is {recorded} there, {asked} was given")),
    }
}

fn heading(run: &Run, resumed: bool) -> String {
    let size = &run.settings.size;
    let weights = nasproof::linalg::Vector::dim(&run.theta);
    let after = if resumed { format!(", going on after epoch {}", run.epoch) } else { String::new() };
    format!(
        "{}: cells {}, {} channels, {} classes, {weights} weights, {:?} on {}; gates {}{after}\n",
        run.settings.space,
        size.cells,
        size.channels,
        size.classes,
        run.settings.dtype,
        run.settings.device,
        run.settings.training.gates,
    )
}

fn columns() -> String {
    format!(
        "{:>5} {:>9} {:>9} {:>9} {:>6} {:>9} {:>9} {:>6} {:>7}\n",
        "epoch", "lr", "L train", "H train", "acc", "L held", "H held", "acc", "s"
    )
}

fn line(epoch: &Epoch) -> String {
    let (training, held_out) = (&epoch.training, &epoch.held_out);
    format!(
        "{:>5} {:>9.5} {:>9.4} {:>9.4} {:>5.1}% {:>9.4} {:>9.4} {:>5.1}% {:>7.1}\n",
        epoch.epoch,
        epoch.lr,
        training.loss,
        training.entropy,
        100.0 * training.accuracy,
        held_out.loss,
        held_out.entropy,
        100.0 * held_out.accuracy,
        epoch.seconds,
    )
}
