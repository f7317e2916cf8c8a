//! Every registered system, run whole on both problems.

use nasproof::{
    linalg::{TestRatio, gamma},
    problem::{
        Supernet,
        dense_cell::DenseCell,
        softmax_regression::{Examples, SoftmaxRegression},
    },
    search::{
        Batches, Chunks, EarlyStopSettings, Epoch, Error, Layout, Level, NAMES, Outcome, PcDarts, Settings, System,
        by_name, search, stopped,
    },
    space::{Choices, Decision, Space, SpaceName},
};
use ndarray::{Array1, Array2, Axis};

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
        assert!(outcome.architecture.iter().all(|&z| z == 0.0 || z == 1.0));
        assert_eq!(outcome.architecture.sum_axis(Axis(1)).to_vec(), [1.0; 3], "{name}");
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
        let mut started = by_name::<SoftmaxRegression>(name).unwrap();
        let alpha = started.start(&layout(&regression(&mut rng(1))), &mut rng(0)).unwrap();
        let told = started.landscape(&alpha, 0.0).is_some();
        assert!(outcome.epochs.iter().all(|epoch| curvature(epoch) == told), "{name}");
        assert_eq!(outcome.epochs[3].discrepancy.is_some(), *name == "darts-2nd-exact");
        // α moves, but in RandomNAS.
        let moved = outcome.epochs[0].alpha != outcome.epochs[3].alpha;
        // Sixteen proposals are not enough for a step of the controller, and four steps an epoch hold one of every fifth.
        assert!(moved != ["random-nas", "enas"].contains(name), "{name}");
    }
}

/// How many operations an epoch of four steps evaluates for the weights and for α: all on both levels, one an edge, two.
#[test]
fn sampled_systems_evaluate_what_they_sampled() {
    for (name, expected) in [
        ("darts-1st", [4 * 15, 4 * 15]),
        // Its step of α is taken elsewhere than at the weights there are.
        ("darts-2nd", [4 * 15, 0]),
        ("setn", [4 * 3, 4 * 15]),
        ("snas", [4 * 15, 0]),
        ("dsnas", [4 * 3, 0]),
        ("gdas", [4 * 3, 4 * 3]),
        ("gdas-code", [4 * 3, 4 * 3]),
        ("random-nas", [4 * 3, 0]),
        ("enas", [4 * 3, 0]),
        ("proxylessnas", [4 * 3, 2 * 3]),
        ("proxylessnas-full", [4 * 3, 5 * 3]),
    ] {
        let (_, outcome) = on_regression(name, 4);
        let epoch = &outcome.epochs[2];
        assert_eq!([epoch.evaluated.sum(), epoch.validation_evaluated.sum()], expected, "{name}");
        for (cost, &n) in epoch.cost.iter().zip(&epoch.evaluated) {
            assert_eq!(cost.is_nan(), n == 0);
        }
        for (cost, &n) in epoch.validation_cost.iter().zip(&epoch.validation_evaluated) {
            assert_eq!(cost.is_nan(), n == 0);
        }
    }
}

/// What each was published with: epochs, batch, epochs before α moves; the rate of the weights, momentum with Nesterov's or without, decay, clip; the rate of α, the first
/// moment, decay; one level or two. DARTS (`cnn/train_search.py`), SNAS (Section 3.1 and Appendix G.1: 150 epochs, one level), PC-DARTS (batch 256, α from epoch
/// 15), NAS-Bench-201 (250 epochs, decay 5e-4, Nesterov), and the code named with each system.
#[test]
fn defaults_are_the_published_ones() {
    use nasproof::{
        optimiser::Schedule::Cosine,
        search::Level::{Bilevel, Single},
    };
    let darts = (Cosine(0.025, 0.001), 0.9, false, 3e-4, Some(5.0));
    let (bench, alpha) = ((darts.0, 0.9, true, 5e-4, Some(5.0)), (3e-4, 0.5, 1e-3));
    let snas = (Cosine(0.025, 0.0), 0.9, false, 3e-4, Some(5.0));
    let (mobile, binary) = ((Cosine(0.025, 0.0), 0.9, true, 4e-5, None), (1e-3, 0.0, 0.0));
    let partial = (Cosine(0.1, 0.001), 0.9, false, 3e-4, Some(5.0));
    let enas = (Cosine(0.05, 0.0005), 0.9, true, 2.5e-4, Some(5.0));
    for (name, numbers, weights, of_alpha, level) in [
        ("darts-1st", (50, 64, 0), darts, alpha, Bilevel),
        ("darts-2nd", (50, 64, 0), darts, alpha, Bilevel),
        ("darts-2nd-exact", (50, 64, 0), darts, alpha, Bilevel),
        ("sdarts-rs", (50, 64, 0), darts, alpha, Bilevel),
        ("sdarts-adv", (50, 64, 0), darts, alpha, Bilevel),
        ("snas", (150, 64, 0), snas, alpha, Single),
        ("dsnas", (150, 64, 0), snas, alpha, Single),
        ("pc-darts", (50, 256, 15), partial, (6e-4, 0.5, 1e-3), Bilevel),
        ("proxylessnas", (160, 256, 40), mobile, binary, Bilevel),
        ("proxylessnas-full", (160, 256, 40), mobile, binary, Bilevel),
        ("drnas", (100, 64, 0), darts, (3e-4, 0.5, 0.0), Bilevel),
        ("drnas-kl", (100, 64, 0), darts, (3e-4, 0.5, 0.0), Bilevel),
        ("gdas", (250, 64, 0), bench, alpha, Bilevel),
        ("gdas-code", (250, 64, 0), bench, alpha, Bilevel),
        ("setn", (250, 64, 0), bench, alpha, Bilevel),
        ("random-nas", (250, 64, 0), bench, alpha, Bilevel),
        ("enas", (310, 128, 0), enas, (1e-3, 0.0, 0.0), Bilevel),
    ] {
        let s = by_name::<SoftmaxRegression>(name).unwrap().settings();
        let w = s.weights;
        assert_eq!((s.epochs, s.batch, s.warm_up), numbers, "{name}");
        assert_eq!((w.rate, w.momentum, w.nesterov, w.decay, w.clip), weights, "{name}");
        assert_eq!((s.alpha.rate, s.alpha.betas.0, s.alpha.decay), of_alpha, "{name}");
        assert_eq!((s.alpha.betas.1, s.level, s.early_stop), (0.999, level, None), "{name}");
        // All but RandomNAS have a loss that depends on α.
        let mut system = by_name::<SoftmaxRegression>(name).unwrap();
        let alpha = system.start(&layout(&regression(&mut rng(1))), &mut rng(0)).unwrap();
        let told = system.landscape(&alpha, 0.0).is_some();
        assert_eq!((s.curvature, told), (usize::from(name != "random-nas"), name != "random-nas"), "{name}");
    }
}

/// On one level whatever is held out changes nothing but the record and who is best in the end; on two it moves α.
#[test]
fn on_one_level_alpha_sees_the_training_batches_alone() {
    let problem = regression(&mut rng(1));
    for name in NAMES {
        let run = |level: Level, held_out: std::ops::Range<usize>| {
            let mut system = by_name::<SoftmaxRegression>(name).unwrap();
            // ENAS collects twenty proposals to a step of its controller.
            let settings = Settings { level, epochs: 8, curvature: 0, ..short(system.as_ref()) };
            let data = (&examples((0..20).collect(), true), &examples(held_out.collect(), false));
            let weights = normal((1, 12), &mut rng(2)).row(0).to_owned();
            let outcome = search(&problem, &layout(&problem), system.as_mut(), &settings, weights, data, 3).unwrap();
            (outcome.alpha, outcome.weights)
        };
        assert_eq!(run(Level::Single, 20..30), run(Level::Single, 5..15), "{name}");
        assert_eq!(run(Level::Bilevel, 20..30) == run(Level::Bilevel, 5..15), *name == "random-nas", "{name}");
    }
}

/// On one level a pass serves both in the systems that step by `Run::round`. SETN has a relaxation for α and another one for the weights, GDAS draws twice.
#[test]
fn one_level_evaluates_what_the_two_relaxations_say() {
    for (name, expected) in [("darts-1st", 4 * 15), ("dsnas", 4 * 3), ("setn", 4 * 15 + 4 * 3), ("gdas", 2 * 4 * 3)] {
        let problem = regression(&mut rng(1));
        let mut system = by_name::<SoftmaxRegression>(name).unwrap();
        let settings = Settings { level: Level::Single, epochs: 1, ..short(system.as_ref()) };
        let data = (&examples((0..20).collect(), true), &examples((20..30).collect(), false));
        let outcome =
            search(&problem, &layout(&problem), system.as_mut(), &settings, Array1::zeros(12), data, 3).unwrap();
        let epoch = &outcome.epochs[0];
        assert_eq!([epoch.evaluated.sum(), epoch.validation_evaluated.sum()], [expected, 0], "{name}");
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
        assert_eq!(outcome.architecture.sum_axis(Axis(1)).to_vec(), [1.0; 5], "{name}");
        assert!(outcome.epochs[1].validation.loss.is_finite());
        // The operation none costs nothing.
        let none = outcome.epochs[1].cost.column(0).to_owned();
        assert!(none.iter().all(|&c| c == 0.0 || c.is_nan()), "{name}: {none}");
    }
}

/// The edges into a node compete; in NAS-Bench-1Shot1 no two choices do, so that PC-DARTS weighs its operations and parents by their softmax alone.
#[test]
fn only_edges_into_one_node_compete() {
    let of = |name| Layout::of_space(&Space::published(name)).unwrap();
    let (darts, one_shot) = (of(SpaceName::Darts), of(SpaceName::OneShot3));
    let alike = |layout: &Layout, row: usize| layout.nodes.iter().filter(|node| **node == layout.nodes[row]).count();
    let expected = [2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5].repeat(2);
    assert_eq!((0..28).map(|row| alike(&darts, row)).collect::<Vec<_>>(), expected);
    assert!((0..one_shot.nodes.len()).all(|row| alike(&one_shot, row) == 1), "{:?}", one_shot.nodes);
    let mut system = PcDarts::default();
    let alpha = System::<DenseCell>::start(&mut system, &one_shot, &mut rng(1)).unwrap();
    let strengths = System::<DenseCell>::strengths(&system, &alpha);
    let operations = System::<DenseCell>::operation_strengths(&system, &alpha).unwrap();
    assert_eq!(strengths, operations);
}

/// Where a node keeps two of its three edges, the systems that try candidates train and propose such cells alone.
#[test]
fn candidates_are_cells_where_a_node_chooses_its_edges() {
    let (cell, weights, _) = cell(&mut rng(12));
    let present = cell.settings().mask.clone();
    let operation = |row| Decision::Operation { row };
    let decisions = vec![operation(0), operation(1), Decision::Edges { rows: vec![2, 3, 4], keep: 2 }];
    let choices = Choices::new(present.clone(), decisions).unwrap();
    let layout = Layout { choices, ..Layout::untied(present, vec![2, 2, 3, 3, 3]) };
    let batches = |rows: std::ops::Range<usize>| vec![cell.batch(rows.clone()).unwrap(), cell.batch(rows).unwrap()];
    let (training, validation) = (batches(0..6), batches(6..12));
    for name in NAMES {
        let mut system = by_name::<DenseCell>(name).unwrap();
        let settings = Settings { epochs: 3, warm_up: 0, curvature: 0, ..system.settings() };
        let outcome =
            search(&cell, &layout, system.as_mut(), &settings, weights.clone(), (&training, &validation), 7).unwrap();
        let open = outcome.architecture.sum_axis(Axis(1));
        assert_eq!((open[0], open[1], open[2] + open[3] + open[4]), (1.0, 1.0, 2.0), "{name}: {open}");
        assert!(open.iter().all(|&count| count <= 1.0), "{name}: {open}");
        let epoch = &outcome.epochs[2];
        if ["enas", "random-nas", "setn"].contains(name) {
            // Two steps an epoch, each of one cell: four gates of the training passes are open in each.
            assert_eq!(epoch.evaluated.sum(), 8, "{name}: {}", epoch.evaluated);
            assert!(epoch.evaluated.slice(ndarray::s![2.., ..]).sum() == 4, "{name}: {}", epoch.evaluated);
        }
        if *name == "enas" {
            assert_eq!(epoch.gates.sum_axis(Axis(1)).sum(), 4.0);
            assert!(system.landscape(&epoch.alpha, 0.0).is_none());
        }
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
        assert_eq!((outcome.architecture[(1, 2)], outcome.architecture.sum()), (0.0, 3.0), "{name}");
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

/// Eigenvalues that grow by a factor of 1.5 in four epochs, with RobustDARTS's decay on the diagonal of the Hessian by less than 1.3.
#[test]
fn the_decay_of_alpha_counts_where_curvatures_are_compared() {
    let (_, outcome) = on_regression("darts-1st", 3);
    let grown: Vec<Epoch> = (0..20)
        .map(|t| {
            let mut epoch = outcome.epochs[0].clone();
            epoch.curvature.as_mut().unwrap().eigenvalue = Some(1e-4 * 1.5f64.powf(f64::from(t) / 4.0));
            epoch
        })
        .collect();
    let settings = |decay: f64| {
        let mut settings = Settings { early_stop: Some(EarlyStopSettings::default()), ..Settings::darts() };
        settings.alpha.decay = decay;
        settings
    };
    assert_eq!(stopped(&settings(0.0), &grown).map(|stopped| stopped.kept), Some(14));
    assert_eq!(stopped(&settings(1e-3), &grown), None);
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
