//! Estimates of runs of the built-in spaces.

use nasproof::{
    problem::Supernet,
    torch::{Normalisation, Place, Precision, TorchSupernet, data, run::Run},
};
use ndarray::Array2;
use ndarray_npy::{ReadNpyExt, WriteNpyExt};

use super::written;
use crate::run::Folder;

/// A run is estimated at its own point, and its own gates given as a file give the same.
#[test]
fn a_run_is_estimated_where_it_stands() {
    let folder = Folder::new();
    let train = folder.run("train --space nb201 --channels 2 --cells 1 --data digits --epochs 0 --dtype f64 --out RUN");
    assert_eq!(train.code, Some(0), "{train:?}");
    let common = "--batches 2 --batch-size 8 --estimator woodbury --damping 0.1";
    let run = folder.run(&format!("estimate RUN {common} --out out"));
    assert_eq!(run.code, Some(0), "{run:?}");
    let (cost, influence) = (written(&folder, "cost.npy"), written(&folder, "influence.npy"));
    assert!(cost.ndim() == 2 && cost.iter().chain(&influence).all(|x| x.is_finite()));
    assert!(influence.iter().any(|x| *x != 0.0));
    let report = folder.json("out/estimate.json");
    assert_eq!((&report["settings"]["dtype"], &report["settings"]["bn"]), (&"f64".into(), &"batch".into()));

    let (rows, columns) = (cost.shape()[0], cost.shape()[1]);
    let uniform = Array2::from_elem((rows, columns), 1.0 / columns as f64);
    let cells = rows / 6;
    let untied = uniform.clone().into_shape_with_order((cells, 6, columns)).unwrap();
    untied.write_npy(std::fs::File::create(folder.path("Z.npy")).unwrap()).unwrap();
    let run = folder.run(&format!("estimate RUN {common} --gates Z.npy --out again"));
    assert_eq!(run.code, Some(0), "{run:?}");
    let again = ndarray::Array3::<f64>::read_npy(std::fs::File::open(folder.path("again/influence.npy")).unwrap());
    assert_eq!(again.unwrap().into_iter().collect::<Vec<_>>(), influence.into_iter().collect::<Vec<_>>());

    // Edges before cells: as many numbers, and other gates.
    let turned = uniform.into_shape_with_order((6, cells, columns)).unwrap();
    turned.write_npy(std::fs::File::create(folder.path("turned.npy")).unwrap()).unwrap();
    let run = folder.run(&format!("estimate RUN {common} --gates turned.npy --out turned"));
    run.fails(2, &["--gates", "6×3×5", "3×6×5"]);

    let before = folder.names();
    let short = Array2::from_elem((rows, columns - 1), 0.25);
    short.write_npy(std::fs::File::create(folder.path("short.npy")).unwrap()).unwrap();
    let run = folder.run(&format!("estimate RUN {common} --gates short.npy --out third"));
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("--gates"), "{run:?}");
    assert_eq!(folder.names().len(), before.len() + 1);
}

/// The images a run was trained on, in the order of the data, whatever the order they were drawn in.
#[test]
fn a_run_is_estimated_on_the_first_images_it_was_trained_on() {
    let folder = Folder::new();
    folder
        .run("train --space minimal --channels 2 --data digits --epochs 0 --held-out 0.5 --dtype f64 --out RUN")
        .succeeds();
    let common = "--batches 2 --batch-size 8 --estimator identity --damping 0.1";
    let ended = folder.run(&format!("estimate RUN {common} --out out"));
    assert!(ended.succeeds().stderr.contains("8×8 digits"), "{ended:?}");
    assert_eq!(folder.json("out/estimate.json")["settings"]["order"], "file");

    let place = Place::new("cpu", Precision::F64).unwrap();
    let run = Run::open(&folder.path("RUN"), &place).unwrap();
    let (data, split) = run.data().unwrap();
    let mut first = split.training.clone();
    first.sort_unstable();
    assert_ne!(first, split.training);
    let bring = |some: &[usize]| data::bring(&data.training, some, None, &place).unwrap();
    let batches: Vec<_> = first[..16].chunks(8).map(bring).collect();
    let supernet = TorchSupernet::new(&run.network, place, Normalisation::Batch).unwrap();
    let loss = supernet.loss(&run.theta, &run.gates, &batches);
    assert_eq!(folder.json("out/estimate.json")["loss"], loss);
}

/// A dense Hessian of so many weights is refused before it is begun.
#[test]
fn exact_is_refused_above_its_size() {
    let folder = Folder::new();
    folder.run("train --space nb201 --channels 4 --cells 1 --data digits --epochs 0 --out RUN").succeeds();
    let ended = folder.run("estimate RUN --batches 1 --batch-size 8 --estimator exact --damping 0.1 --out out");
    ended.fails(2, &["--estimator", "4096", "weights", "cg"]);
    assert!(!folder.path("out").exists());
}
