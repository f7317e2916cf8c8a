use nasproof::{
    criterion::{PtSettings, darts_pt, darts_pt_edges, tunings},
    linalg::TestRatio,
    problem::{
        Supernet,
        softmax_regression::{Examples, SoftmaxRegression},
    },
    relaxation::{one_hot, softmax},
    search::{Chunks, Darts, Error, Layout, Pair, PcDarts, Run, Settings, Snas, System},
    space::{Choices, Decision as Cell},
};
use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::problems::{layout, normal, regression, rng};

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
    // Two batches judge, by their mean.
    let data = (&examples(0..20, true), &examples(10..30, false));
    let pt = PtSettings { tuning: 0, ..PtSettings::default() };
    let selection = darts_pt(&mut run, &mut Darts { second: None }, data, &pt).unwrap();
    assert_eq!(run.weights, weights);
    let mut gates = softmax::gates(&alpha);
    let judges = [10..20, 20..30].map(|rows| Examples { rows: rows.collect(), regularised: false });
    let mut edges: Vec<usize> = Vec::new();
    for decision in &selection.decisions {
        let accuracy = |o: usize| {
            let mut gates = gates.clone();
            gates[(decision.edge, o)] = 0.0;
            let [first, second] = [0, 1].map(|j| problem.accuracy_and_entropy(&weights, &gates, &judges[j]).unwrap().0);
            (first + second) / 2.0
        };
        for (o, without) in decision.without.iter().enumerate() {
            // Which example is in which batch is drawn: the same sum, rounded otherwise.
            assert!(TestRatio::identity(*without, accuracy(o), 1.0, 2).passes(), "{o}: {without}");
        }
        let all = &decision.without;
        let [kept] = decision.kept[..] else { panic!("{:?}", decision.kept) };
        assert!(all.iter().all(|a| *a >= all[kept]));
        assert!(all[..kept].iter().all(|a| *a > all[kept]), "the first of several");
        gates.row_mut(decision.edge).assign(&one_hot(5, &[kept]).row(0));
        edges.push(decision.edge);
    }
    edges.sort_unstable();
    assert_eq!(edges, [0, 1, 2]);
    assert_eq!(softmax::gates(&run.alpha), one_hot(5, &selection.operations.concat()));
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
        assert_eq!(softmax::gates(&run.alpha), one_hot(5, &selection.operations.concat()));
    }
}

/// DARTS that notes the part of the search done and the step of the weights, epoch by epoch.
#[derive(Default)]
struct Noting(Vec<(f64, f64)>);

impl<P: Supernet> System<P> for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    fn settings(&self) -> Settings {
        Settings::darts()
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        if run.step == 0 {
            self.0.push((run.progress(), run.rate()));
        }
        Darts { second: None }.step(run, pair)
    }
}

/// The system's schedules stand at their end from the first epoch of tuning on; the rate falls once, over all of them.
#[test]
fn tuning_goes_on_where_the_search_ended() {
    let mut rng = rng(5);
    let problem = regression(&mut rng);
    // One edge into a node, two into the other, of which one stays.
    let layout = layout(&problem);
    assert_eq!((tunings(&layout, None), tunings(&layout, Some(2)), tunings(&layout, Some(1))), (2, 2, 3));
    let settings = Settings { epochs: 2 * tunings(&layout, Some(1)), ..Settings::darts() };
    let weights = normal((1, 12), &mut rng).row(0).to_owned();
    let alpha = normal((3, 5), &mut rng);
    let mut run = Run::new(&problem, &layout, &settings, weights, alpha, ChaCha8Rng::seed_from_u64(3));
    let data = (&examples(0..20, true), &examples(20..30, false));
    let (pt, mut system) = (PtSettings { tuning: 2, ..PtSettings::default() }, Noting::default());
    assert_eq!(run.progress(), 0.0);
    darts_pt(&mut run, &mut system, data, &pt).unwrap();
    darts_pt_edges(&mut run, &mut system, data, &pt, 1).unwrap();
    assert_eq!(run.epoch, settings.epochs);
    let expected = (0..6).map(|epoch| (1.0, settings.weights.rate.at(f64::from(epoch) / 6.0)));
    assert_eq!(system.0, expected.collect::<Vec<_>>());
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

/// Without tuning every decision on edges can be made again from the outside; what is dropped is not run any more, also while tuning.
#[test]
fn each_node_keeps_the_edges_whose_loss_hurts_most() {
    let mut rng = rng(5);
    let problem = regression(&mut rng);
    // Every edge into one node, in a problem of three edges: two of them stay.
    let layout = Layout::untied(Array2::from_elem((3, 5), true), vec![4, 4, 4]);
    let settings = Settings::darts();
    let data = (&examples(0..20, true), &examples(20..30, false));
    let mut dropped_first = 0;
    for tuning in [0, 2] {
        for seed in 0..6 {
            let (alpha, weights) = (normal((3, 5), &mut rng), normal((1, 12), &mut rng).row(0).to_owned());
            let mut run = Run::new(&problem, &layout, &settings, weights, alpha, ChaCha8Rng::seed_from_u64(seed));
            let pt = PtSettings { tuning, ..PtSettings::default() };
            let mut system = Darts { second: None };
            let selection = darts_pt(&mut run, &mut system, data, &pt).unwrap();
            let decisions = darts_pt_edges(&mut run, &mut system, data, &pt, 2).unwrap();
            assert_eq!(decisions.len(), 1);
            let decision = &decisions[0];
            assert_eq!((decision.node, decision.kept.len()), (4, 2));
            let all = one_hot(5, &selection.operations.concat());
            let validation = Examples { rows: (20..30).collect(), regularised: false };
            for &(edge, without) in &decision.without {
                let mut gates = all.clone();
                gates.row_mut(edge).fill(0.0);
                // The weights have not moved since the edges were judged.
                assert_eq!(without, problem.accuracy_and_entropy(&run.weights, &gates, &validation).unwrap().0);
            }
            let dropped = (0..3).find(|edge| !decision.kept.contains(edge)).unwrap();
            let most = decision.without.iter().map(|(_, without)| *without).fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(decision.without[dropped].1, most);
            assert!(decision.without[dropped + 1..].iter().all(|(_, without)| *without < most), "the last of several");
            dropped_first += usize::from(dropped == 0);
            let mut left = all.clone();
            left.row_mut(dropped).fill(0.0);
            assert_eq!(softmax::gates(&run.alpha), left);
            // One more step: the edge that is gone stays away and gets no gradient.
            let pair = nasproof::search::Pair {
                training: &Examples { rows: (0..20).collect(), regularised: true },
                validation: &validation,
            };
            System::<SoftmaxRegression>::step(&mut system, &mut run, pair).unwrap();
            assert_eq!(softmax::gates(&run.alpha).row(dropped).sum(), 0.0);
            assert!(run.alpha_gradient.unwrap().row(dropped).iter().all(|g| *g == 0.0));
        }
    }
    assert!(dropped_first < 12, "it is not always the first edge");
}

#[test]
fn edges_are_not_chosen_with_a_system_that_samples() {
    let mut rng = rng(6);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let settings = Settings::darts();
    let alpha = normal((3, 5), &mut rng);
    let mut run =
        Run::new(&problem, &layout, &settings, ndarray::Array1::zeros(12), alpha, ChaCha8Rng::seed_from_u64(3));
    let data = (&examples(0..20, true), &examples(20..30, false));
    let error = darts_pt_edges(&mut run, &mut Snas::default(), data, &PtSettings::default(), 1).unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

/// An operation that may not be kept is not, even where losing it hurts most.
#[test]
fn only_candidates_are_kept() {
    let mut rng = rng(7);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let settings = Settings::darts();
    let data = (&examples(0..20, true), &examples(20..30, false));
    let alpha = normal((3, 5), &mut rng);
    let select = |candidates| {
        let weights = ndarray::Array1::from_elem(12, 0.1);
        let mut run = Run::new(&problem, &layout, &settings, weights, alpha.clone(), ChaCha8Rng::seed_from_u64(3));
        let pt = PtSettings { tuning: 0, candidates, ..PtSettings::default() };
        darts_pt(&mut run, &mut Darts { second: None }, data, &pt).unwrap().operations
    };
    let free = select(None);
    let mut candidates = Array2::from_elem((3, 5), true);
    free.iter().enumerate().for_each(|(edge, kept)| candidates[(edge, kept[0])] = false);
    assert!(select(Some(candidates)).iter().zip(&free).all(|(other, free)| other != free));
}

/// A row of parents of which a node keeps two: those whose removal leaves the least stay, with equal gates; what samples one of them is refused.
#[test]
fn several_parents_are_kept() {
    let mut rng = rng(9);
    let problem = regression(&mut rng);
    let (settings, present) = (Settings::darts(), Array2::from_elem((3, 5), true));
    let cell = vec![Cell::Operation { row: 0 }, Cell::Operation { row: 1 }, Cell::Parents { row: 2, keep: 2 }];
    let choices = Choices::new(present.clone(), cell).unwrap();
    let layout = Layout { choices, ..Layout::untied(present, vec![0, 1, 2]) };
    let data = (&examples(0..20, true), &examples(20..30, false));
    let pt = PtSettings { tuning: 0, ..PtSettings::default() };
    let mut apart = 0;
    for seed in 0..6 {
        let (alpha, weights) = (normal((3, 5), &mut rng), normal((1, 12), &mut rng).row(0).to_owned());
        let start = || {
            let rng = ChaCha8Rng::seed_from_u64(seed);
            Run::new(&problem, &layout, &settings, weights.clone(), alpha.clone(), rng)
        };
        let mut run = start();
        let selection = darts_pt(&mut run, &mut Darts { second: None }, data, &pt).unwrap();
        let decision = selection.decisions.iter().find(|decision| decision.edge == 2).unwrap();
        let [first, second] = decision.kept[..] else { panic!("{:?}", decision.kept) };
        assert!(first < second);
        let worst = decision.without[first].max(decision.without[second]);
        let others = (0..5).filter(|o| !decision.kept.contains(o));
        assert!(others.clone().all(|o| decision.without[o] >= worst));
        apart += usize::from(others.clone().any(|o| decision.without[o] > worst));
        let gates = softmax::gates(&run.alpha);
        assert_eq!((gates[(2, first)], gates[(2, second)]), (0.5, 0.5));
        assert_eq!(selection.operations.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 2]);
        let error = darts_pt(&mut start(), &mut Snas::default(), data, &pt).unwrap_err();
        assert!(error.to_string().contains("edges or parents"), "{error}");
    }
    assert!(apart > 0);
}
