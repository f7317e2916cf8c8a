//! A search in progress, as its system sees it.

use ndarray::{Array2, Zip};
use rand_chacha::ChaCha8Rng;

use super::{Error, Layout, Level, Settings};
use crate::{
    linalg::Vector,
    optimiser::{Adam, Moments, Sgd},
    problem::{ConstantCost, Derivatives, Supernet},
    relaxation::{Draw, Relaxation, resource::Constraint},
};

/// The batches of one step.
pub struct Pair<'a, P: Supernet + ?Sized> {
    /// What the weights are trained on.
    pub training: &'a P::Batch,
    /// What $\alpha$ is judged on: on one level the same.
    pub validation: &'a P::Batch,
}

impl<P: Supernet + ?Sized> Clone for Pair<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Supernet + ?Sized> Copy for Pair<'_, P> {}

/// What a search goes on with between two epochs, besides what its system remembers ([`System::memory`](super::System::memory)).
#[derive(Debug, Clone)]
pub struct State<V> {
    /// $\theta$.
    pub weights: V,
    /// The momentum of the weights.
    pub velocity: V,
    /// $\alpha$.
    pub alpha: Array2<f64>,
    /// Those of $\alpha$.
    pub moments: Moments,
    /// Epochs finished.
    pub epoch: usize,
}

/// The state of a search.
pub struct Run<'a, P: Supernet> {
    /// The supernet.
    pub problem: &'a P,
    /// Which gates follow which row of $\alpha$.
    pub layout: &'a Layout,
    /// The hyperparameters.
    pub settings: &'a Settings,
    /// $\theta$.
    pub weights: P::Vector,
    /// $\alpha$, in the shape that the relaxation wants.
    pub alpha: Array2<f64>,
    /// All that is random in the system.
    pub rng: ChaCha8Rng,
    /// The epoch, from 0.
    pub epoch: usize,
    /// The step within the epoch, from 0.
    pub step: usize,
    /// The weights' optimiser.
    pub sgd: Sgd<P::Vector>,
    /// The last gradient that moved $\alpha$ (before decay).
    pub alpha_gradient: Option<Array2<f64>>,
    /// The largest relative difference of finite and exact cross products in this epoch, where both were computed.
    pub discrepancy: Option<f64>,
    /// Whether the system's own schedules (temperatures, radii) have come to their end: a supernet that was searched with is only tuned, as DARTS-PT
    /// does it. The step of the weights goes on changing.
    pub settled: bool,
    /// The loss of the last evaluation; NaN before the first.
    pub last_loss: f64,
    adam: Adam,
    /// Of training and of validation batches.
    tallies: [Tally; 2],
}

/// Costs since they were last taken, $E\times O$: their sum and their number.
struct Tally {
    sum: Array2<f64>,
    count: Array2<usize>,
}

impl Tally {
    fn new(shape: (usize, usize)) -> Self {
        Self { sum: Array2::zeros(shape), count: Array2::zeros(shape) }
    }
}

impl<'a, P: Supernet> Run<'a, P> {
    /// Before the first step.
    pub fn new(
        problem: &'a P,
        layout: &'a Layout,
        settings: &'a Settings,
        weights: P::Vector,
        alpha: Array2<f64>,
        rng: ChaCha8Rng,
    ) -> Self {
        let (velocity, moments) = (weights.zeros_like(), Moments::zeros(alpha.dim()));
        Self::resumed(problem, layout, settings, State { weights, velocity, alpha, moments, epoch: 0 }, rng)
    }

    /// Going on from a state.
    pub fn resumed(
        problem: &'a P,
        layout: &'a Layout,
        settings: &'a Settings,
        state: State<P::Vector>,
        rng: ChaCha8Rng,
    ) -> Self {
        let State { weights, velocity, alpha, moments, epoch } = state;
        let shape = problem.gate_shape();
        Self {
            sgd: Sgd::resumed(settings.weights, velocity),
            adam: Adam::resumed(settings.alpha, moments),
            tallies: [(); 2].map(|()| Tally::new(shape)),
            problem,
            layout,
            settings,
            weights,
            alpha,
            rng,
            epoch,
            step: 0,
            alpha_gradient: None,
            discrepancy: None,
            settled: false,
            last_loss: f64::NAN,
        }
    }

    /// What it goes on with.
    pub fn into_state(self) -> State<P::Vector> {
        State {
            weights: self.weights,
            velocity: self.sgd.into_velocity(),
            alpha: self.alpha,
            moments: self.adam.moments().clone(),
            epoch: self.epoch,
        }
    }

    /// The part of the search that is done at the beginning of this epoch, from 0 to 1 in the last one; 1 where it is [settled](Run::settled).
    pub fn progress(&self) -> f64 {
        if self.settled {
            return 1.0;
        }
        let last = self.settings.epochs.saturating_sub(1).max(1);
        self.epoch as f64 / last as f64
    }

    /// The step of the weights in this epoch. The cosine of PyTorch's scheduler ends an epoch after the last.
    pub fn rate(&self) -> f64 {
        self.settings.weights.rate.at(self.epoch as f64 / self.settings.epochs.max(1) as f64)
    }

    /// Whether $\alpha$ moves already.
    pub fn alpha_moves(&self) -> bool {
        self.epoch >= self.settings.warm_up
    }

    /// Loss, gradient and cost at the gates of a draw, only what is active being evaluated; the cost is summed to the rows of $\alpha$, and recorded as one of the
    /// training split.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn evaluate<D: Draw>(&mut self, draw: &D, batch: &P::Batch) -> Result<Derivatives<P::Vector>, Error> {
        let (gates, active) = (self.layout.sharing.expand(draw.gates()), self.layout.sharing.expand(draw.active()));
        let mut out = self.problem.cost_and_gradient(&self.weights, &gates, &active, batch);
        out.cost = self.noted(0, out.loss, &out.cost, &active)?;
        Ok(out)
    }

    /// The cost alone, as [`Run::evaluate`] has it, recorded as one of the split that $\alpha$ is judged on: all that a step of $\alpha$ needs, and cheaper than with the
    /// gradient.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn cost<D: Draw>(&mut self, draw: &D, batch: &P::Batch) -> Result<Array2<f64>, Error> {
        let (gates, active) = (self.layout.sharing.expand(draw.gates()), self.layout.sharing.expand(draw.active()));
        let (loss, cost) = self.problem.loss_and_cost(&self.weights, &gates, &active, batch);
        self.noted(self.judge(), loss, &cost, &active)
    }

    /// [`Run::cost`], and $\langle\partial L/\partial y_e,\mathbf1\rangle$ for each of the $E$ rows of gates; `None` where the supernet does not tell.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn cost_and_constant<D: Draw>(&mut self, draw: &D, batch: &P::Batch) -> Result<Option<ConstantCost>, Error> {
        let (gates, active) = (self.layout.sharing.expand(draw.gates()), self.layout.sharing.expand(draw.active()));
        let Some(mut out) = self.problem.cost_and_constant(&self.weights, &gates, &active, batch) else {
            return Ok(None);
        };
        out.cost = self.noted(self.judge(), out.loss, &out.cost, &active)?;
        Ok(Some(out))
    }

    /// The split that $\alpha$ is judged on.
    fn judge(&self) -> usize {
        usize::from(self.settings.level == Level::Bilevel)
    }

    /// Keeps loss and cost for the record; the cost, summed to the rows of $\alpha$.
    fn noted(
        &mut self,
        split: usize,
        loss: f64,
        cost: &Array2<f64>,
        active: &Array2<bool>,
    ) -> Result<Array2<f64>, Error> {
        self.last_loss = loss;
        self.check("loss", loss.is_finite())?;
        self.check("cost", cost.iter().all(|c| c.is_finite()))?;
        let Tally { sum, count } = &mut self.tallies[split];
        Zip::from(sum).and(count).and(cost).and(active).for_each(|sum, count, &cost, &on| {
            if on {
                *sum += cost;
                *count += 1;
            }
        });
        Ok(self.layout.sharing.collect(cost))
    }

    /// The loss at mixed gates, rows of $\alpha\times O$, everything being evaluated; not for the record.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn loss_at(&self, gates: &Array2<f64>, batch: &P::Batch) -> Result<f64, Error> {
        let loss = self.problem.loss(&self.weights, &self.layout.sharing.expand(gates), batch);
        self.check("loss", loss.is_finite())?;
        Ok(loss)
    }

    /// The cost there, rows of $\alpha\times O$; not for the record either.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn cost_at(&self, gates: &Array2<f64>, batch: &P::Batch) -> Result<Array2<f64>, Error> {
        let sharing = &self.layout.sharing;
        let active = sharing.expand(&self.layout.present);
        let (loss, cost) = self.problem.loss_and_cost(&self.weights, &sharing.expand(gates), &active, batch);
        self.check("loss", loss.is_finite())?;
        Ok(sharing.collect(&cost))
    }

    /// The accuracy at gates (rows of $\alpha\times O$) on a batch, or minus the loss where the problem has no accuracy.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn merit(&self, gates: &Array2<f64>, batch: &P::Batch) -> Result<f64, Error> {
        let gates = self.layout.sharing.expand(gates);
        let merit = match self.problem.accuracy_and_entropy(&self.weights, &gates, batch) {
            Some((accuracy, _)) => accuracy,
            None => -self.problem.loss(&self.weights, &gates, batch),
        };
        self.check("merit of a candidate", merit.is_finite())?;
        Ok(merit)
    }

    /// Moves the weights along a gradient.
    ///
    /// # Errors
    /// [`Error::NotFinite`]; then they have not moved.
    pub fn step_weights(&mut self, gradient: &P::Vector) -> Result<(), Error> {
        self.check("gradient in the weights", gradient.is_finite())?;
        let rate = self.rate();
        self.sgd.step(&mut self.weights, gradient, rate);
        Ok(())
    }

    /// Moves $\alpha$ along a gradient.
    ///
    /// # Errors
    /// [`Error::NotFinite`]; then it has not moved.
    pub fn step_alpha(&mut self, gradient: Array2<f64>) -> Result<(), Error> {
        self.check("gradient in α", gradient.iter().all(|g| g.is_finite()))?;
        self.adam.step(&mut self.alpha, &gradient);
        self.alpha_gradient = Some(gradient);
        Ok(())
    }

    /// The step of a system that draws the gates for $\alpha$ and for the weights alike. On two levels: a draw on the validation batch moves $\alpha$, a fresh one on the training batch the
    /// weights. On one level: a single draw on the training batch moves both. The exact gradient of a resource constraint is added to that of $\alpha$.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn round<R: Relaxation>(
        &mut self,
        relaxation: &R,
        constraint: Option<&Constraint>,
        pair: Pair<'_, P>,
    ) -> Result<(), Error> {
        if self.alpha_moves() {
            let draw = relaxation.sample(&self.alpha, &mut self.rng);
            let with = |alpha: &Array2<f64>, gradient: Array2<f64>| match constraint {
                Some(constraint) => gradient + constraint.gradient(alpha),
                None => gradient,
            };
            if self.settings.level == Level::Single {
                let at = self.evaluate(&draw, pair.training)?;
                self.step_alpha(with(&self.alpha, draw.pull_back(&at.cost)))?;
                return self.step_weights(&at.gradient);
            }
            let cost = self.cost(&draw, pair.validation)?;
            self.step_alpha(with(&self.alpha, draw.pull_back(&cost)))?;
        }
        self.train(relaxation, pair.training)
    }

    /// Moves the weights at a fresh draw.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn train<W: Relaxation>(&mut self, relaxation: &W, batch: &P::Batch) -> Result<(), Error> {
        let draw = relaxation.sample(&self.alpha, &mut self.rng);
        let at = self.evaluate(&draw, batch)?;
        self.step_weights(&at.gradient)
    }

    /// The mean cost of each gate, $E\times O$, over the evaluations since the last call, and how many there were, on training batches and on validation batches;
    /// NaN where there was none.
    pub(super) fn take_costs(&mut self) -> [(Array2<f64>, Array2<usize>); 2] {
        self.tallies.each_mut().map(|tally| {
            let Tally { sum, count } = std::mem::replace(tally, Tally::new(tally.sum.dim()));
            (sum / count.mapv(|n| n as f64), count)
        })
    }

    fn check(&self, what: &'static str, finite: bool) -> Result<(), Error> {
        if finite { Ok(()) } else { Err(Error::NotFinite { what, epoch: self.epoch, step: self.step }) }
    }
}
