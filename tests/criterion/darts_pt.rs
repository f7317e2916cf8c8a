use nasproof::{
    criterion::{PtSettings, darts_pt},
    problem::{
        Supernet,
        softmax_regression::{Examples, SoftmaxRegression},
    },
    relaxation::{one_hot, softmax},
    search::{Chunks, Darts, Error, PcDarts, Run, Settings, System},
};
use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::common::{layout, normal, regression, rng};

fn examples(rows: std::ops::Range<usize>, regularised: bool) -> Chunks<impl Fn(&[usize]) -> Examples> {
    let batch = move |rows: &[usize]| Examples { rows: rows.to_vec(), regularised };
    Chunks { rows: rows.collect(), size: 10, batch }
}

/// Without tuning every decision can be made again from the outside: gates zeroed and not renormalised, decided edges one-hot.
#[test]
fn each_decision_keeps_the_operation_whose_removal_hurts_most() {
    let mut rng = rng(1);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let settings = Settings::darts();
    let (alpha, weights) = (normal((3, 5), &mut rng), normal((1, 12), &mut rng).row(0).to_owned());
    let mut run = Run::new(&problem, &layout, &settings, weights.clone(), alpha.clone(), ChaCha8Rng::seed_from_u64(3));
    let data = (&examples(0..20, true), &examples(20..30, false));
    let pt = PtSettings { tuning: 0, ..PtSettings::default() };
    let selection = darts_pt(&mut run, &mut Darts { second: None }, data, &pt).unwrap();
    assert_eq!(run.weights, weights);
    let mut gates = softmax::gates(&alpha);
    let validation = Examples { rows: (20..30).collect(), regularised: false };
    let mut edges: Vec<usize> = Vec::new();
    for decision in &selection.decisions {
        let accuracy = |o: usize| {
            let mut gates = gates.clone();
            gates[(decision.edge, o)] = 0.0;
            problem.accuracy_and_entropy(&weights, &gates, &validation).unwrap().0
        };
        let all: Vec<f64> = (0..5).map(accuracy).collect();
        assert_eq!(decision.without, all);
        assert!(all.iter().all(|a| *a >= all[decision.kept]));
        assert!(all[..decision.kept].iter().all(|a| *a > all[decision.kept]), "the first of several");
        gates.row_mut(decision.edge).assign(&one_hot(5, &[decision.kept]).row(0));
        edges.push(decision.edge);
    }
    edges.sort_unstable();
    assert_eq!(edges, [0, 1, 2]);
    assert_eq!(softmax::gates(&run.alpha), one_hot(5, &selection.operations));
}

/// Tuning trains the weights; α moves on the undecided edges, or not at all where it is fixed.
#[test]
fn tuning_between_edges_with_alpha_moving_or_fixed() {
    let mut rng = rng(2);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let alpha = normal((3, 5), &mut rng);
    let data = (&examples(0..20, true), &examples(20..30, false));
    for fixed in [false, true] {
        let warm_up = if fixed { usize::MAX } else { 0 };
        let settings = Settings { warm_up, ..Settings::darts() };
        let weights = normal((1, 12), &mut rng).row(0).to_owned();
        let mut run =
            Run::new(&problem, &layout, &settings, weights.clone(), alpha.clone(), ChaCha8Rng::seed_from_u64(3));
        let pt = PtSettings { tuning: 2, ..PtSettings::default() };
        let selection = darts_pt(&mut run, &mut Darts { second: None }, data, &pt).unwrap();
        assert_ne!(run.weights, weights);
        assert_eq!(run.alpha_gradient.is_none(), fixed);
        assert_eq!(softmax::gates(&run.alpha), one_hot(5, &selection.operations));
    }
}

#[test]
fn a_system_that_mixes_otherwise_is_refused() {
    let mut rng = rng(3);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let settings = Settings::darts();
    let mut system = PcDarts::default();
    let alpha: Array2<f64> = System::<SoftmaxRegression>::start(&mut system, &layout, &mut rng).unwrap();
    let weights = ndarray::Array1::zeros(12);
    let mut run = Run::new(&problem, &layout, &settings, weights, alpha, ChaCha8Rng::seed_from_u64(3));
    let data = (&examples(0..20, true), &examples(20..30, false));
    let error = darts_pt(&mut run, &mut system, data, &PtSettings::default()).unwrap_err();
    assert!(matches!(error, Error::Missing { system: "DARTS-PT", .. }));
}
