use nasproof::{
    problem::{Bilevel, Supernet},
    relaxation::{log_probabilities, one_hot},
    search::{Batches, Chunks, Error, Settings, best_of, by_name, top_paths},
};
use ndarray::Array2;

use crate::common::{layout, normal, regression, rng, run};

#[test]
fn the_most_likely_paths_are_those_of_an_enumeration() {
    let mut rng = rng(1);
    let mut scores = log_probabilities(&normal((4, 4), &mut rng));
    scores[(2, 1)] = f64::NEG_INFINITY;
    let sum = |path: &[usize]| path.iter().enumerate().map(|(e, &o)| scores[(e, o)]).sum::<f64>();
    let mut all: Vec<Vec<usize>> =
        (0..256).map(|k| vec![k % 4, k / 4 % 4, k / 16 % 4, k / 64]).filter(|path| path[2] != 1).collect();
    all.sort_by(|a, b| sum(b).total_cmp(&sum(a)));
    assert_eq!(top_paths(&scores, 100), all[..100]);
    assert_eq!(top_paths(&scores, 1000).len(), 192);
    assert!(top_paths(&Array2::from_elem((1, 2), f64::NEG_INFINITY), 3).is_empty());
}

#[test]
fn the_best_candidate_has_the_highest_accuracy() {
    let mut rng = rng(2);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let settings = Settings::darts();
    let run = run(&problem, &layout, &settings, normal((3, 5), &mut rng), &mut rng);
    let candidates = top_paths(&normal((3, 5), &mut rng), 60);
    let best = best_of(&run, candidates.clone(), &[problem.validation()]).unwrap();
    let accuracy =
        |path: &[usize]| problem.accuracy_and_entropy(&run.weights, &one_hot(5, path), problem.validation()).unwrap().0;
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
    assert!(error.to_string().contains("did you mean drnas?"), "{error}");
    let error = by_name::<nasproof::problem::quadratic::Quadratic>("xyz").err().unwrap();
    assert!(!error.to_string().contains("did you mean") && error.to_string().contains("darts-1st"), "{error}");
}
