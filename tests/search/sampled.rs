//! The α-step of the systems that sample, with their own draw: the random numbers are those of the run, so the draw can be made again beside it.

use nasproof::{
    linalg::TestRatio,
    optimiser::{AdamSettings, Schedule},
    problem::{Bilevel, Supernet, only_active, softmax_regression::SoftmaxRegression},
    relaxation::{
        Anchor, BinaryGate, Controller, Dirichlet, Draw, OneHot, Paths, Relaxation, Score, Unsampled, concentrations,
        gumbel, resource::Constraint, softmax,
    },
    search::{DrNas, Dsnas, Enas, EnasOptions, Gdas, Layout, Level, Pair, ProxylessNas, Run, Settings, Snas, System},
};
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;

use crate::problems::{agree, dual_softmax, layout, normal, pulled, regression, rng, run, size};

struct Setup {
    problem: SoftmaxRegression,
    layout: Layout,
    settings: Settings,
    alpha: Array2<f64>,
}

impl Setup {
    fn new(seed: u64, level: Level) -> Self {
        let mut rng = rng(seed);
        let problem = regression(&mut rng);
        let layout = layout(&problem);
        let settings = Settings { epochs: 10, level, ..Settings::darts() };
        let alpha = normal((3, 5), &mut rng);
        Self { problem, layout, settings, alpha }
    }

    fn run(&self) -> Run<'_, SoftmaxRegression> {
        run(&self.problem, &self.layout, &self.settings, self.alpha.clone(), &mut rng(99))
    }

    fn pair(&self) -> Pair<'_, SoftmaxRegression> {
        Pair { training: self.problem.training(), validation: self.problem.validation() }
    }

    /// The cost of what is active at some gates on the batch that moves α, at the weights before the step.
    fn cost(&self, draw: &impl Draw, batch: &<SoftmaxRegression as Supernet>::Batch) -> Array2<f64> {
        only_active(&self.problem.cost(&self.run().weights, draw.gates(), batch), draw.active())
    }
}

/// On one level: the training batch, one draw, both parameters; on two the validation batch.
#[test]
fn snas_is_pathwise_through_its_own_noise() {
    for level in [Level::Single, Level::Bilevel] {
        let setup = Setup::new(1, level);
        let mut run = setup.run();
        let noise = gumbel((3, 5), &mut run.rng.clone());
        let mut system = Snas { temperature: Schedule::Constant(0.4), constraint: None };
        system.step(&mut run, setup.pair()).unwrap();
        let map = |a: Vec<crate::problems::Dual>| {
            dual_softmax(&a.into_iter().zip(&noise).map(|(a, &g)| (a + g) / 0.4).collect::<Vec<_>>(), 5)
        };
        let z = softmax::gates(&((&setup.alpha + &noise) / 0.4));
        let batch = if level == Level::Single { setup.problem.training() } else { setup.problem.validation() };
        let before = setup.run();
        let cost = setup.problem.cost(&before.weights, &z, batch);
        agree(run.alpha_gradient.as_ref().unwrap(), &pulled(&setup.alpha, &cost, map), size(&cost) / 0.4, 60);
        if level == Level::Single {
            // The weights moved at the same gates.
            let mut expected = before;
            let gradient = setup.problem.gradient(&expected.weights, &z, setup.problem.training());
            expected.step_weights(&gradient).unwrap();
            let difference = (&run.weights - &expected.weights).iter().map(|d| d.abs()).sum::<f64>();
            let scale = expected.weights.iter().map(|w| w.abs()).sum::<f64>();
            assert!(TestRatio::quotient(difference, 60.0 * f64::EPSILON * scale).passes());
        }
    }
}

#[test]
fn the_resource_constraint_adds_its_exact_gradient() {
    let setup = Setup::new(2, Level::Single);
    let table = normal((3, 5), &mut rng(3)).mapv(f64::abs);
    let [without, with] = [None, Some(Constraint::new(table.clone()).unwrap())].map(|constraint| {
        let mut run = setup.run();
        Dsnas { constraint }.step(&mut run, setup.pair()).unwrap();
        run.alpha_gradient.unwrap()
    });
    agree(&(with - &without), &pulled(&setup.alpha, &table, |a| dual_softmax(&a, 5)), size(&table) + 10.0, 20);
}

#[test]
fn dsnas_is_the_score_times_the_cost_of_the_sampled_operation() {
    let setup = Setup::new(3, Level::Single);
    let mut run = setup.run();
    let draw = OneHot.sample(&setup.alpha, &mut run.rng.clone());
    Dsnas::default().step(&mut run, setup.pair()).unwrap();
    let cost = setup.problem.cost(&setup.run().weights, draw.gates(), setup.problem.training());
    let p = softmax::gates(&setup.alpha);
    let expected = Array2::from_shape_fn((3, 5), |(e, k)| {
        let s = draw.chosen[e];
        cost[(e, s)] * (f64::from(u8::from(k == s)) - p[(e, k)])
    });
    agree(run.alpha_gradient.as_ref().unwrap(), &expected, size(&cost), 60);
}

#[test]
fn gdas_under_either_convention() {
    for unsampled in [Unsampled::Zero, Unsampled::Constant] {
        let setup = Setup::new(4, Level::Bilevel);
        let mut run = setup.run();
        let noise = gumbel((3, 5), &mut run.rng.clone());
        let mut system = Gdas { temperature: Schedule::Constant(2.0), unsampled };
        system.step(&mut run, setup.pair()).unwrap();
        let perturbed = &setup.alpha + &noise;
        let chosen = nasproof::search::strongest(&perturbed);
        let z = nasproof::relaxation::one_hot(5, &chosen);
        let weights = setup.run().weights;
        let full = setup.problem.cost(&weights, &z, setup.problem.validation());
        // Every edge adds to the same map; 1 in place of an operation's features costs the sum of its cotangent.
        let constant = setup.problem.constant_cost(&weights, &z, setup.problem.validation()).unwrap();
        let cost = Array2::from_shape_fn((3, 5), |(e, o)| match unsampled {
            _ if o == chosen[e] => full[(e, o)],
            Unsampled::Zero => 0.0,
            Unsampled::Constant => constant[e],
        });
        let soft = softmax::gates(&(perturbed / 2.0));
        let expected = Array2::from_shape_fn((3, 5), |(e, k)| {
            let mean: f64 = (0..5).map(|j| soft[(e, j)] * cost[(e, j)]).sum();
            soft[(e, k)] * (cost[(e, k)] - mean) / 2.0
        });
        agree(run.alpha_gradient.as_ref().unwrap(), &expected, size(&cost), 60);
    }
}

#[test]
fn proxylessnas_moves_two_logits_an_edge_and_keeps_their_mass() {
    let mut setup = Setup::new(5, Level::Bilevel);
    setup.settings.alpha = AdamSettings { rate: 0.1, betas: (0.0, 0.999), epsilon: 1e-8, decay: 0.0 };
    let mut run = setup.run();
    let draw = BinaryGate { paths: Paths::Two }.sample(&setup.alpha, &mut run.rng.clone());
    ProxylessNas::default().step(&mut run, setup.pair()).unwrap();
    let cost = setup.cost(&draw, setup.problem.validation());
    let q = &draw.probabilities;
    let expected = Array2::from_shape_fn((3, 5), |(e, i)| {
        q[(e, i)] * (cost[(e, i)] - (0..5).map(|j| q[(e, j)] * cost[(e, j)]).sum::<f64>())
    });
    agree(run.alpha_gradient.as_ref().unwrap(), &expected, size(&cost), 60);
    let (before, after) = (softmax::gates(&setup.alpha), softmax::gates(&run.alpha));
    for ((&p, &q), &on) in before.iter().zip(&after).zip(draw.active()) {
        assert!(on && p != q || TestRatio::identity(p, q, p, 10).passes());
    }
    // Only every fifth step moves α.
    let alpha = run.alpha.clone();
    run.step = 3;
    ProxylessNas::default().step(&mut run, setup.pair()).unwrap();
    assert_eq!(run.alpha, alpha);
}

#[test]
fn drnas_is_implicit_with_its_anchor() {
    let setup = Setup::new(6, Level::Bilevel);
    let mut run = setup.run();
    let draw = Dirichlet::Beta.sample(&setup.alpha, &mut run.rng.clone());
    DrNas { anchor: Anchor::Distance, scale: 0.3 }.step(&mut run, setup.pair()).unwrap();
    let cost = setup.problem.cost(&setup.run().weights, draw.gates(), setup.problem.validation());
    // 0.15 ‖β − 1‖² in α.
    let anchor = pulled(&setup.alpha, &Array2::ones((3, 5)), |a| {
        use num_dual::DualNum;
        let beta = a.into_iter().map(|a| if a.re > 0.0 { a + 1.0 } else { a.exp() });
        beta.map(|b| (b.clone() - 1.0) * (b - 1.0) * 0.15).collect()
    });
    let expected = draw.pull_back(&cost) + &anchor;
    agree(run.alpha_gradient.as_ref().unwrap(), &expected, size(&cost) + size(&concentrations(&setup.alpha)), 60);
    assert!(size(&anchor) > 0.1);
    // The divergence in the place of the distance moves the gradient by the difference of theirs.
    let mut other = setup.run();
    DrNas { anchor: Anchor::Divergence, scale: 0.3 }.step(&mut other, setup.pair()).unwrap();
    let [distance, divergence] = [Anchor::Distance, Anchor::Divergence].map(|anchor| anchor.gradient(&setup.alpha));
    let moved = other.alpha_gradient.unwrap() - run.alpha_gradient.as_ref().unwrap();
    agree(&moved, &(0.3 * (divergence - distance)), size(&expected), 60);
}

/// Three proposals to a step: the mean of $-(R-b)\nabla\log p$, $b$ moving before it is used.
#[test]
fn enas_descends_the_score_of_its_proposals() {
    let setup = Setup::new(7, Level::Bilevel);
    let mut system = Enas::new(EnasOptions { units: 4, aggregate: 3, baseline_decay: 0.9, ..EnasOptions::default() });
    let start = System::<SoftmaxRegression>::start(&mut system, &setup.layout, &mut rng(8)).unwrap() * 10.0;
    let mut run = run(&setup.problem, &setup.layout, &setup.settings, start.clone(), &mut rng(9));
    let controller = Controller::new(4, setup.layout.choices.clone()).unwrap();
    let (mut expected, mut baseline) = (Array2::<f64>::zeros(start.dim()), None);
    for _ in 0..3 {
        let mut beside: ChaCha8Rng = run.rng.clone();
        assert!(run.alpha_gradient.is_none());
        system.step(&mut run, setup.pair()).unwrap();
        // The first draw trains the weights, the second is judged at the trained ones.
        controller.sample(&start, &mut beside);
        let draw = controller.sample(&start, &mut beside);
        let validation = setup.problem.validation();
        let (accuracy, _) = setup.problem.accuracy_and_entropy(&run.weights, draw.gates(), validation).unwrap();
        let reward = accuracy + 1e-4 * draw.entropy;
        let b = baseline.map_or(accuracy, |b: f64| b - 0.1 * (b - reward));
        baseline = Some(b);
        expected -= &(draw.score() * ((reward - b) / 3.0));
    }
    assert_eq!(system.baseline(), baseline);
    agree(run.alpha_gradient.as_ref().unwrap(), &expected, size(&expected), 20);
}
