//! What cannot be done is said before anything is done.

use std::fs;

use nasproof::space::{Space, SpaceName};
use ndarray::Array2;

use super::{Folder, SMALL};

#[track_caller]
fn refused(folder: &Folder, arguments: &str, words: &[&str]) {
    let before = folder.names();
    folder.run(arguments).fails(2, words);
    assert_eq!(folder.names(), before);
}

#[test]
fn arguments_out_of_range() {
    let folder = Folder::new();
    let train = |rest: &str| format!("train {SMALL} --out RUN {rest}");
    for (rest, words) in [
        ("--lr 0", ["--lr", "positive", "0 was given"]),
        ("--lr -0.1", ["--lr", "positive", "-0.1"]),
        ("--lr nan", ["--lr", "positive", "NaN"]),
        ("--lr inf", ["--lr", "positive", "inf"]),
        ("--cosine --lr-min 1", ["--lr-min", "at most --lr", "1 was given"]),
        ("--momentum 1", ["--momentum", "below 1", "1 was given"]),
        ("--momentum -0.1", ["--momentum", "at least 0", "-0.1"]),
        ("--weight-decay -1", ["--weight-decay", "at least 0", "-1"]),
        ("--clip -1", ["--clip", "at least 0", "-1"]),
        ("--held-out 1", ["--held-out", "between 0 and 1", "1 was given"]),
        ("--held-out 0", ["--held-out", "between 0 and 1", "0 was given"]),
        ("--partial 3", ["2 channels", "K = 3", "such as 3"]),
        ("--cells 0", ["cells", "0", "at least 1"]),
        ("--classes 3", ["10 classes", "3", "digits"]),
        ("--augment --cutout 9", ["--cutout", "at most 8", "9 was given"]),
        ("--gates half", ["uniform", "sampled", "FILE.npy"]),
        ("--device tpu", ["--device", "tpu", "cuda:N"]),
        ("--device cuda:99", ["--device", "cuda:99", "--device cpu"]),
        ("--dtype f16", ["f16", "f32", "f64"]),
        ("--json no/e.json", ["no/e.json", "folder", "make it"]),
    ] {
        refused(&folder, &train(rest), &words);
    }
    refused(
        &folder,
        &format!("train {SMALL} --batch-size 0 --out RUN").replacen("--batch-size 64 ", "", 1),
        &["--batch-size", "0"],
    );
    refused(&folder, "train --space minimul --data digits --out RUN", &["minimul", "did you mean `minimal`"]);
    refused(&folder, "train --space minimal --out RUN", &["--data"]);
    refused(&folder, "train --data digits --out RUN", &["--space"]);
    refused(&folder, "train --space minimal --data digits", &["--out"]);
    refused(&folder, "train --space minimal --data missing --out RUN", &["missing", "cannot be opened"]);
    refused(&folder, &format!("train {SMALL} --out no/RUN"), &["no", "does not exist"]);
}

#[test]
fn folders_that_are_there_already_and_runs_that_are_not() {
    let folder = Folder::new();
    fs::create_dir(folder.path("there")).unwrap();
    fs::write(folder.path("file"), b"precious").unwrap();
    refused(&folder, &format!("train {SMALL} --out there"), &["there", "--resume"]);
    refused(&folder, &format!("train {SMALL} --out file"), &["file", "--resume"]);
    refused(&folder, "train --out there --resume", &["there", "no run", "run.json"]);
    refused(&folder, "train --out nowhere --resume", &["nowhere", "no run"]);
    refused(&folder, "costs there", &["there", "no run"]);
    assert_eq!(fs::read(folder.path("file")).unwrap(), b"precious");
}

#[test]
fn gates_that_do_not_fit() {
    let folder = Folder::new();
    ndarray_npy::write_npy(folder.path("small.npy"), &Array2::<f64>::zeros((4, 8))).unwrap();
    ndarray_npy::write_npy(folder.path("nan.npy"), &Array2::from_elem((5, 8), f64::NAN)).unwrap();
    let ragged = Space::published(SpaceName::OneShot1).gates().shape();
    ndarray_npy::write_npy(folder.path("ragged.npy"), &Array2::<f64>::ones(ragged)).unwrap();
    let train = |gates: &str| format!("train {SMALL} --out RUN --gates {gates}");
    refused(&folder, &train("small.npy"), &["small.npy", "4×8", "5×8"]);
    refused(&folder, &train("nan.npy"), &["nan.npy", "(0, 0)", "not finite"]);
    refused(&folder, &train("missing.npy"), &["missing.npy", "cannot be opened"]);
    let one_shot = "train --space 1shot1-1 --data digits --channels 2 --out RUN --gates ragged.npy";
    refused(&folder, one_shot, &["ragged.npy", "(0, 3)", "no operation", "put 0"]);
}

#[test]
fn damaged_and_foreign_checkpoints() {
    let folder = Folder::new();
    folder.run(&format!("train {SMALL} --out RUN --epochs 1")).succeeds();
    folder.run("train --space simplified --data digits --channels 2 --out other --epochs 1").succeeds();
    folder.run("train --space minimal --data digits --channels 4 --out wide --epochs 1").succeeds();
    let checkpoint = folder.path("RUN/epoch-0001.safetensors");
    let good = fs::read(&checkpoint).unwrap();
    let both = |words: &[&str]| {
        refused(&folder, "train --out RUN --resume", words);
        refused(&folder, "costs RUN", words);
    };
    for length in [0, 5, 100, good.len() / 2, good.len() - 1] {
        fs::write(&checkpoint, &good[..length]).unwrap();
        both(&["epoch-0001.safetensors", "truncated", "remove it"]);
    }
    for (other, words) in
        [("other", ["another network", "simplified"]), ("wide", ["another network", "\"channels\":4"])]
    {
        fs::copy(folder.path(&format!("{other}/epoch-0001.safetensors")), &checkpoint).unwrap();
        both(&["epoch-0001.safetensors", words[0], words[1]]);
    }
    // Removing the damaged one goes back to the one before it.
    fs::remove_file(&checkpoint).unwrap();
    folder.run("costs RUN --batches 1").succeeds();
    folder.run("train --out RUN --resume").succeeds();
    assert_eq!(super::tensors(&checkpoint).len(), {
        fs::write(folder.path("good.safetensors"), &good).unwrap();
        super::tensors(&folder.path("good.safetensors")).len()
    });
    refused(&folder, "costs RUN --epoch 7", &["no checkpoint of epoch 7", "[0, 1]"]);
    let settings = fs::read_to_string(folder.path("RUN/run.json")).unwrap();
    fs::write(folder.path("RUN/run.json"), &settings[..settings.len() / 2]).unwrap();
    both(&["run.json", "damaged"]);
    fs::write(folder.path("RUN/run.json"), settings.replace("minimal", "modified")).unwrap();
    both(&["another network"]);
}

#[test]
fn settings_that_differ_from_those_of_the_run() {
    let folder = Folder::new();
    folder.run(&format!("train {SMALL} --out RUN --epochs 1 --augment")).succeeds();
    for (rest, words) in [
        ("--lr 0.1", ["lr", "0.025", "0.1"]),
        ("--epochs 2", ["epochs", "1", "2"]),
        ("--space simplified", ["space", "minimal", "simplified"]),
        ("--channels 3", ["channels", "2", "3"]),
        ("--seed 1", ["seed", "0", "1"]),
        ("--augment --cutout 3", ["cutout", "0", "3"]),
        ("--dtype f64", ["dtype", "f32", "f64"]),
        ("--cosine", ["cosine", "false", "true"]),
        ("--gates uniform", ["gates", "sampled", "uniform"]),
    ] {
        refused(&folder, &format!("train --out RUN --resume {rest}"), &[&words[..], &["run.json"]].concat());
    }
    folder.run(&format!("train {SMALL} --out RUN --epochs 1 --augment --resume")).succeeds();
}

#[test]
fn divergence_is_said_and_the_last_checkpoint_stays() {
    let folder = Folder::new();
    let ended = folder.run(&format!("train {SMALL} --out RUN --epochs 5 --lr 1e30 --clip 0"));
    ended.fails(3, &["diverged", "--lr", "epoch"]);
    folder.run("costs RUN --batches 1").succeeds();
}
