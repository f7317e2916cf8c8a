//! The weights of every system move along the loss at a draw of its own: made again beside it from the same random numbers.

use nasproof::{
    optimiser::Schedule,
    problem::{Bilevel, Supernet, only_active, softmax_regression::SoftmaxRegression},
    relaxation::{
        Adversarial, BinaryGate, Controller, Dirichlet, Draw, EdgeNormalised, HardSoft, OneHot, Paths, Perturbed,
        Relaxation, Softmax, UniformPath, Unsampled,
    },
    search::{Level, Pair, Settings, by_name},
    space::Choices,
};
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;

use crate::problems::{agree, layout, normal, ratio, regression, rng, run, size};

/// The gates that the weights are trained at, only what is active, from α before and after its step. In the third epoch of ten.
fn trained_at(
    name: &str,
    (before, after): (&Array2<f64>, &Array2<f64>),
    mut rng: ChaCha8Rng,
    problem: (impl Fn(&Array2<f64>) -> f64, impl Fn(&Array2<f64>) -> Array2<f64>),
) -> Array2<f64> {
    let progress = 2.0 / 9.0;
    let radius = Schedule::Linear(0.03, 0.3).at(progress);
    let choices = Choices::one_each(Array2::from_elem((3, 5), true));
    let of = |draw: &dyn Draw| only_active(draw.gates(), draw.active());
    match name {
        "setn" | "random-nas" => of(&UniformPath::new(&choices).sample(after, &mut rng)),
        "dsnas" => of(&OneHot.sample(before, &mut rng)),
        "proxylessnas" => {
            BinaryGate { paths: Paths::Two }.sample(before, &mut rng);
            of(&OneHot.sample(after, &mut rng))
        }
        "proxylessnas-full" => {
            BinaryGate { paths: Paths::Full }.sample(before, &mut rng);
            of(&OneHot.sample(after, &mut rng))
        }
        "gdas" => {
            let relaxation = HardSoft::new(Schedule::Linear(10.0, 0.1).at(progress), Unsampled::Zero).unwrap();
            relaxation.sample(before, &mut rng);
            of(&relaxation.sample(after, &mut rng))
        }
        "drnas" => {
            Dirichlet::Beta.sample(before, &mut rng);
            of(&Dirichlet::Beta.sample(after, &mut rng))
        }
        "enas" => of(&Controller::new(32, choices).unwrap().sample(before, &mut rng)),
        "pc-darts" => of(&EdgeNormalised::new(vec![0, 1, 1]).at(after)),
        "sdarts-rs" => of(&Perturbed::new(radius).unwrap().sample(after, &mut rng)),
        "sdarts-adv" => {
            let attack = Adversarial::new(radius).unwrap();
            let (loss, cost) = problem;
            of(&attack
                .attack(after, &mut rng, |z| Ok::<_, std::convert::Infallible>(loss(z)), |z| Ok(cost(z)))
                .unwrap())
        }
        _ => of(&Softmax.at(after)),
    }
}

#[test]
fn weights_move_at_a_draw_of_the_system() {
    let problem = regression(&mut rng(1));
    let layout = layout(&problem);
    let training = problem.training();
    for name in [
        "darts-1st",
        "darts-2nd",
        "dsnas",
        "proxylessnas",
        "proxylessnas-full",
        "pc-darts",
        "gdas",
        "drnas",
        "sdarts-rs",
        "sdarts-adv",
        "enas",
        "random-nas",
        "setn",
    ] {
        let mut system = by_name::<SoftmaxRegression>(name).unwrap();
        let level = if name == "dsnas" { Level::Single } else { Level::Bilevel };
        let settings = Settings { epochs: 10, level, ..Settings::darts() };
        let start = system.start(&layout, &mut rng(2)).unwrap();
        let alpha = normal(start.dim(), &mut rng(3));
        let mut run = run(&problem, &layout, &settings, alpha.clone(), &mut rng(4));
        let (weights, velocity, beside) = (run.weights.clone(), run.sgd.velocity().clone(), run.rng.clone());
        let rate = run.rate();
        system.step(&mut run, Pair { training, validation: problem.validation() }).unwrap();
        let at = (
            |z: &Array2<f64>| problem.loss(&weights, z, training),
            |z: &Array2<f64>| problem.cost(&weights, z, training),
        );
        let gates = trained_at(name, (&alpha, &run.alpha), beside, at);
        let moved = |z: &Array2<f64>| {
            let gradient = problem.gradient(&weights, z, training) + 3e-4 * &weights;
            // Momentum 0.9; the gradients here are well below the clip.
            (-rate * (0.9 * &velocity + gradient)).insert_axis(ndarray::Axis(0))
        };
        let got = (&run.weights - &weights).insert_axis(ndarray::Axis(0));
        // The difference of weights of their size, and sums over 20 examples of 15 features.
        let scale = weights.iter().map(|w| w.abs()).sum::<f64>() + size(&got);
        agree(&got, &moved(&gates), scale, 300);
        let elsewhere = moved(Softmax.at(&normal((3, 5), &mut rng(5))).gates());
        assert!(!ratio(&got, &elsewhere, scale, 300).passes(), "{name}");
    }
}
