//! `nasproof train`.

use clap::Args;
use nasproof::{
    report::write,
    torch::{
        Place,
        data::{Data, Split},
        run::{GateChoice, Run, RunError, Training},
        train::{Epoch, TrainError, epoch},
    },
};

use super::{
    args,
    bar::bar,
    failure,
    run_args::{self, RunArgs, announce, heading, with_gates},
};
use crate::output::{Exit, Failure, print};

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

Exit codes: 0 done; 2 the arguments or files cannot be used; 3 training diverged; 4 libtorch failed (no memory left, a device).";

/// Train the weights of a supernet under fixed or sampled gates, with a checkpoint after every epoch.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Train {
    #[command(flatten)]
    run: RunArgs,

    /// The gates: sampled (one operation an edge, drawn uniformly for each step, only it is run), uniform (1/|O| at every operation), or a file
    /// of shape (cells × edges, operations) [default: sampled].
    #[arg(long, value_name = "sampled|uniform|FILE.npy", value_parser = args::gates)]
    gates: Option<GateChoice>,
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        failure(None, &error)
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Diverged { .. } => Self { exit: Exit::Refused, message: error.to_string() },
            _ => failure(None, &error),
        }
    }
}

pub fn run(args: &Train) -> Result<Exit, Failure> {
    let (asked, gates) = (&args.run, args.gates.as_ref());
    if let Some(path) = &asked.json {
        write::check(path)?;
    }
    let (mut run, data, split, place) = if asked.resume {
        asked.resumed(|settings| with_gates(settings, gates))?
    } else {
        let defaults = |space| {
            let settings = run_args::default(space, Training::default());
            Ok((settings.size.clone(), settings))
        };
        asked.created(defaults, |settings| with_gates(settings, gates), |_, _| Ok(()))?
    };
    if run.settings.search.is_some() {
        return Err(Failure::input(format!(
            "`{0}` is a run of nasproof search; go on with nasproof search --out {0} --resume",
            asked.out.display()
        )));
    }
    if let GateChoice::Genotype(_) = run.settings.training.gates {
        return Err(Failure::input(format!(
            "`{0}` is a run of nasproof retrain; go on with nasproof retrain --out {0} --resume",
            asked.out.display()
        )));
    }
    announce(&data, &split);
    print(&heading(&run, &format!("gates {}", run.settings.training.gates), asked.resume));
    train(&mut run, (&data, &split), &place)?;
    if let Some(path) = &asked.json {
        write::json(path, &serde_json::json!({ "settings": run.settings, "epochs": run.history }))?;
    }
    print(&format!("{} holds epoch {}\n", asked.out.display(), run.epoch));
    Ok(Exit::Success)
}

/// The epochs that are left, a line each.
pub fn train(run: &mut Run, (data, split): (&Data, &Split), place: &Place) -> Result<(), Failure> {
    let epochs = run.settings.training.epochs;
    if run.epoch < epochs {
        print(&columns());
    }
    while run.epoch < epochs {
        let steps = split.training.len().div_ceil(run.settings.training.batch_size);
        let bar = bar(steps as u64, "steps");
        bar.set_prefix(format!("epoch {}/{epochs}", run.epoch + 1));
        let done = epoch(run, data, split, place, |progress| {
            bar.set_position(progress.step as u64);
            bar.set_message(format!("loss {:.4}", progress.loss));
        });
        bar.finish_and_clear();
        print(&line(&done?));
    }
    Ok(())
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
