//! The arguments of a command that makes a run, `train` or `search`, and the run that they ask for.

use std::path::{Path, PathBuf};

use clap::Args;
use nasproof::{
    space::{Image, Space, SpaceName},
    torch::{
        Normalisation, Place, Precision,
        data::{Augmentation, Data, Split},
        run::{GateChoice, Run, RunError, Settings, Training, parts},
        search::{constraint_taken, curvature_defined},
    },
};

use super::{
    args::{self, PlaceArgs, SpaceArgs},
    gates,
};
use crate::output::{Failure, notice};

/// A run to be made or continued.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub space: SpaceArgs,

    /// The data set: a folder, a file, or the word digits.
    #[arg(long, value_name = "DATA")]
    data: Option<String>,

    /// The folder of the run; it must not be there yet, but for --resume.
    #[arg(long, value_name = "RUN")]
    pub out: PathBuf,

    /// Go on with the run in --out. Settings are those of its run.json; any that are given must be the same.
    #[arg(long)]
    pub resume: bool,

    /// The share of the training images that is held out [default: 0.5].
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    held_out: Option<f64>,

    /// The share of the training images that the run never touches, left for a later judgement; --held-out is a share of the others [default: 0].
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    reserve: Option<f64>,

    /// Epochs; 0 writes the initial weights alone [default: 50, or those of the system].
    #[arg(long, value_name = "N")]
    epochs: Option<u64>,

    /// Images a step [default: 64, or those of the system].
    #[arg(long, value_name = "N")]
    batch_size: Option<usize>,

    /// The learning rate of the weights [default: 0.025, or that of the system].
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    lr: Option<f64>,

    /// Let the learning rate fall to --lr-min along half a cosine, as the systems do in any case.
    #[arg(long)]
    cosine: bool,

    /// The learning rate the cosine tends to [default: 0.001, or that of the system].
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    lr_min: Option<f64>,

    /// Momentum [default: 0.9].
    #[arg(long, value_name = "μ", allow_negative_numbers = true)]
    momentum: Option<f64>,

    /// Whether the momentum is Nesterov's [default: false, or as the system has it in the space].
    #[arg(long, value_name = "true|false")]
    nesterov: Option<bool>,

    /// Weight decay [default: 3e-4, or that of the system in the space].
    #[arg(long, value_name = "λ", allow_negative_numbers = true)]
    weight_decay: Option<f64>,

    /// The largest norm of a gradient; 0 for no limit [default: 5, or that of the system].
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    clip: Option<f64>,

    /// Crop training images at random with padding 4 and flip them, as DARTS does.
    #[arg(long)]
    augment: bool,

    /// With --augment: the side of the square that is cut out of training images; 0 for none [default: 0].
    #[arg(long, value_name = "PIXELS", requires = "augment")]
    cutout: Option<usize>,

    /// The seed of the parts of the data, to have the same parts under another --seed [default: that of --seed].
    #[arg(long, value_name = "S")]
    split_seed: Option<u64>,

    /// The seed of all that is random: initial weights, parts, order, augmentation, gates [default: 0].
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Which statistics batch normalisation takes where nothing is trained: those of the batch, or the stored ones [default: batch].
    #[arg(long, value_name = "batch|eval", value_parser = args::normalisation())]
    bn: Option<Normalisation>,

    #[command(flatten)]
    place: PlaceArgs,

    /// Write what each epoch gave to this file as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// A run with what it is trained on.
pub type Ready = (Run, Data, Split, Place);

impl RunArgs {
    /// A new run. `defaults` says what holds where nothing is given, `over` puts the arguments of the command over it, `prepare`
    /// sees the run before it is written.
    pub fn created(
        &self,
        defaults: impl FnOnce(SpaceName) -> Result<(nasproof::space::Settings, Settings), Failure>,
        over: impl FnOnce(Settings) -> Settings,
        prepare: impl FnOnce(&mut Run, &Place) -> Result<(), RunError>,
    ) -> Result<Ready, Failure> {
        if self.out.symlink_metadata().is_ok() {
            return Err(RunError::Exists(self.out.clone()).into());
        }
        let parent = self.out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !parent.is_dir() {
            let parent = parent.display();
            return Err(Failure::input(format!("--out: the folder `{parent}` does not exist; make it first")));
        }
        let space = self.space.space.ok_or_else(|| Failure::input("give --space, or --resume to go on with a run"))?;
        let given = self.data.as_ref().ok_or_else(|| Failure::input("give --data, or --resume to go on with a run"))?;
        let place = self.place.place(("cpu", Precision::F32))?;
        let (size, settings) = defaults(space)?;
        let settings = Settings {
            space,
            data: given.clone(),
            device: place.to_string(),
            dtype: place.precision(),
            ..over(self.over(settings))
        };
        checked(&settings)?;
        let data = Data::open(Path::new(given), self.space.classes).map_err(RunError::from)?;
        let [channels, height, width] = data.training.shape;
        let side = height.min(width);
        if let Some(cutout) = self.cutout.filter(|&cutout| cutout > side) {
            return Err(Failure::input(format!(
                "--cutout is the side of a square in an image and must be at most {side}; {cutout} was given"
            )));
        }
        let size =
            nasproof::space::Settings { classes: data.classes, image: Image { channels, height, width }, ..size };
        let settings = Settings { size: self.space.over(size), ..settings };
        let split = parts(&data, (settings.held_out, settings.reserved), settings.split_seed())?;
        let space = Space::new(settings.space, settings.size.clone()).map_err(RunError::from)?;
        if let Some(search) = &settings.search {
            constraint_taken(search, &space)?;
        }
        let gates = gates::read(&settings.training.gates, space.gates())?;
        let run = Run::create_with(&self.out, settings, &place, |run| {
            if let Some(gates) = gates {
                run.gates = gates;
            }
            prepare(run, &place)
        })?;
        Ok((run, data, split, place))
    }

    /// The space and the data of another run, where they are not given.
    pub fn follow(&mut self, other: &Settings) {
        self.space.space.get_or_insert(other.space);
        self.space.classes.get_or_insert(other.size.classes);
        self.data.get_or_insert_with(|| other.data.clone());
    }

    /// The run there is.
    pub fn resumed(&self, over: impl FnOnce(Settings) -> Settings) -> Result<Ready, Failure> {
        let recorded = Run::settings(&self.out)?;
        let place = self.place.place((&recorded.device, recorded.dtype))?;
        let asked = over(self.over(recorded.clone()));
        let size = self.space.over(asked.size.clone());
        let asked = Settings { size, device: place.to_string(), dtype: place.precision(), ..asked };
        checked(&asked)?;
        if let Some(difference) = difference(&recorded, &asked) {
            return Err(Failure::input(format!(
                "--resume goes on with the settings of `{}`, which differ from those given: {difference}; leave them out, or start another run",
                self.out.join("run.json").display()
            )));
        }
        let run = Run::resume(&self.out, &place)?;
        let (data, split) = run.data()?;
        Ok((run, data, split, place))
    }

    /// The arguments given, over settings.
    fn over(&self, base: Settings) -> Settings {
        let old = base.training;
        let augmentation = self.augment.then(|| Augmentation::darts(self.cutout.unwrap_or(0))).or(old.augmentation);
        let training = Training {
            epochs: self.epochs.unwrap_or(old.epochs),
            batch_size: self.batch_size.unwrap_or(old.batch_size),
            lr: self.lr.unwrap_or(old.lr),
            cosine: self.cosine || old.cosine,
            lr_min: self.lr_min.unwrap_or(old.lr_min),
            momentum: self.momentum.unwrap_or(old.momentum),
            nesterov: self.nesterov.unwrap_or(old.nesterov),
            weight_decay: self.weight_decay.unwrap_or(old.weight_decay),
            clip: self.clip.unwrap_or(old.clip),
            gates: old.gates,
            augmentation,
        };
        Settings {
            space: self.space.space.unwrap_or(base.space),
            data: self.data.clone().unwrap_or(base.data),
            held_out: self.held_out.unwrap_or(base.held_out),
            reserved: self.reserve.unwrap_or(base.reserved),
            training,
            seed: self.seed.unwrap_or(base.seed),
            split_seed: self.split_seed.or(base.split_seed),
            bn: self.bn.unwrap_or(base.bn),
            ..base
        }
    }
}

/// What holds in every run where nothing else is given.
pub fn default(space: SpaceName, training: Training) -> Settings {
    Settings {
        nasproof: env!("CARGO_PKG_VERSION").to_owned(),
        space,
        size: nasproof::space::Settings::published(space),
        data: String::new(),
        held_out: 0.5,
        reserved: 0.0,
        training,
        inherited: None,
        split_seed: None,
        search: None,
        seed: 0,
        device: String::new(),
        dtype: Precision::F32,
        bn: Normalisation::Batch,
    }
}

/// Says what is trained on.
pub fn announce(data: &Data, split: &Split) {
    let reserved = match split.reserved.len() {
        0 => String::new(),
        count => format!(", {count} reserved"),
    };
    let (training, held_out) = (split.training.len(), split.held_out.len());
    notice(&format!("data: {data}; {training} to train on, {held_out} held out{reserved}"));
}

/// The first line of the answer.
pub fn heading(run: &Run, of: &str, resumed: bool) -> String {
    let size = &run.settings.size;
    let weights = nasproof::linalg::Vector::dim(&run.theta);
    let after = if resumed { format!(", going on after epoch {}", run.epoch) } else { String::new() };
    format!(
        "{}: cells {}, {} channels, {} classes, {weights} weights, {:?} on {}; {of}{after}\n",
        run.settings.space, size.cells, size.channels, size.classes, run.settings.dtype, run.settings.device,
    )
}

fn checked(settings: &Settings) -> Result<(), Failure> {
    let fault = settings.training.fault().or_else(|| settings.search.as_ref()?.fault());
    if let Some((name, value, range)) = fault {
        return Err(Failure::input(format!("--{name} must be {range}; {value} was given")));
    }
    let share = settings.held_out;
    if !(share > 0.0 && share < 1.0) {
        return Err(Failure::input(format!("--held-out must be a share between 0 and 1; {share} was given")));
    }
    let share = settings.reserved;
    if !(0.0..1.0).contains(&share) {
        return Err(Failure::input(format!("--reserve must be a share, at least 0 and below 1; {share} was given")));
    }
    if let Some(search) = &settings.search {
        curvature_defined(search, settings.space)?;
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
        (Some(old), Some(new)) => {
            let null = serde_json::Value::Null;
            new.iter().find_map(|(key, asked)| first_difference(key, old.get(key).unwrap_or(&null), asked))
        }
        _ if recorded == asked => None,
        _ => Some(format!("{name} is {recorded} there, {asked} was given")),
    }
}

/// The gates of a run, as `--gates` names them, in the settings.
pub fn with_gates(settings: Settings, gates: Option<&GateChoice>) -> Settings {
    let Some(gates) = gates.cloned() else { return settings };
    Settings { training: Training { gates, ..settings.training }, ..settings }
}
