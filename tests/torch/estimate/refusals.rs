//! Input that is not taken: the argument named, exit code 2, nothing written.

use std::fs;

use ndarray::{Array, ArrayD, Dimension, IxDyn};
use ndarray_npy::{WritableElement, WriteNpyExt};
use safetensors::{Dtype, serialize_to_file, tensor::TensorView};

use super::{estimate, folder};
use crate::run::{Ended, Folder};

const REST: &str = "--estimator woodbury --damping 1";

#[track_caller]
pub fn refused(folder: &Folder, run: &Ended, before: Vec<String>, words: &[&str]) {
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "wanted {word:?} in {}", run.stderr);
    }
    assert_eq!(folder.names(), before, "something was written");
}

pub fn save<T: WritableElement, D: Dimension>(folder: &Folder, name: &str, array: &Array<T, D>) {
    array.write_npy(fs::File::create(folder.path(name)).unwrap()).unwrap();
}

pub fn images(folder: &Folder, name: &str, pixels: &[f64], shape: [usize; 4], labels: &[i64]) {
    let bytes: Vec<u8> = pixels.iter().flat_map(|x| x.to_le_bytes()).collect();
    let which: Vec<u8> = labels.iter().flat_map(|x| x.to_le_bytes()).collect();
    let tensors = [
        ("images", TensorView::new(Dtype::F64, shape.to_vec(), &bytes).unwrap()),
        ("labels", TensorView::new(Dtype::I64, vec![labels.len()], &which).unwrap()),
    ];
    serialize_to_file(tensors, None, &folder.path(name)).unwrap();
}

#[test]
fn arguments_are_named() {
    for (arguments, words) in [
        ("--estimator woodbury --damping -1", &["--damping", "at least 0"][..]),
        ("--estimator woodbury --damping nan", &["--damping"]),
        ("--estimator woodbury --damping 1 --fd-step 0", &["--fd-step", "positive"]),
        ("--estimator woodbury --damping 1 --fd-step -0.1", &["--fd-step", "positive"]),
        ("--estimator woodbury --damping 1 --step 0.1", &["--step", "has no step"]),
        ("--estimator woodbury --damping 1 --terms 3", &["--terms"]),
        ("--estimator woodbury --damping 1 --tolerance 0", &["--tolerance"]),
        ("--estimator cg --damping 1 --per-example", &["--per-example"]),
        ("--estimator cg --damping 1 --cross-batches 4", &["--cross-batches", "1 to 3"]),
        ("--estimator cg --damping 1 --cross-batches 0", &["--cross-batches"]),
        ("--estimator diagonal --damping 1", &["--estimator"]),
        ("--estimator woodbury --damping 1 --device gpu", &["--device", "no device"]),
        ("--estimator woodbury --damping 1 --device cuda:99", &["--device"]),
        ("--estimator woodbury --damping 1 --json no/such/report.json", &["--json", "does not exist"]),
    ] {
        let folder = folder();
        let before = folder.names();
        let run = estimate(&folder, "supernet.pt", "gates.npy", arguments);
        refused(&folder, &run, before, words);
    }
    let folder = folder();
    let before = folder.names();
    let most =
        "estimate --module supernet.pt --data data.safetensors --gates gates.npy --estimator woodbury --damping 1";
    let run = folder.run(&format!("{most} --batches 4 --batch-size 6 --out out"));
    refused(&folder, &run, before.clone(), &["--batches", "20 images", "at most 3"]);
    let run = folder.run(&format!("{most} --batches 1 --batch-size 6 --out no/such/folder"));
    refused(&folder, &run, before.clone(), &["--out"]);
    let run = folder.run(&format!("{most} --batches 0 --batch-size 6 --out out"));
    refused(&folder, &run, before.clone(), &["--batches"]);
    let without = "estimate --module supernet.pt --data data.safetensors --batches 1 --batch-size 6 --out out";
    let run = folder.run(&format!("{without} --estimator woodbury --damping 1"));
    refused(&folder, &run, before, &["--gates"]);
}

#[test]
fn modules_that_cannot_be_worked_with_say_why() {
    for (module, arguments, words) in [
        ("ignores_gates.pt", "", &["--module", "do not depend on the gates"][..]),
        ("no_parameters.pt", "", &["--module", "no parameters"]),
        ("traced_in_training.pt", "--bn eval", &["--module", "trace", "evaluation mode too"]),
        ("traced_in_evaluation.pt", "--bn batch", &["--module", "trace", "training mode too"]),
        ("data.safetensors", "", &["--module", "no TorchScript file", "torch.jit.script"]),
        ("gates.npy", "", &["--module", "no TorchScript file"]),
        ("absent.pt", "", &["--module", "cannot be read"]),
        ("cut.pt", "", &["--module", "no TorchScript file"]),
        ("empty.pt", "", &["--module", "it is empty"]),
        // The module's own exception, with the line of the module.
        ("tied.pt", "", &["--module", "must match the size", "export_supernet.py"]),
    ] {
        let folder = folder();
        let whole = fs::read(folder.path("supernet.pt")).unwrap();
        fs::write(folder.path("cut.pt"), &whole[..whole.len() / 2]).unwrap();
        fs::write(folder.path("empty.pt"), []).unwrap();
        let before = folder.names();
        let run = estimate(&folder, module, "gates.npy", &format!("{REST} {arguments}"));
        refused(&folder, &run, before, words);
    }
}

#[test]
fn gates_that_do_not_fit_are_refused() {
    let folder = folder();
    save(&folder, "wide.npy", &ArrayD::<f64>::from_elem(IxDyn(&[2, 3, 4]), 0.25));
    save(&folder, "flat.npy", &ArrayD::<f64>::from_elem(IxDyn(&[30]), 0.2));
    save(&folder, "nan.npy", &ArrayD::<f64>::from_elem(IxDyn(&[2, 3, 5]), f64::NAN));
    let before = folder.names();
    for (gates, words) in [
        ("wide.npy", &["--module", "export_supernet.py"][..]),
        ("gates_tied.npy", &["--module", "export_supernet.py"]),
        ("flat.npy", &["--gates", "(cells, E, O)"]),
        ("nan.npy", &["--gates", "nan.npy"]),
        ("absent.npy", &["--gates", "absent.npy"]),
    ] {
        let run = estimate(&folder, "supernet.pt", gates, REST);
        refused(&folder, &run, before.clone(), words);
    }
}

#[test]
fn data_that_does_not_fit_is_refused() {
    let folder = folder();
    let (labels, pixels) = ([0, 1, 2].repeat(6), vec![0.5; 18 * 36]);
    let mut hole = pixels.clone();
    hole[100] = f64::NAN;
    images(&folder, "nan.safetensors", &hole, [18, 1, 6, 6], &labels);
    images(&folder, "colour.safetensors", &vec![0.5; 18 * 72], [18, 2, 6, 6], &labels);
    let mut fourth = labels.clone();
    fourth[7] = 3;
    images(&folder, "label.safetensors", &pixels, [18, 1, 6, 6], &fourth);
    fourth[7] = -1;
    images(&folder, "negative.safetensors", &pixels, [18, 1, 6, 6], &fourth);
    let before = folder.names();
    for (data, words) in [
        ("nan.safetensors", &["--data", "nan.safetensors"][..]),
        ("colour.safetensors", &["--module", "channels"]),
        (
            "label.safetensors",
            &["--data", "`label.safetensors`", "label 3 at byte", "image 7", "tells 3 classes apart, 0 to 2"],
        ),
        // No file that says bytes: the image.
        ("digits", &["--data", "image 3 has the label 3", "tells 3 classes apart"]),
        ("negative.safetensors", &["--data", "label"]),
        ("absent.safetensors", &["--data", "absent"]),
    ] {
        let run = folder.run(&format!(
            "estimate --module supernet.pt --data {data} --gates gates.npy --batches 3 --batch-size 6 --out out {REST}"
        ));
        refused(&folder, &run, before.clone(), words);
    }
}

/// What the mathematics refuses ends with 3.
#[test]
fn singular_systems_and_tolerances_out_of_reach_end_with_3() {
    let folder = folder();
    let before = folder.names();
    for (arguments, words) in [
        ("--estimator woodbury --damping 0", &["singular", "3 gradients"][..]),
        ("--estimator sherman-morrison --damping 0 --per-example", &["singular", "18 gradients"]),
        ("--estimator identity --damping 1 --tolerance 1e-6 --dtype f64", &["tolerance", "identity"]),
        ("--estimator cg --damping 1 --tolerance 1e-10 --terms 2 --dtype f64", &["after 2 iterations"]),
        ("--estimator neumann --damping 1 --step 100 --dtype f64", &["--step", "no contraction"]),
    ] {
        let run = estimate(&folder, "supernet.pt", "gates.npy", arguments);
        assert_eq!((run.code, folder.names()), (Some(3), before.clone()), "{run:?}");
        for word in words {
            assert!(run.stderr.contains(word), "wanted {word:?} in {}", run.stderr);
        }
    }
}

/// Where memory is short neither the arguments nor the mathematics are at fault: a code of its own, and nothing written. On the CPU: a device reserves more addresses than
/// the limit leaves.
#[test]
#[cfg(target_os = "linux")]
fn memory_that_is_short_ends_with_4() {
    let folder = Folder::on_the_cpu();
    if folder.run_within(1_500_000, "--version").code != Some(0) {
        eprintln!("skipped: with the libraries of CUDA the program itself takes more addresses than the limit leaves");
        return;
    }
    folder.run("train --space nb201 --data digits --channels 16 --cells 1 --epochs 0 --out RUN").succeeds();
    let before = folder.names();
    let estimate = "estimate RUN --batches 1 --batch-size 898 --estimator woodbury --damping 1 --out out";
    let ended = folder.run_within(1_500_000, estimate);
    assert_eq!((ended.code, folder.names()), (Some(4), before), "{ended:?}");
    for words in ["libtorch refused", "allocate memory", "if memory is short"] {
        assert!(ended.stderr.contains(words), "wanted {words:?} in {}", ended.stderr);
    }
    // With less to do it is enough.
    let small = estimate.replace("898", "8");
    folder.run_within(1_500_000, &small).succeeds();
}

/// Those of a module too, already as it is tried.
#[test]
fn a_module_whose_logits_are_not_finite_ends_with_3() {
    let folder = folder();
    images(&folder, "huge.safetensors", &vec![1e308; 18 * 36], [18, 1, 6, 6], &[0; 18]);
    let before = folder.names();
    for command in [
        "costs --module supernet.pt --data huge.safetensors --gates gates.npy --dtype f64 --bn eval --batch-size 6",
        "estimate --module supernet.pt --data huge.safetensors --gates gates.npy --dtype f64 --bn eval --batch-size 6 --batches 3 --estimator cg --damping 1 \
         --out out",
    ] {
        let ended = folder.run(command);
        assert_eq!((ended.code, folder.names()), (Some(3), before.clone()), "{ended:?}");
        assert!(ended.stderr.contains("logits that are not finite on the first mini-batch"), "{ended:?}");
    }
}

/// Logits that are not finite are of the mathematics.
#[test]
fn logits_that_are_not_finite_end_with_3() {
    let folder = Folder::new();
    folder.run("train --space minimal --data digits --channels 2 --epochs 0 --out RUN").succeeds();
    let (pixels, labels) = (vec![1e38; 6 * 64], [0, 1, 2, 3, 4, 5]);
    images(&folder, "huge.safetensors", &pixels, [6, 1, 8, 8], &labels);
    let before = folder.names();
    let ended = folder.run("costs RUN --data huge.safetensors --gates uniform --batch-size 6 --bn eval --json c.json");
    assert_eq!((ended.code, folder.names()), (Some(3), before), "{ended:?}");
    assert!(ended.stderr.contains("is not finite"), "{ended:?}");
}
