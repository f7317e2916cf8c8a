//! `nasproof retrain`.

use super::{Folder, tensors};

const CELL: &str = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|";
const SMALL: &str = "--data digits --channels 2 --cells 1 --batch-size 128 --reserve 0.2";

#[test]
fn from_scratch_and_resumed_to_the_same_bits() {
    // The bits are those of the CPU.
    let folder = Folder::on_the_cpu();
    let all = format!("retrain {CELL} --space nb201 {SMALL} --seed 4 --split-seed 9");
    let whole = folder.run(&format!("{all} --epochs 2 --out WHOLE --json whole.json"));
    whole.succeeds();
    for word in ["held_out: loss", "reserved: loss"] {
        assert!(whole.stdout.contains(word), "{whole:?}");
    }
    let report = folder.json("whole.json");
    assert_eq!(report["genotype"], CELL);
    assert_eq!(report["settings"]["training"]["gates"]["genotype"], CELL);
    assert_eq!(report["settings"]["size"]["affine"], true);
    assert_eq!(report["judged"]["held_out"]["accuracy"], report["epochs"][1]["held_out"]["accuracy"]);
    // Interrupted after its first epoch: the second checkpoint is not there.
    std::fs::create_dir(folder.path("CUT")).unwrap();
    for name in ["run.json", "epoch-0001.safetensors"] {
        std::fs::copy(folder.path("WHOLE").join(name), folder.path("CUT").join(name)).unwrap();
    }
    folder.run("retrain --out CUT --resume").succeeds();
    let last = "epoch-0002.safetensors";
    assert_eq!(tensors(&folder.path("WHOLE").join(last)), tensors(&folder.path("CUT").join(last)));
    folder.run("train --out CUT --resume").fails(2, &["nasproof retrain --out CUT --resume"]);
}

#[test]
fn weights_are_those_of_the_supernet() {
    let folder = Folder::new();
    folder.run(&format!("train --space nb201 {SMALL} --epochs 1 --seed 2 --out NET")).succeeds();
    let ended = folder.run(&format!("retrain {CELL} --from NET --epochs 0 --out CHILD"));
    ended.succeeds();
    assert!(ended.stderr.contains("weights inherited from `NET`"), "{ended:?}");
    let there = tensors(&folder.path("NET/epoch-0001.safetensors"));
    let here = tensors(&folder.path("CHILD/epoch-0000.safetensors"));
    let same = |name: &str| there.iter().find(|t| t.0 == name) == here.iter().find(|t| t.0 == name);
    assert!(same("cells.0.edges.1<-0.3.op.1.weight") && same("classifier.weight") && same("lastact.0.running_mean"));
    assert!(here.iter().all(|t| !t.0.starts_with("cells.0.edges.1<-0.2")), "no weights of what was not chosen");
    let settings = folder.json("CHILD/run.json");
    assert_eq!((settings["split_seed"].as_u64(), settings["reserved"].as_f64()), (Some(2), Some(0.2)));
    assert_eq!((settings["size"]["channels"].as_u64(), settings["inherited"].as_str()), (Some(2), Some("NET")));
    folder
        .run(&format!("retrain {CELL} --from NET --channels 4 --epochs 0 --out OTHER"))
        .fails(2, &["do not fit", "stem.0.weight", "the run's own size"]);
    folder.run("retrain |none~0| --from NET --out OTHER").fails(2, &["character 9"]);
    folder.run("train --out OTHER --resume").fails(2, &["OTHER"]);
    assert!(!folder.path("OTHER").exists());
}
