//! ENAS: an LSTM proposes, the accuracy of a validation batch disposes.

use ndarray::Array2;
use rand_chacha::ChaCha8Rng;

use super::{Error, Landscape, Layout, Number, Pair, Policy, Range, Run, Settings, System, candidates};
use crate::{
    optimiser::{AdamSettings, Schedule},
    problem::Supernet,
    relaxation::{Controller, Draw, Relaxation, Score},
};

/// What ENAS is run with besides [`Settings`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnasOptions {
    /// Units of the LSTM; 32.
    pub units: usize,
    /// The weight of the entropy in the reward; 1e-4.
    pub entropy: f64,
    /// How much of the baseline stays at each reward; 0.99.
    pub baseline_decay: f64,
    /// Rewards averaged for one step of the controller; 20.
    pub aggregate: usize,
    /// Architectures tried in the end; 100.
    pub candidates: usize,
}

impl Default for EnasOptions {
    fn default() -> Self {
        Self { units: 32, entropy: 1e-4, baseline_decay: 0.99, aggregate: 20, candidates: 100 }
    }
}

/// ENAS. Its $\alpha$ are the weights of the controller.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Enas {
    options: EnasOptions,
    controller: Option<Controller>,
    baseline: Option<f64>,
    /// The sum of the gradients since the last step, and how many there were.
    pending: Option<(Array2<f64>, usize)>,
}

impl Enas {
    /// With these options; [`Enas::default`] has the published ones.
    pub fn new(options: EnasOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// The controller, once the search has started.
    pub fn controller(&self) -> Option<&Controller> {
        self.controller.as_ref()
    }

    /// $b$, an exponential average of the rewards, once there was one.
    pub fn baseline(&self) -> Option<f64> {
        self.baseline
    }

    fn started(&self) -> Result<Controller, Error> {
        self.controller.clone().ok_or(Error::Missing {
            system: "enas",
            what: "a controller",
            advice: "call start with the layout before the first step, as search does",
        })
    }
}

impl<P: Supernet> System<P> for Enas {
    fn name(&self) -> &'static str {
        "enas"
    }

    /// NAS-Bench-201 (`D-X-Y/AutoDL-Projects`, `configs/nas-benchmark/algos/ENAS.config`): 310 epochs of batches of 128; SGD 0.05 → 0.0005, Nesterov, decay
    /// 2.5e-4; the controller's Adam has rate 1e-3, betas (0, 0.999), $\epsilon=10^{-3}$ and no decay. The published cosine has a period of ten epochs; here it falls
    /// once.
    fn settings(&self) -> Settings {
        let alpha = AdamSettings { rate: 1e-3, betas: (0.0, 0.999), epsilon: 1e-3, decay: 0.0 };
        let mut settings = Settings { epochs: 310, batch: 128, alpha, ..Settings::nas_bench_201() };
        (settings.weights.rate, settings.weights.decay) = (Schedule::Cosine(0.05, 0.0005), 2.5e-4);
        settings
    }

    fn numbers(&mut self) -> Vec<Number<'_>> {
        let EnasOptions { units, entropy, baseline_decay, aggregate, candidates } = &mut self.options;
        vec![
            Number::count("units", units, 1024),
            Number::real("entropy-weight", entropy, Range::Natural),
            Number::real("baseline-decay", baseline_decay, Range::Decay),
            Number::count("aggregate", aggregate, 1_000_000),
            Number::count("candidates", candidates, 10_000),
        ]
    }

    /// None where the controller also chooses edges or parents: there are no logits of theirs to add to.
    fn landscape(&self, alpha: &Array2<f64>, _: f64) -> Option<Landscape> {
        let (controller, weights) = (self.controller.clone()?, alpha.clone());
        if !controller.choices().is_one_each() {
            return None;
        }
        let likely = controller.strengths(alpha);
        let conditionals = Box::new(move |path: &[usize]| controller.at(&weights, path).conditionals());
        Some(Landscape::Paths(Policy { conditionals, likely, in_decisions: true }))
    }

    fn start(&mut self, layout: &Layout, rng: &mut ChaCha8Rng) -> Result<Array2<f64>, Error> {
        (self.baseline, self.pending) = (None, None);
        Ok(self.controller.insert(Controller::new(self.options.units, layout.choices.clone())?).initial(rng))
    }

    /// The baseline and the gradients that wait for a step.
    fn memory(&self) -> serde_json::Value {
        let pending = self.pending.as_ref().map(|(sum, count)| (sum.iter().collect::<Vec<_>>(), count));
        serde_json::json!({ "baseline": self.baseline, "pending": pending })
    }

    fn recall(&mut self, layout: &Layout, memory: &serde_json::Value) -> Result<(), Error> {
        #[derive(serde::Deserialize)]
        struct Memory {
            baseline: Option<f64>,
            pending: Option<(Vec<f64>, usize)>,
        }
        let damaged = |what: String| Error::Memory { system: "enas", what };
        let controller = Controller::new(self.options.units, layout.choices.clone())?;
        let Memory { baseline, pending } =
            serde_json::from_value(memory.clone()).map_err(|error| damaged(error.to_string()))?;
        let expected = (1, controller.weight_count());
        let whole = |(sum, count): (Vec<f64>, usize)| {
            let given = sum.len();
            let sum = Array2::from_shape_vec(expected, sum)
                .map_err(|_| damaged(format!("{given} numbers for {} weights of the controller", expected.1)))?;
            Ok::<_, Error>((sum, count))
        };
        self.pending = pending.map(whole).transpose()?;
        (self.baseline, self.controller) = (baseline, Some(controller));
        Ok(())
    }

    /// Reward $R=\text{accuracy}+10^{-4}\,\text{entropy}$ (minus the loss where the problem has no accuracy); $b$ moves first, as published, and
    /// starts at the first accuracy; then $-(R-b)\nabla\log p$, averaged over `aggregate` proposals.
    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        let controller = self.started()?;
        run.train(&controller, pair.training)?;
        if !run.alpha_moves() {
            return Ok(());
        }
        let draw = controller.sample(&run.alpha, &mut run.rng);
        let merit = run.merit(draw.gates(), pair.validation)?;
        let reward = merit + self.options.entropy * draw.entropy;
        let baseline = match self.baseline {
            None => merit,
            Some(b) => b - (1.0 - self.options.baseline_decay) * (b - reward),
        };
        self.baseline = Some(baseline);
        let gradient = draw.score() * (baseline - reward);
        let (sum, count) = match self.pending.take() {
            None => (gradient, 1),
            Some((sum, count)) => (sum + gradient, count + 1),
        };
        if count >= self.options.aggregate.max(1) {
            run.step_alpha(sum / count as f64)?;
        } else {
            self.pending = Some((sum, count));
        }
        Ok(())
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        self.controller.as_ref().map_or_else(|| Array2::zeros((0, 0)), |controller| controller.strengths(alpha))
    }

    /// The cell of the likeliest decisions.
    fn gates(&self, alpha: &Array2<f64>) -> Array2<f64> {
        let likeliest = self.controller.as_ref().map(|controller| controller.greedy(alpha).gates().clone());
        likeliest.unwrap_or_else(|| Array2::zeros((0, 0)))
    }

    fn mixes_by_softmax(&self) -> bool {
        false
    }

    fn tries_candidates(&self) -> bool {
        true
    }

    /// The best of 100 proposals, each on one validation batch.
    fn architecture(&mut self, run: &mut Run<'_, P>, judges: &[&P::Batch]) -> Result<Array2<f64>, Error> {
        let controller = self.started()?;
        let draw = |_| controller.sample(&run.alpha, &mut run.rng).gates().clone();
        let tried: Vec<Array2<f64>> = (0..self.options.candidates.max(1)).map(draw).collect();
        candidates::best_of(run, tried, judges)
    }
}
