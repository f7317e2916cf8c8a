//! A step makes the passes that are stated of its system, and no other: what `benches/torch_search.rs` holds its time against.

#[path = "../../benches/common/passes.rs"]
#[allow(dead_code, reason = "each of the programs that share it uses a part")]
mod stated;

use nasproof::{
    linalg::Vector,
    problem::{Bilevel, Supernet, softmax_regression::SoftmaxRegression},
    search::{Darts, Error, Layout, NAMES, Pair, Run, Settings, System, by_name},
};
use ndarray::{Array1, Array2};

use crate::common::{normal, regression, rng};
use stated::{Kind, On, Operations, Passes, STEPS, Watched, address, summary};

/// The passes of one step, with an operation missing on an edge, so that "all" is not the same number everywhere.
fn step<'a>(
    problem: &'a SoftmaxRegression,
    system: &mut dyn System<Watched<'a, SoftmaxRegression>>,
    (moving, number): (bool, usize),
) -> Option<Vec<Passes>> {
    let mut present = Array2::from_elem(problem.gate_shape(), true);
    present[(1, 2)] = false;
    let layout = Layout::untied(present.clone(), vec![0, 1, 1]);
    let watched = Watched::new(problem, present.clone());
    let settings = Settings { warm_up: usize::from(!moving), ..system.settings() };
    let alpha = system.start(&layout, &mut rng(2)).unwrap();
    let weights: Array1<f64> = normal((1, 12), &mut rng(3)).row(0).to_owned();
    let mut run = Run::new(&watched, &layout, &settings, weights, alpha, rng(4));
    run.step = number;
    let (training, validation) = (problem.training(), problem.validation());
    system.step(&mut run, Pair { training, validation }).unwrap();
    assert!(run.weights.is_finite());
    summary(&watched.take(), address(training), address(validation), &present)
}

#[test]
fn a_step_makes_the_stated_passes() {
    // Of the published systems; one that is added may be stated there too.
    assert!(STEPS.len() >= 17);
    assert_eq!(STEPS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), NAMES[..STEPS.len()]);
    let problem = regression(&mut rng(1));
    for (name, passes) in STEPS {
        let mut system = by_name(name).unwrap();
        assert_eq!(step(&problem, system.as_mut(), (true, 0)).as_deref(), Some(*passes), "{name}");
    }
}

/// In the steps that do not move α its pass is not made: before the end of the warm-up, and in four of five steps of ProxylessNAS.
#[test]
fn a_step_that_does_not_move_alpha_trains_the_weights_alone() {
    let problem = regression(&mut rng(1));
    for (name, passes) in STEPS.iter().filter(|(name, _)| *name != "sdarts-adv") {
        let last = passes.iter().rfind(|pass| pass.1 == Kind::Both).map(|pass| vec![*pass]);
        let mut system = by_name(name).unwrap();
        assert_eq!(step(&problem, system.as_mut(), (false, 0)), last, "{name}");
    }
    let mut system = by_name("proxylessnas").unwrap();
    let alone = Some(vec![(On::Training, Kind::Both, Operations::One, 1)]);
    assert_eq!(step(&problem, system.as_mut(), (true, 3)), alone);
}

/// DARTS as it should not be: with the gradient in its α-step, with a pass too many, with all operations where one was sampled.
enum Wasteful {
    Gradient,
    Pass,
    Everything,
}

impl<P: Supernet> System<P> for Wasteful {
    fn name(&self) -> &'static str {
        "wasteful"
    }

    fn settings(&self) -> Settings {
        Settings::darts()
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        use nasproof::relaxation::{Draw, OneHot, Relaxation, Softmax};
        let draw = Softmax.at(&run.alpha);
        match self {
            Self::Gradient => run.evaluate(&draw, pair.validation).map(drop)?,
            Self::Pass => drop((run.cost(&draw, pair.validation)?, run.cost_at(draw.gates(), pair.validation)?)),
            Self::Everything => {
                let one = OneHot.sample(&run.alpha, &mut run.rng);
                run.cost_at(one.gates(), pair.validation)?;
            }
        }
        run.train(&Softmax, pair.training)
    }
}

#[test]
fn waste_is_seen() {
    let problem = regression(&mut rng(1));
    let of = |name: &str| STEPS.iter().find(|(other, _)| *other == name).unwrap().1.to_vec();
    let mut darts = Darts { second: None };
    assert_eq!(step(&problem, &mut darts, (true, 0)), Some(of("darts-1st")));
    for mut wasteful in [Wasteful::Gradient, Wasteful::Pass] {
        assert_ne!(step(&problem, &mut wasteful, (true, 0)), Some(of("darts-1st")));
    }
    let seen = step(&problem, &mut Wasteful::Everything, (true, 0)).unwrap();
    assert_ne!(seen[0], of("gdas")[0]);
    assert_eq!((seen[0].0, seen[0].1), (of("gdas")[0].0, of("gdas")[0].1));
}
