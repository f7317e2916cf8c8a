use nasproof::{
    problem::{
        Bilevel, Supernet,
        softmax_regression::{Examples, SoftmaxRegression},
    },
    relaxation::{Controller, Draw, Relaxation, UniformPath, log_probabilities, one_hot},
    search::{
        Batches, Chunks, EarlyStopSettings, Enas, EnasOptions, Error, Run, Settings, System, best_of, by_name,
        likeliest, proposals, search,
    },
    space::{Choices, Decision},
};
use ndarray::Array2;
use rand::Rng;

use crate::problems::{layout, normal, regression, rng, run};

#[test]
fn the_most_likely_paths_are_those_of_an_enumeration() {
    let mut rng = rng(1);
    let mut scores = log_probabilities(&normal((4, 4), &mut rng));
    scores[(2, 1)] = f64::NEG_INFINITY;
    let sum = |path: &[usize]| path.iter().enumerate().map(|(e, &o)| scores[(e, o)]).sum::<f64>();
    let mut all: Vec<Vec<usize>> =
        (0..256).map(|k| vec![k % 4, k / 4 % 4, k / 16 % 4, k / 64]).filter(|path| path[2] != 1).collect();
    all.sort_by(|a, b| sum(b).total_cmp(&sum(a)));
    let choices = Choices::one_each(Array2::from_elem((4, 4), true));
    let found = likeliest(&choices, &scores, 100);
    assert!(found.iter().zip(&all).all(|(cell, path)| *cell == one_hot(4, path)) && found.len() == 100);
    assert_eq!(likeliest(&choices, &scores, 1000).len(), 192);
    let one = Choices::one_each(Array2::from_elem((1, 2), true));
    assert!(likeliest(&one, &Array2::from_elem((1, 2), f64::NEG_INFINITY), 3).is_empty());
}

/// Two of three edges with one of three operations each, and two of three parents: the best of all 81 cells, in order.
#[test]
fn the_most_likely_cells_are_those_of_an_enumeration() {
    let decisions = vec![Decision::Edges { rows: vec![0, 1, 2], keep: 2 }, Decision::Parents { row: 3, keep: 2 }];
    let choices = Choices::new(Array2::from_elem((4, 3), true), decisions).unwrap();
    let scores = log_probabilities(&normal((4, 3), &mut rng(5)));
    let rows = |z: &Array2<f64>| z.rows().into_iter().map(|row| row.sum()).collect::<Vec<f64>>();
    let mut all: Vec<Array2<f64>> = (0..1 << 12u32)
        .map(|bits| Array2::from_shape_fn((4, 3), |(e, o)| f64::from(bits >> (3 * e + o) & 1)))
        .filter(|z| {
            let sums = rows(z);
            sums[3] == 2.0 && sums[..3].iter().all(|&s| s <= 1.0) && sums[..3].iter().sum::<f64>() == 2.0
        })
        .collect();
    all.sort_by(|a, b| (b * &scores).sum().total_cmp(&(a * &scores).sum()));
    assert_eq!(all.len(), 27 * 3);
    assert_eq!(likeliest(&choices, &scores, 30), all[..30]);
    assert_eq!(likeliest(&choices, &scores, 1000).len(), all.len());
}

#[test]
fn the_best_candidate_has_the_highest_accuracy() {
    let mut rng = rng(2);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let settings = Settings::darts();
    let run = run(&problem, &layout, &settings, normal((3, 5), &mut rng), &mut rng);
    let candidates = likeliest(&layout.choices, &normal((3, 5), &mut rng), 60);
    let best = best_of(&run, candidates.clone(), &[problem.validation()]).unwrap();
    let accuracy =
        |gates: &Array2<f64>| problem.accuracy_and_entropy(&run.weights, gates, problem.validation()).unwrap().0;
    assert!(candidates.iter().all(|candidate| accuracy(candidate) <= accuracy(&best)));
    assert!(candidates.iter().any(|candidate| accuracy(candidate) < accuracy(&best)));
    assert_eq!(best_of(&run, candidates, &[]), Err(Error::NoBatches("validation")));
}

#[test]
fn an_epoch_deals_every_row_once_in_an_order_of_its_seed() {
    let batches = Chunks { rows: (5..28).collect(), size: 5, batch: |rows: &[usize]| rows.to_vec() };
    let dealt = |seed: u64| Batches::<Vec<usize>>::epoch(&batches, seed).collect::<Vec<_>>();
    assert_eq!(dealt(1).iter().map(Vec::len).collect::<Vec<_>>(), [5, 5, 5, 5, 3]);
    let mut rows = dealt(1).concat();
    rows.sort_unstable();
    assert_eq!(rows, (5..28).collect::<Vec<_>>());
    assert_eq!(dealt(1), dealt(1));
    assert_ne!(dealt(1), dealt(2));
}

#[test]
fn an_unknown_system_is_answered_with_the_nearest_name() {
    let error = by_name::<nasproof::problem::quadratic::Quadratic>("drnass").err().unwrap();
    assert!(error.to_string().contains("did you mean `drnas`?"), "{error}");
    let error = by_name::<nasproof::problem::quadratic::Quadratic>("xyz").err().unwrap();
    assert!(!error.to_string().contains("did you mean") && error.to_string().contains("darts-1st"), "{error}");
}

/// ENAS proposes 100 from its controller, RandomNAS 100 at random, SETN its 100 likeliest; each is tried on one validation batch, in turn, and the first of
/// the best is kept.
#[test]
fn the_architecture_is_the_best_of_a_hundred_proposals_each_on_one_batch() {
    let problem = regression(&mut rng(3));
    let layout = layout(&problem);
    let judges: Vec<Examples> = [20..23, 23..26, 26..30]
        .map(|rows: std::ops::Range<usize>| Examples { rows: rows.collect(), regularised: false })
        .to_vec();
    let judges: Vec<&Examples> = judges.iter().collect();
    for name in ["enas", "random-nas", "setn"] {
        let (mut by_first_batch, mut by_all) = (0, 0);
        for seed in 0..4 {
            let mut rng = rng(seed);
            let mut system = by_name::<SoftmaxRegression>(name).unwrap();
            let settings = system.settings();
            let alpha = system.start(&layout, &mut rng).unwrap() * 20.0;
            let weights = normal((1, 12), &mut rng).row(0).to_owned();
            let mut run = Run::new(&problem, &layout, &settings, weights.clone(), alpha.clone(), rng);
            let mut beside = run.rng.clone();
            let found = system.architecture(&mut run, &judges).unwrap();
            let (controller, uniform) =
                (Controller::new(32, layout.choices.clone()).unwrap(), UniformPath::new(&layout.choices));
            let proposals: Vec<Array2<f64>> = match name {
                "enas" => (0..100).map(|_| controller.sample(&alpha, &mut beside).gates().clone()).collect(),
                "random-nas" => (0..100).map(|_| uniform.sample(&alpha, &mut beside).gates().clone()).collect(),
                _ => {
                    let scores = log_probabilities(&alpha);
                    let sum = |path: &[usize]| path.iter().enumerate().map(|(e, &o)| scores[(e, o)]).sum::<f64>();
                    let mut all = crate::common::paths(3, 5);
                    all.sort_by(|a, b| sum(b).total_cmp(&sum(a)));
                    all[..100].iter().map(|path| one_hot(5, path)).collect()
                }
            };
            let accuracy = |gates: &Array2<f64>, batch| problem.accuracy_and_entropy(&weights, gates, batch).unwrap().0;
            let first_best = |merit: &dyn Fn(usize) -> f64| {
                let best = (0..100).map(merit).fold(f64::NEG_INFINITY, f64::max);
                proposals[(0..100).find(|&k| merit(k) == best).unwrap()].clone()
            };
            assert_eq!(found, first_best(&|k| accuracy(&proposals[k], judges[k % 3])), "{name} {seed}");
            by_first_batch += usize::from(found == first_best(&|k| accuracy(&proposals[k], judges[0])));
            by_all += usize::from(found == first_best(&|k| judges.iter().map(|&j| accuracy(&proposals[k], j)).sum()));
        }
        assert!(by_first_batch < 4 && by_all < 4, "{name}: {by_first_batch} {by_all}");
    }
}

/// Stopped by the curvature, ENAS proposes from the controller as it was in the epoch that is kept, and tries the proposals with the weights as they are now.
#[test]
fn after_an_early_stop_proposals_come_from_the_controller_that_is_kept() {
    let problem = regression(&mut rng(4));
    let layout = layout(&problem);
    let examples = |rows: std::ops::Range<usize>| Chunks {
        rows: rows.collect(),
        size: 5,
        batch: |rows: &[usize]| Examples { rows: rows.to_vec(), regularised: false },
    };
    let (training, validation) = (examples(0..20), examples(20..30));
    let (mut by_the_last, mut by_strength) = (0, 0);
    for seed in 0..4 {
        // The controller moves in every step, far enough to propose something else each epoch.
        let mut system = Enas::new(EnasOptions { aggregate: 1, ..EnasOptions::default() });
        let published = System::<SoftmaxRegression>::settings(&system);
        let rule = EarlyStopSettings { factor: f64::NEG_INFINITY, start: 2, ..EarlyStopSettings::default() };
        let mut settings = Settings { epochs: 20, early_stop: Some(rule), ..published };
        settings.alpha.rate = 0.3;
        let weights = normal((1, 12), &mut rng(seed)).row(0).to_owned();
        let data = (&training, &validation);
        let outcome = search(&problem, &layout, &mut system, &settings, weights, data, seed).unwrap();
        let stopped = outcome.stopped.unwrap();
        assert_eq!((stopped.at, stopped.kept), (9, 3));
        let kept = &outcome.epochs[stopped.kept - 1];
        let best = |alpha: &Array2<f64>| {
            let mut rng = proposals(seed, stopped.at);
            let judges: Vec<Examples> = Batches::<Examples>::epoch(&validation, rng.next_u64()).collect();
            let controller = Controller::new(32, layout.choices.clone()).unwrap();
            let cells = (0..100).map(|_| controller.sample(alpha, &mut rng).gates().clone());
            let tried = cells.zip(judges.iter().cycle()).map(|(gates, batch)| {
                (problem.accuracy_and_entropy(&outcome.weights, &gates, batch).unwrap().0, gates)
            });
            tried.reduce(|best, next| if next.0 > best.0 { next } else { best }).unwrap().1
        };
        assert_eq!(outcome.architecture, best(&kept.alpha), "{seed}");
        by_the_last += usize::from(outcome.architecture == best(&outcome.epochs[stopped.at - 1].alpha));
        let strongest = layout.choices.gates(&layout.choices.strongest(&kept.strengths));
        by_strength += usize::from(outcome.architecture == strongest);
    }
    assert!(by_the_last < 4 && by_strength < 4, "{by_the_last} {by_strength}");
}
