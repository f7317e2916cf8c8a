//! Every registered system, run whole on both problems.

use nasproof::{
    linalg::{TestRatio, gamma},
    problem::{
        Supernet,
        dense_cell::DenseCell,
        softmax_regression::{Examples, SoftmaxRegression},
    },
    search::{
        Batches, Chunks, EarlyStopSettings, Epoch, Error, Layout, NAMES, Outcome, Settings, System, by_name, search,
    },
};
use ndarray::{Array1, Array2};

use crate::problems::{cell, layout, normal, regression, rng};

fn examples(rows: Vec<usize>, regularised: bool) -> Chunks<impl Fn(&[usize]) -> Examples> {
    Chunks { rows, size: 5, batch: move |rows: &[usize]| Examples { rows: rows.to_vec(), regularised } }
}

/// The published settings, but four epochs and α from the second on.
fn short<P: Supernet>(system: &dyn System<P>) -> Settings {
    let published = system.settings();
    assert!(published.epochs >= 50);
    Settings { epochs: 4, warm_up: published.warm_up.min(1), curvature: 1, ..published }
}

fn on_regression(name: &str, seed: u64) -> (SoftmaxRegression, Outcome<Array1<f64>>) {
    let problem = regression(&mut rng(1));
    let mut system = by_name::<SoftmaxRegression>(name).unwrap();
    assert_eq!(system.name(), name);
    let settings = short(system.as_ref());
    let weights = normal((1, 12), &mut rng(2)).row(0).to_owned();
    let data = (&examples((0..20).collect(), true), &examples((20..30).collect(), false));
    let outcome = search(&problem, &layout(&problem), system.as_mut(), &settings, weights, data, seed).unwrap();
    (problem, outcome)
}

#[test]
fn every_system_searches_on_the_regression_and_repeats_itself() {
    for name in NAMES {
        let (_, outcome) = on_regression(name, 3);
        let (_, again) = on_regression(name, 3);
        assert_eq!(outcome.alpha, again.alpha, "{name}");
        assert_eq!(outcome.architecture, again.architecture, "{name}");
        assert_eq!(outcome.epochs.len(), 4, "{name}");
        assert_eq!(outcome.architecture.len(), 3);
        assert!(outcome.architecture.iter().all(|&o| o < 5));
        for epoch in &outcome.epochs {
            assert!(epoch.training.loss.is_finite() && epoch.validation.accuracy.is_some());
            assert!(
                epoch.entropy >= 0.0 && epoch.entropy <= 5f64.ln() * (1.0 + gamma(10, f64::EPSILON)),
                "{name}: {}",
                epoch.entropy
            );
            assert!(epoch.gates.iter().all(|z| (0.0..=1.0).contains(z)));
            let total = epoch.strengths.sum();
            let expected = if *name == "pc-darts" { 2.0 } else { 3.0 };
            assert!(TestRatio::identity(total, expected, expected, 15).passes(), "{name}: {total}");
        }
        let json = serde_json::to_value(&outcome.epochs).unwrap();
        assert_eq!(json[3]["cost"][2].as_array().unwrap().len(), 5);
        let curvature = |epoch: &Epoch| epoch.curvature.as_ref().is_some_and(|found| found.eigenvalue.is_some());
        assert!(outcome.epochs.iter().all(|epoch| curvature(epoch) != (*name == "random-nas")), "{name}");
        assert_eq!(outcome.epochs[3].discrepancy.is_some(), *name == "darts-2nd-exact");
        // α moves, but in RandomNAS.
        let moved = outcome.epochs[0].alpha != outcome.epochs[3].alpha;
        // Sixteen proposals are not enough for a step of the controller, and four steps an epoch hold one of every fifth.
        assert!(moved != ["random-nas", "enas"].contains(name), "{name}");
    }
}

/// How many operations an epoch of four steps evaluates: all on both levels, one an edge, two.
#[test]
fn sampled_systems_evaluate_what_they_sampled() {
    for (name, expected) in [
        ("darts-1st", 2 * 4 * 15),
        ("setn", 4 * 15 + 4 * 3),
        ("snas", 4 * 15),
        ("dsnas", 4 * 3),
        ("gdas", 2 * 4 * 3),
        ("gdas-code", 2 * 4 * 3),
        ("random-nas", 4 * 3),
        ("enas", 4 * 3),
        ("proxylessnas", 2 * 3 + 4 * 3),
    ] {
        let (_, outcome) = on_regression(name, 4);
        assert_eq!(outcome.epochs[2].evaluated.sum(), expected, "{name}");
        for (cost, &n) in outcome.epochs[2].cost.iter().zip(&outcome.epochs[2].evaluated) {
            assert_eq!(cost.is_nan(), n == 0);
        }
    }
}

#[test]
fn training_learns() {
    for name in ["darts-1st", "snas", "drnas", "sdarts-adv", "pc-darts"] {
        let (_, outcome) = on_regression(name, 5);
        assert!(outcome.epochs[3].training.loss < outcome.epochs[0].training.loss, "{name}");
    }
}

#[test]
fn every_system_searches_on_the_dense_cell() {
    let (cell, weights, _) = cell(&mut rng(6));
    let present = cell.settings().mask.clone();
    let layout = Layout::untied(present, vec![2, 2, 3, 3, 3]);
    let batches = |rows: std::ops::Range<usize>| vec![cell.batch(rows.clone()).unwrap(), cell.batch(rows).unwrap()];
    let (training, validation) = (batches(0..6), batches(6..12));
    for name in NAMES {
        let mut system = by_name::<DenseCell>(name).unwrap();
        let settings = Settings { epochs: 2, warm_up: 0, curvature: 0, ..system.settings() };
        let outcome =
            search(&cell, &layout, system.as_mut(), &settings, weights.clone(), (&training, &validation), 7).unwrap();
        assert_eq!(outcome.architecture.len(), 5, "{name}");
        assert!(outcome.epochs[1].validation.loss.is_finite());
        // The operation none costs nothing.
        let none = outcome.epochs[1].cost.column(0).to_owned();
        assert!(none.iter().all(|&c| c == 0.0 || c.is_nan()), "{name}: {none}");
    }
}

/// An operation that no edge has is never chosen, never evaluated and never moves.
#[test]
fn a_missing_operation_stays_missing() {
    let problem = regression(&mut rng(8));
    let mut present = Array2::from_elem((3, 5), true);
    present[(1, 2)] = false;
    let layout = Layout::untied(present, vec![0, 1, 1]);
    let data = (&examples((0..20).collect(), true), &examples((20..30).collect(), false));
    for name in NAMES {
        let mut system = by_name::<SoftmaxRegression>(name).unwrap();
        let settings = short(system.as_ref());
        let outcome = search(&problem, &layout, system.as_mut(), &settings, Array1::zeros(12), data, 9).unwrap();
        assert_ne!(outcome.architecture[1], 2, "{name}");
        for epoch in &outcome.epochs {
            assert_eq!((epoch.evaluated[(1, 2)], epoch.strengths[(1, 2)]), (0, 0.0), "{name}");
            assert!(epoch.eigenvalue().is_none_or(f64::is_finite), "{name}");
        }
    }
}

#[test]
fn the_curvature_can_stop_a_search() {
    let problem = regression(&mut rng(10));
    let layout = layout(&problem);
    let data = (&examples((0..20).collect(), true), &examples((20..30).collect(), false));
    let mut system = by_name::<SoftmaxRegression>("darts-1st").unwrap();
    // Any change at all, up or down, exceeds a factor this small once averages exist.
    let rule = EarlyStopSettings { factor: f64::NEG_INFINITY, start: 2, ..EarlyStopSettings::default() };
    let settings = Settings { epochs: 20, early_stop: Some(rule), ..system.settings() };
    let outcome = search(&problem, &layout, system.as_mut(), &settings, Array1::zeros(12), data, 11).unwrap();
    let stopped = outcome.stopped.unwrap();
    assert_eq!((stopped.at, stopped.kept), (9, 3));
    assert_eq!((outcome.epochs.len(), &outcome.alpha), (9, &outcome.epochs[2].alpha));
    // One of each kind.
    for name in ["pc-darts", "snas", "drnas", "dsnas", "setn", "enas", "random-nas"] {
        let mut system = by_name::<SoftmaxRegression>(name).unwrap();
        let outcome = search(&problem, &layout, system.as_mut(), &settings, Array1::zeros(12), data, 11);
        match name {
            "random-nas" => assert_eq!(outcome.unwrap_err(), Error::NoCurvature(name)),
            _ => assert_eq!(outcome.unwrap().stopped.unwrap().kept, 3, "{name}"),
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let problem = regression(&mut rng(12));
    let fits = layout(&problem);
    let (some, none) = (examples((0..20).collect(), true), examples(Vec::new(), false));
    let mut system = by_name::<SoftmaxRegression>("darts-1st").unwrap();
    let settings = Settings { epochs: 1, ..system.settings() };
    let mut go = |layout: &Layout, start: f64, training: &dyn Fn() -> bool| {
        let weights = Array1::from_elem(12, start);
        let (training, validation) = if training() { (&some, &none) } else { (&none, &some) };
        search(&problem, layout, system.as_mut(), &settings, weights, (training, validation), 1).unwrap_err()
    };
    assert_eq!(go(&fits, 0.0, &|| true), Error::NoBatches("validation"));
    assert_eq!(go(&fits, 0.0, &|| false), Error::NoBatches("training"));
    let short = Layout::untied(Array2::from_elem((2, 5), true), vec![0, 0]);
    assert_eq!(go(&short, 0.0, &|| true), Error::Layout { given: 2, expected: 3 });
    let data = (&some, &some);
    let error = search(&problem, &fits, system.as_mut(), &settings, Array1::from_elem(12, f64::NAN), data, 1);
    assert!(matches!(error.unwrap_err(), Error::NotFinite { epoch: 0, step: 0, .. }));
    assert_eq!(Batches::<Examples>::epoch(&some, 1).count(), 4);
}
