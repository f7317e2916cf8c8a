//! The α-gradient of the systems without noise is their definition, through an oracle that differentiates the map to the gates by dual numbers.

use nasproof::{
    problem::{Bilevel, Supernet},
    search::{Darts, Layout, Pair, PcDarts, Run, Sdarts, Setn, Settings, System, Threat},
};
use ndarray::{Array1, Array2};
use num_dual::DualNum;
use rand::SeedableRng;

use crate::problems::{Dual, agree, cell, dual_softmax, layout, normal, pulled, quadratic, regression, rng, run, size};

type Of<'a, P> = Vec<Box<dyn System<P> + 'a>>;

/// Systems whose α-step is $\nabla_\alpha L_{val}(w,\mathrm{softmax}\,\alpha)$.
fn first_order<P: Supernet>() -> Of<'static, P> {
    vec![
        Box::new(Darts { second: None }),
        Box::new(Sdarts::new(Threat::Random)),
        Box::new(Sdarts::new(Threat::Adversarial)),
        Box::new(Setn::default()),
    ]
}

fn check<P: Supernet<Vector = Array1<f64>>>(problem: &P, layout: &Layout, pair: Pair<'_, P>, n: usize) {
    for (k, mut system) in first_order::<P>().into_iter().enumerate() {
        let mut rng = rng(k as u64 + 10);
        let settings = Settings { epochs: 10, ..Settings::darts() };
        let alpha = normal(layout.shape(), &mut rng);
        let mut run = run(problem, layout, &settings, alpha.clone(), &mut rng);
        let weights = run.weights.clone();
        system.step(&mut run, pair).unwrap();
        let z = nasproof::relaxation::softmax::gates(&alpha);
        let cost = layout.sharing.collect(&problem.cost(&weights, &layout.sharing.expand(&z), pair.validation));
        let expected = pulled(&alpha, &cost, |a| dual_softmax(&a, layout.shape().1));
        agree(run.alpha_gradient.as_ref().unwrap(), &expected, size(&cost), n);
        // And both moved.
        assert!(run.alpha != alpha && run.weights != weights, "{}", system.name());
    }
}

#[test]
fn first_order_systems_on_the_three_problems() {
    let mut rng = rng(1);
    let problem = quadratic(&mut rng);
    check(&problem, &layout(&problem), Pair { training: problem.training(), validation: problem.validation() }, 60);
    let problem = regression(&mut rng);
    check(&problem, &layout(&problem), Pair { training: problem.training(), validation: problem.validation() }, 60);
    let (cell, _, batch) = cell(&mut rng);
    let other = cell.batch(8..16).unwrap();
    check(&cell, &layout(&cell), Pair { training: &batch, validation: &other }, 1000);
}

/// Rows 0 and 2 of the gates are the same edge of two cells: their costs add up.
#[test]
fn shared_rows_get_the_sum_of_their_costs() {
    use nasproof::relaxation::Sharing;
    let mut rng = rng(2);
    let problem = quadratic(&mut rng);
    let sharing = Sharing::new(vec![0, 1, 0], 2).unwrap();
    let layout = Layout { sharing, ..Layout::untied(Array2::from_elem((2, 5), true), vec![0, 0]) };
    check(&problem, &layout, Pair { training: problem.training(), validation: problem.validation() }, 60);
}

#[test]
fn pc_darts_in_operations_and_edges() {
    let mut rng = rng(3);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let settings = Settings { epochs: 10, ..Settings::darts() };
    let mut system = PcDarts::default();
    let mut seeded = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let start =
        System::<nasproof::problem::softmax_regression::SoftmaxRegression>::start(&mut system, &layout, &mut seeded)
            .unwrap();
    assert_eq!(start.dim(), (3, 6));
    let alpha = normal((3, 6), &mut rng);
    let mut run: Run<'_, _> = run(&problem, &layout, &settings, alpha.clone(), &mut rng);
    let weights = run.weights.clone();
    let pair = Pair { training: problem.training(), validation: problem.validation() };
    system.step(&mut run, pair).unwrap();
    // Edge 0 enters a node of its own, edges 1 and 2 share one.
    let map = |v: Vec<Dual>| -> Vec<Dual> {
        let alpha: Vec<Dual> = v.chunks(6).flat_map(|row| row[..5].to_vec()).collect();
        let beta: Vec<Dual> = v.chunks(6).map(|row| row[5].clone().exp()).collect();
        let p = dual_softmax(&alpha, 5);
        let edge = |e: usize| match e {
            0 => beta[0].clone() / beta[0].clone(),
            _ => beta[e].clone() / (beta[1].clone() + beta[2].clone()),
        };
        (0..15).map(|k| p[k].clone() * edge(k / 5)).collect()
    };
    let z = System::<nasproof::problem::softmax_regression::SoftmaxRegression>::strengths(&system, &alpha);
    let cost = problem.cost(&weights, &z, problem.validation());
    agree(run.alpha_gradient.as_ref().unwrap(), &pulled(&alpha, &cost, map), size(&cost), 60);
}

/// In the first epochs of PC-DARTS α stays, and the weights move.
#[test]
fn alpha_waits_for_its_epoch() {
    let mut rng = rng(4);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let settings = Settings { epochs: 10, warm_up: 3, ..Settings::darts() };
    let alpha = normal(layout.shape(), &mut rng);
    let mut run = run(&problem, &layout, &settings, alpha.clone(), &mut rng);
    let pair = Pair { training: problem.training(), validation: problem.validation() };
    let weights = run.weights.clone();
    Darts { second: None }.step(&mut run, pair).unwrap();
    assert!(run.alpha == alpha && run.weights != weights);
    run.epoch = 3;
    Darts { second: None }.step(&mut run, pair).unwrap();
    assert!(run.alpha != alpha);
}
