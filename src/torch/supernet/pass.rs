//! Forward passes, and what one backward pass gives.

use std::{borrow::Cow, rc::Rc};

use ndarray::Array2;
use tch::{Kind, Reduction, TchError, Tensor, no_grad, with_grad};

use super::{
    TorchSupernet,
    graph::{Graph, backward, flat},
    kept::{Point, Recording},
};
use crate::{
    problem::only_active,
    torch::{Error, Input, MiniBatch, Network, Normalisation, TensorVector, batch::Examples, error::Doing, host},
};

/// Which derivatives a pass is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// $\partial L/\partial\theta$.
    pub gradient: bool,
    /// $C=\partial L/\partial Z$.
    pub cost: bool,
    /// The logits.
    pub logits: bool,
}

impl Wanted {
    /// The loss alone.
    pub const LOSS: Self = Self { gradient: false, cost: false, logits: false };
    /// Loss and gradient.
    pub const GRADIENT: Self = Self { gradient: true, cost: false, logits: false };
    /// Loss and cost.
    pub const COST: Self = Self { gradient: false, cost: true, logits: false };
    /// Everything, from one backward pass.
    pub const BOTH: Self = Self { gradient: true, cost: true, logits: false };

    fn any(self) -> bool {
        self.gradient || self.cost
    }
}

/// What one pass over mini-batches gave.
#[derive(Debug, Clone)]
pub struct Pass {
    /// $L$.
    pub loss: f64,
    /// The mean over the mini-batches of the share of examples whose class was predicted, in $\lbrack 0,1\rbrack$.
    pub accuracy: f64,
    /// The mean over the mini-batches of the mean entropy of the predicted distribution.
    pub entropy: f64,
    /// $\partial L/\partial\theta$, where wanted.
    pub gradient: Option<TensorVector>,
    /// $C=\partial L/\partial Z$, $E\times O$, where wanted; 0 at the operations that were not run.
    pub cost: Option<Array2<f64>>,
    /// The logits of each mini-batch, examples × classes, where wanted.
    pub logits: Vec<Array2<f64>>,
}

/// What of a forward pass is the same for every mini-batch.
pub(super) struct Setting<'a> {
    pub(super) leaves: Rc<Vec<Tensor>>,
    pub(super) gates: Tensor,
    pub(super) active: &'a Array2<bool>,
    pub(super) normalisation: Normalisation,
    pub(super) seed: i64,
    /// The constants of the rows of gates, where they are differentiated by.
    pub(super) constants: Option<Tensor>,
}

/// Where a loss is differentiated.
pub(super) struct At<'a> {
    pub(super) weights: &'a TensorVector,
    pub(super) gates: &'a Array2<f64>,
    pub(super) batch: &'a [MiniBatch],
}

impl<N: Network> TorchSupernet<N> {
    /// Loss, and the derivatives wanted, of the mean over `batch` when only the operations in `active` are run (a subset of the evaluated ones; `None`
    /// stands for all of these), with any statistics: [`Normalisation::Train`] moves the stored ones. Nothing is kept.
    ///
    /// # Errors
    /// [`Error`]: shapes, labels beyond the classes, no mini-batch, or libtorch.
    pub fn pass(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        active: Option<&Array2<bool>>,
        batch: &[MiniBatch],
        normalisation: Normalisation,
        wanted: Wanted,
    ) -> Result<Pass, Error> {
        let gates = closed(gates, active);
        let run = active.unwrap_or(&self.network.gates().mask);
        let setting = self.setting(weights, &gates, run, normalisation, wanted.cost)?;
        let mut sum = Sum::default();
        for (index, mini_batch) in at_least_one(batch)?.iter().enumerate() {
            let part = self.with_room(normalisation, || self.one(&setting, index, mini_batch.examples(), wanted))?;
            sum.add(part)?;
        }
        let mut pass = sum.mean()?;
        pass.cost = pass.cost.map(|cost| only_active(&cost, run));
        Ok(pass)
    }

    /// One mini-batch.
    fn one(
        &self,
        setting: &Setting<'_>,
        index: usize,
        examples: Examples<'_>,
        wanted: Wanted,
    ) -> Result<Summand, Error> {
        let (logits, loss) = if wanted.any() {
            with_grad(|| self.forward(setting, index, examples))?
        } else {
            no_grad(|| self.forward(setting, index, examples))?
        };
        let leaves: &[Tensor] = if wanted.gradient { &setting.leaves } else { &[] };
        let inputs: Vec<&Tensor> = leaves.iter().chain(wanted.cost.then_some(&setting.gates)).collect();
        let mut parts =
            if wanted.any() { backward(&loss, &inputs, false, false, "the backward pass")? } else { Vec::new() };
        let cost = if wanted.cost { parts.pop() } else { None };
        let gradient = if wanted.gradient { Some(flat(&parts)?) } else { None };
        let figures = no_grad(|| figures(&logits, examples.labels, &loss)).doing("the loss")?;
        let logits = if wanted.logits { Some(no_grad(|| host::matrix(&logits)).doing("the logits")?) } else { None };
        Ok(Summand { figures, gradient, cost, logits })
    }

    /// The mean gradient of some examples as their own mini-batch.
    pub(super) fn group_gradient(
        &self,
        setting: &Setting<'_>,
        index: usize,
        examples: Examples<'_>,
    ) -> Result<TensorVector, Error> {
        self.with_room(setting.normalisation, || {
            let (_, loss) = with_grad(|| self.forward(setting, index, examples))?;
            let inputs: Vec<&Tensor> = setting.leaves.iter().collect();
            TensorVector::new(&flat(&backward(&loss, &inputs, false, false, "the backward pass")?)?)
        })
    }

    /// `work`, and once more where memory was short and graphs were kept, which are given up for it. Not of a pass that moves stored statistics: those
    /// would have moved twice.
    pub(super) fn with_room<T>(
        &self,
        normalisation: Normalisation,
        mut work: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Error> {
        match work() {
            // What the second time fails for, it fails for because memory was short the first time.
            Err(short)
                if normalisation != Normalisation::Train
                    && short.is_of_memory()
                    && self.kept.borrow_mut().give_up() =>
            {
                work().map_err(|_| short)
            }
            done => done,
        }
    }

    /// Attaches the weights and brings the gates.
    pub(super) fn setting<'a>(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        active: &'a Array2<bool>,
        normalisation: Normalisation,
        by_gates: bool,
    ) -> Result<Setting<'a>, Error> {
        self.check_weights("the weights", weights)?;
        let gates = self.gate_tensor(gates)?.f_set_requires_grad(by_gates).doing("preparing the gates")?;
        if active.dim() != self.network.gates().shape() {
            let given = vec![active.nrows() as i64, active.ncols() as i64];
            let expected = format!("{:?}, E×O,", self.network.gates().shape());
            return Err(Error::Shape { what: "the operations to be run".to_owned(), given, expected });
        }
        let leaves = self.leaves(weights)?;
        Ok(Setting { leaves, gates, active, normalisation, seed: self.seed.get(), constants: None })
    }

    /// The weights as the network reads them.
    fn leaves(&self, weights: &TensorVector) -> Result<Rc<Vec<Tensor>>, Error> {
        let mut kept = self.kept.borrow_mut();
        if let Some(leaves) = kept.attached(weights.stamp()) {
            return Ok(leaves);
        }
        kept.detach(self.network.attaches_in_place());
        let leaves = Rc::new(self.network.attach(weights.tensor())?);
        kept.attach(weights.stamp(), Rc::clone(&leaves));
        Ok(leaves)
    }

    /// Logits and loss of a mini-batch.
    pub(super) fn forward(
        &self,
        setting: &Setting<'_>,
        index: usize,
        examples: Examples<'_>,
    ) -> Result<(Tensor, Tensor), Error> {
        let logits = self.logits(setting, index, examples)?;
        let loss = logits.f_cross_entropy_loss::<Tensor>(examples.labels, None, Reduction::Mean, -100, 0.0);
        Ok((logits, loss.doing("the cross-entropy")?))
    }

    /// The logits of a mini-batch, which has no label beyond their classes.
    pub(super) fn logits(&self, setting: &Setting<'_>, index: usize, examples: Examples<'_>) -> Result<Tensor, Error> {
        let seed = setting.seed.wrapping_add(index as i64);
        tch::manual_seed(seed);
        let input = Input {
            images: examples.images,
            gates: &setting.gates,
            active: setting.active,
            normalisation: setting.normalisation,
            seed,
            constants: setting.constants.as_ref(),
        };
        let logits = self.network.logits(&setting.leaves, &input)?;
        examples.check(logits.size().get(1).map_or(0, |&classes| classes as usize))?;
        Ok(logits)
    }

    /// Calls `product` with the graph of each mini-batch's loss, kept or made for it, and whether it must outlive the call, and `add` with what it gave.
    pub(super) fn with_graphs<T>(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        by_gates: bool,
        product: impl FnMut(&Graph, bool) -> Result<T, Error>,
        add: impl FnMut(T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let record = |setting: &Setting<'_>, (_, loss): (Tensor, Tensor)| {
            let gates = by_gates.then(|| setting.gates.shallow_clone());
            Graph::record(Rc::clone(&setting.leaves), gates, &loss)
        };
        self.with_recorded(&At { weights, gates, batch }, by_gates, record, product, add)
    }

    /// Calls `product` with what is recorded of each mini-batch, kept or made for it from logits and loss, and whether it must outlive the call, and `add` with
    /// what it gave. Where memory is short for a recording or for its product, what is kept is given up and both are made once more.
    pub(super) fn with_recorded<R: Recording, T>(
        &self,
        &At { weights, gates, batch }: &At<'_>,
        by_gates: bool,
        record: impl Fn(&Setting<'_>, (Tensor, Tensor)) -> Result<R, Error>,
        mut product: impl FnMut(&R, bool) -> Result<T, Error>,
        mut add: impl FnMut(T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mask = &self.network.gates().mask;
        let point = Point { stamp: weights.stamp(), gates: gates.clone(), seed: self.seed.get() };
        let mut setting = None;
        for (index, mini_batch) in at_least_one(batch)?.iter().enumerate() {
            let place = (mini_batch.id(), index);
            let part = self.with_room(self.normalisation, || {
                let found = self.kept.borrow().find::<R>(&point, place, by_gates);
                if let Some(graph) = found {
                    return product(&graph, true);
                }
                let setting = match &mut setting {
                    Some(setting) => setting,
                    none => none.insert(self.setting(weights, gates, mask, self.normalisation, by_gates)?),
                };
                self.kept.borrow_mut().move_to(&point);
                self.kept.borrow_mut().forget::<R>(place);
                let before = (self.measure)();
                let passed = with_grad(|| self.forward(setting, index, mini_batch.examples()))?;
                let graph = record(setting, passed)?;
                let grown = (self.measure)().zip(before).map(|(after, before)| after.saturating_sub(before));
                let keep = self.kept.borrow_mut().admits(grown);
                let part = product(&graph, keep)?;
                if keep {
                    self.kept.borrow_mut().keep(place, Rc::new(graph));
                }
                Ok(part)
            })?;
            add(part)?;
        }
        Ok(())
    }
}

/// Gates of operations that are not run count as 0, also in a network that cannot leave any out.
pub(super) fn closed<'a>(gates: &'a Array2<f64>, active: Option<&Array2<bool>>) -> Cow<'a, Array2<f64>> {
    let active = active.filter(|active| active.dim() == gates.dim());
    active.map_or_else(|| Cow::Borrowed(gates), |active| Cow::Owned(only_active(gates, active)))
}

pub(super) fn at_least_one(batch: &[MiniBatch]) -> Result<&[MiniBatch], Error> {
    if batch.is_empty() {
        return Err(Error::Other("no mini-batch was given; a loss is the mean over at least one".to_owned()));
    }
    Ok(batch)
}

/// Loss, accuracy and entropy.
fn figures(logits: &Tensor, labels: &Tensor, loss: &Tensor) -> Result<[f64; 3], TchError> {
    let log = logits.f_log_softmax(1, Kind::Double)?;
    let entropy = log.f_exp()?.f_mul(&log)?.f_sum_dim_intlist(1, false, Kind::Double)?.f_mean(Kind::Double)?.f_neg()?;
    let accuracy = logits.f_argmax(1, false)?.f_eq_tensor(labels)?.f_mean(Kind::Double)?;
    let together = Tensor::f_stack(&[&loss.f_detach()?.f_to_kind(Kind::Double)?, &accuracy, &entropy], 0)?;
    let entries = host::entries(&together)?;
    match entries.as_slice() {
        &[loss, accuracy, entropy] => Ok([loss, accuracy, entropy]),
        other => Err(TchError::Shape(format!("three numbers were expected, got {}", other.len()))),
    }
}

/// What one mini-batch gave.
struct Summand {
    figures: [f64; 3],
    gradient: Option<Tensor>,
    cost: Option<Tensor>,
    logits: Option<Array2<f64>>,
}

/// The sum over the mini-batches.
#[derive(Default)]
struct Sum {
    count: usize,
    figures: [f64; 3],
    gradient: Option<Tensor>,
    cost: Option<Tensor>,
    logits: Vec<Array2<f64>>,
}

/// Adds where there is something to add to.
pub(super) fn accumulate(sum: &mut Option<Tensor>, summand: Option<Tensor>) -> Result<(), Error> {
    let Some(summand) = summand else { return Ok(()) };
    let total = match sum.take() {
        Some(mut sum) => no_grad(|| sum.f_add_(&summand)).doing("a sum over mini-batches")?,
        None => summand.f_detach().doing("a sum over mini-batches")?,
    };
    *sum = Some(total);
    Ok(())
}

/// Divides a sum by the number of mini-batches.
pub(super) fn mean(sum: Tensor, count: usize) -> Result<Tensor, Error> {
    if count == 1 {
        return Ok(sum);
    }
    let mut sum = sum;
    no_grad(|| sum.f_div_scalar_(count as f64)).doing("a mean over mini-batches")
}

impl Sum {
    fn add(&mut self, part: Summand) -> Result<(), Error> {
        self.count += 1;
        self.figures.iter_mut().zip(part.figures).for_each(|(sum, x)| *sum += x);
        self.logits.extend(part.logits);
        accumulate(&mut self.gradient, part.gradient)?;
        accumulate(&mut self.cost, part.cost)
    }

    fn mean(self) -> Result<Pass, Error> {
        let [loss, accuracy, entropy] = self.figures.map(|sum| sum / self.count as f64);
        let gradient = self.gradient.map(|sum| TensorVector::new(&mean(sum, self.count)?)).transpose()?;
        let cost = self.cost.map(|sum| host::matrix(&mean(sum, self.count)?).doing("the cost")).transpose()?;
        Ok(Pass { loss, accuracy, entropy, gradient, cost, logits: self.logits })
    }
}
