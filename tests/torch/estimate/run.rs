//! Estimates of runs of the built-in spaces.

use nasproof::{
    problem::Supernet,
    torch::{Normalisation, TorchSupernet, data, run::Run},
};
use ndarray::Array2;
use ndarray_npy::{ReadNpyExt, WriteNpyExt};

use super::{Answers, allowed, estimate, norm, written};
use crate::{device, run::Folder};

/// A run is estimated at its own point, and its own gates given as a file give the same.
#[test]
fn a_run_is_estimated_where_it_stands() {
    // The same influence to the bit twice: on the CPU.
    let folder = Folder::on_the_cpu();
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

    let place = device::double();
    let run = Run::open(&folder.path("RUN"), &place).unwrap();
    let (data, split) = run.data().unwrap();
    let mut first = split.training.clone();
    first.sort_unstable();
    assert_ne!(first, split.training);
    let bring = |some: &[usize]| data::bring(&data.training, some, None, &place).unwrap();
    let batches: Vec<_> = first[..16].chunks(8).map(bring).collect();
    let supernet = TorchSupernet::new(&run.network, place, Normalisation::Batch).unwrap();
    let loss = supernet.loss(&run.theta, &run.gates, &batches);
    // The mean over 16 images of 64 pixels.
    device::same(&[folder.json("out/estimate.json")["loss"].as_f64().unwrap()], &[loss], 16 * 64);
}

/// Without room for graphs each product makes its own, with room they are made once: the answer is the same but for rounding, and what was kept is told.
#[test]
fn the_budget_of_graphs_is_obeyed_and_told() {
    let answers = Answers::new("batch");
    let damping = answers.number("damping");
    let on_the_cpu = device::is_cpu();
    let found = ["0", "1000000000000", "unlimited"].map(|budget| {
        let folder = super::folder();
        let arguments =
            format!("--estimator cg --dtype f64 --damping {damping} --memory-budget {budget} --json r.json");
        let run = estimate(&folder, "supernet.pt", "gates.npy", &arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        let report = folder.json("r.json");
        let [kept, made] = ["kept_graphs", "graphs_made"].map(|name| report[name].as_u64().unwrap());
        // Elsewhere than on the CPU their size is not measured, and none fits but where there is no limit.
        let keeps = budget == "unlimited" || (on_the_cpu && budget != "0");
        assert_eq!((kept, made == 3 || made == 6), (if keeps { 3 } else { 0 }, keeps), "{budget}: {made} made");
        assert!(run.stdout.contains(&format!("{made} made, {kept} kept")), "{run:?}");
        assert_eq!(report["graphs_unmeasured"], !on_the_cpu);
        assert_eq!(report["bytes_per_graph"].as_u64().is_some_and(|bytes| bytes > 0), on_the_cpu);
        let budget = budget.parse::<u64>().map_or_else(|_| budget.into(), serde_json::Value::from);
        assert_eq!(report["settings"]["memory_budget"], budget);
        crate::run::costs::place_is_told(&report["settings"], "f64");
        let residual = report["influence"]["relative_residual"].as_f64().unwrap();
        (written(&folder, "influence.npy"), residual)
    });
    let [least, most] = answers.pair("eigenvalues").map(|value| value + damping);
    for (influence, residual) in &found[1..] {
        let allowed = allowed(&answers, residual + found[0].1, least, most, f64::EPSILON);
        assert!(norm(&(influence - &found[0].0)) <= allowed, "{:e}", norm(&(influence - &found[0].0)));
    }
    for (budget, words) in [("-1", "--memory-budget"), ("many", "`unlimited`"), ("1e9", "2147483648")] {
        let folder = super::folder();
        let run = estimate(
            &folder,
            "supernet.pt",
            "gates.npy",
            &format!("--estimator cg --damping 1 --memory-budget {budget}"),
        );
        run.fails(2, &[words]);
    }
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
