//! What a run leaves behind, and that it learns.

use super::{Folder, SMALL, tensors};
use crate::device;

#[test]
fn a_run_holds_its_settings_and_its_last_two_checkpoints() {
    let folder = Folder::new();
    let ended = folder.run(&format!("train {SMALL} --out RUN --epochs 3 --seed 5 --cosine --json epochs.json"));
    ended.succeeds();
    assert_eq!(
        folder.names(),
        ["RUN", "RUN/epoch-0002.safetensors", "RUN/epoch-0003.safetensors", "RUN/run.json", "epochs.json"]
    );
    assert!(ended.stderr.contains("the embedded 8×8 digits: 1797 training images"), "{ended:?}");
    assert!(ended.stderr.contains("898 to train on, 899 held out"), "{ended:?}");
    let settings = folder.json("RUN/run.json");
    assert_eq!((settings["space"].as_str(), settings["seed"].as_u64()), (Some("minimal"), Some(5)));
    assert_eq!(settings["size"]["image"]["height"], 8);
    assert_eq!(
        (settings["device"].as_str(), settings["dtype"].as_str(), settings["bn"].as_str()),
        (Some(device::double().to_string().as_str()), Some("f32"), Some("batch"))
    );
    let history = folder.json("epochs.json")["epochs"].clone();
    let rates: Vec<f64> = (0..3).map(|i| history[i]["lr"].as_f64().unwrap()).collect();
    let cosine = |e: f64| 0.001 + 0.5 * 0.024 * (1.0 + (std::f64::consts::PI * e / 3.0).cos());
    assert_eq!(rates, [cosine(0.0), cosine(1.0), cosine(2.0)]);

    let names: Vec<String> = tensors(&folder.path("RUN/epoch-0003.safetensors")).into_iter().map(|t| t.0).collect();
    for name in ["classifier.weight", "momentum.classifier.weight", "gates", "stem.0.weight", "stem.1.running_mean"] {
        assert!(names.iter().any(|there| there == name), "{name} in {names:?}");
    }
    // Momentum for each parameter, and for nothing else.
    let with = names.iter().filter(|name| name.starts_with("momentum.")).count();
    let without =
        names.iter().filter(|name| !name.starts_with("momentum.") && !name.contains("running_") && *name != "gates");
    assert_eq!(with, without.count());
}

#[test]
fn training_lowers_the_loss_and_moves_the_statistics() {
    for gates in ["sampled", "uniform"] {
        let folder = Folder::new();
        let run = "--channels 6 --batch-size 32 --lr 0.1";
        folder
            .run(&format!(
                "train --space simplified --data digits {run} --gates {gates} --out RUN --epochs 6 --json e.json"
            ))
            .succeeds();
        let epochs = folder.json("e.json")["epochs"].clone();
        let loss = |i: usize, part: &str| epochs[i][part]["loss"].as_f64().unwrap();
        // ln 10 = 2.3 is what knowing nothing costs.
        assert!(loss(0, "training") > loss(5, "training") && loss(5, "training") < 2.1, "{gates}: {epochs}");
        assert!(loss(5, "held_out") < 2.1, "{gates}: {epochs}");
        assert!(epochs[5]["held_out"]["accuracy"].as_f64().unwrap() > 0.2, "{gates}: {epochs}");
        let statistics = tensors(&folder.path("RUN/epoch-0006.safetensors"));
        let mean = statistics.iter().find(|(name, ..)| name == "stem.1.running_mean").unwrap();
        assert!(mean.2.iter().any(|&byte| byte != 0));
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_one_others() {
    // The bits are those of the CPU.
    let folder = Folder::on_the_cpu();
    for (out, seed) in [("A", 1), ("B", 1), ("C", 2)] {
        folder.run(&format!("train {SMALL} --out {out} --epochs 1 --seed {seed} --augment")).succeeds();
    }
    let read = |out: &str| tensors(&folder.path(&format!("{out}/epoch-0001.safetensors")));
    assert_eq!(read("A"), read("B"));
    assert_ne!(read("A"), read("C"));
}

#[test]
fn no_epochs_leave_the_initial_weights_in_the_precision_asked_for() {
    let folder = Folder::new();
    folder.run(&format!("train {SMALL} --out RUN --epochs 0 --dtype f64")).succeeds();
    let all = tensors(&folder.path("RUN/epoch-0000.safetensors"));
    assert!(all.iter().all(|(_, kind, _)| kind.starts_with("F64")));
    let momentum = all.iter().filter(|(name, ..)| name.starts_with("momentum."));
    assert!(momentum.flat_map(|(.., bytes)| bytes).all(|&byte| byte == 0));
}

#[test]
fn fixed_gates_of_a_file_are_used_and_kept() {
    let folder = Folder::new();
    let gates =
        ndarray::Array2::from_shape_fn((5, 8), |(row, column)| f64::from(u8::from(column == 4)) * (1.0 + row as f64));
    ndarray_npy::write_npy(folder.path("g.npy"), &gates).unwrap();
    folder.run(&format!("train {SMALL} --out RUN --epochs 1 --gates g.npy")).succeeds();
    std::fs::remove_file(folder.path("g.npy")).unwrap();
    let all = tensors(&folder.path("RUN/epoch-0001.safetensors"));
    let kept = &all.iter().find(|(name, ..)| name == "gates").unwrap().2;
    let kept: Vec<f64> = kept.chunks(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect();
    assert_eq!(kept, gates.into_iter().collect::<Vec<_>>());
    folder.run("train --out RUN --resume").succeeds();
}
