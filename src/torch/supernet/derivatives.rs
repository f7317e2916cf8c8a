//! The derivatives that estimators ask for.

use ndarray::{Array1, Array2};
use tch::{Tensor, with_grad};

use super::{
    Pass, TorchSupernet, Wanted,
    graph::{Graph, backward},
    pass::{At, accumulate, at_least_one, closed, mean},
};
use crate::{
    problem::{ConstantCost, Derivatives, Evaluation, Supernet, only_active},
    torch::{Error, MiniBatch, Network, Normalisation, TensorPanel, TensorVector, error::Doing, fault, host},
};

impl<N: Network> TorchSupernet<N> {
    /// $Hv+M^\top u$ and $Mv+\frac{\partial^2L}{\partial Z\,\partial Z}u$ from one second backward pass a mini-batch; no direction is zero.
    ///
    /// # Errors
    /// [`Error`]: shapes, labels beyond the classes, no mini-batch, or libtorch.
    pub fn second_derivative(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        v: Option<&TensorVector>,
        u: Option<&Array2<f64>>,
    ) -> Result<(TensorVector, Array2<f64>), Error> {
        let (along_weights, along_gates) = self.second(&At { weights, gates, batch }, v, u, (true, true))?;
        Ok((along_weights.unwrap_or_else(|| self.nan_vector()), along_gates.unwrap_or_else(|| self.nan_gates())))
    }

    /// [`Supernet::gradients`] of whole mini-batches, a row each. Those of the first `recorded` come from the graphs that products at this point go through: where graphs
    /// are kept, one forward and backward pass serves the row and the products.
    ///
    /// # Errors
    /// [`Error`]: shapes, labels beyond the classes, no mini-batch, or libtorch.
    pub fn gradients_beside_products(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        recorded: usize,
    ) -> Result<TensorPanel, Error> {
        let measured = (self.measure)().is_some();
        let fitting = |recorded: usize| recorded.min(batch.len()).min(self.kept.borrow().room(measured));
        let mut recorded = fitting(recorded);
        if recorded > 0 {
            // The first tells how many there is room for; one that is thrown away again would have been made for nothing.
            self.with_graphs(weights, gates, &batch[..1], true, |_, _| Ok(()), Ok)?;
            recorded = fitting(recorded);
        }
        let mut panel =
            TensorPanel::zeros(at_least_one(batch)?.len(), self.weight_count, TensorPanel::BLOCK, self.place())?;
        if recorded > 0 {
            let mut row = 0;
            let gradient =
                |graph: &Graph, _| TensorVector::new(&graph.gradient.f_detach().doing("a gradient from its graph")?);
            self.with_graphs(weights, gates, &batch[..recorded], true, gradient, |gradient| {
                panel.set_row(row, &gradient)?;
                row += 1;
                Ok(())
            })?;
        }
        let setting = self.setting(weights, gates, &self.network().gates().mask, self.normalisation(), false)?;
        for (index, mini_batch) in batch.iter().enumerate().skip(recorded) {
            panel.set_row(index, &self.group_gradient(&setting, index, mini_batch.examples())?)?;
        }
        Ok(panel)
    }

    /// The parts of [`TorchSupernet::second_derivative`] that are wanted: in the weights, in the gates.
    fn second(
        &self,
        &At { weights, gates, batch }: &At<'_>,
        v: Option<&TensorVector>,
        u: Option<&Array2<f64>>,
        (want_weights, want_gates): (bool, bool),
    ) -> Result<(Option<TensorVector>, Option<Array2<f64>>), Error> {
        v.map_or(Ok(()), |v| self.check_weights("the direction of a product", v))?;
        let u = u.map(|u| self.gate_tensor(u)).transpose()?;
        let (mut weight_sum, mut gate_sum) = (None, None);
        let by_gates = want_gates || u.is_some();
        let product =
            |graph: &Graph, kept| graph.second(v.map(TensorVector::tensor), u.as_ref(), want_weights, want_gates, kept);
        self.with_graphs(weights, gates, batch, by_gates, product, |(weight_part, gate_part)| {
            accumulate(&mut weight_sum, weight_part)?;
            accumulate(&mut gate_sum, gate_part)
        })?;
        let weight_part = weight_sum.map(|sum| TensorVector::new(&mean(sum, batch.len())?)).transpose()?;
        let gate_part = gate_sum.map(|sum| host::matrix(&mean(sum, batch.len())?).doing("the cost")).transpose()?;
        Ok((weight_part, gate_part))
    }

    /// The part in the weights alone, NaN where libtorch refuses.
    fn in_weights(&self, at: &At<'_>, v: Option<&TensorVector>, u: Option<&Array2<f64>>) -> TensorVector {
        fault::kept(self.second(at, v, u, (true, false)), || (None, None)).0.unwrap_or_else(|| self.nan_vector())
    }

    /// The part in the gates alone, NaN where libtorch refuses.
    fn in_gates(&self, at: &At<'_>, v: Option<&TensorVector>, u: Option<&Array2<f64>>) -> Array2<f64> {
        fault::kept(self.second(at, v, u, (false, true)), || (None, None)).1.unwrap_or_else(|| self.nan_gates())
    }

    /// A pass with the statistics of this supernet.
    fn own_pass(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        active: Option<&Array2<bool>>,
        batch: &[MiniBatch],
        wanted: Wanted,
    ) -> Result<Pass, Error> {
        self.pass(weights, gates, active, batch, self.normalisation(), wanted)
    }

    /// A pass of a step: in training the stored statistics move.
    fn step_pass(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &[MiniBatch],
        wanted: Wanted,
    ) -> Result<Pass, Error> {
        self.pass(weights, gates, Some(active), batch, self.step_statistics(), wanted)
    }

    /// The statistics of a step.
    fn step_statistics(&self) -> Normalisation {
        if self.judged.is_some() { Normalisation::Train } else { self.normalisation() }
    }

    /// The operations with a gate that is not 0.
    fn open(&self, gates: &Array2<f64>) -> Array2<bool> {
        let mut active = self.network().gates().mask.clone();
        if active.dim() == gates.dim() {
            active.zip_mut_with(gates, |on, &z| *on &= z != 0.0);
        }
        active
    }

    /// Loss, cost, and $\langle\partial L/\partial y_e,\mathbf 1\rangle$, the derivative in a constant added to $y_e$, from one pass of the operations in `active`.
    fn constants(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &[MiniBatch],
        statistics: Normalisation,
    ) -> Result<ConstantCost, Error> {
        let mut setting = self.setting(weights, &closed(gates, Some(active)), active, statistics, true)?;
        let rows = active.nrows();
        let constants = self.place().tensor(&vec![0.0; rows], &[rows as i64])?;
        let constants = constants.f_set_requires_grad(true).doing("preparing the constants of the edges")?;
        setting.constants = Some(constants.shallow_clone());
        let (mut losses, mut costs, mut sums) = (None, None, None);
        for (index, mini_batch) in at_least_one(batch)?.iter().enumerate() {
            let (loss, mut parts) = self.with_room(statistics, || {
                let (_, loss) = with_grad(|| self.forward(&setting, index, mini_batch.examples()))?;
                let parts = backward(&loss, &[&setting.gates, &constants], false, false, "the backward pass")?;
                Ok((loss, parts))
            })?;
            accumulate(&mut sums, parts.pop())?;
            accumulate(&mut costs, parts.pop())?;
            accumulate(&mut losses, Some(loss))?;
        }
        let of = |sum: Option<Tensor>, none: &Tensor| mean(sum.unwrap_or_else(|| none.shallow_clone()), batch.len());
        let loss = host::number(&of(losses, &constants)?).doing("the loss")?;
        let cost = host::matrix(&of(costs, &setting.gates)?).doing("the cost")?;
        let constant = host::entries(&of(sums, &constants)?).doing("the constant cost")?;
        Ok(ConstantCost { loss, cost: only_active(&cost, active), constant: Array1::from(constant) })
    }

    fn nan_constants(&self) -> ConstantCost {
        let constant = Array1::from_elem(self.network().gates().shape().0, f64::NAN);
        ConstantCost { loss: f64::NAN, cost: self.nan_gates(), constant }
    }

    /// The gradients of groups, one a row.
    fn group_gradients(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        group: usize,
    ) -> Result<TensorPanel, Error> {
        let group = group.max(1);
        let rows: usize = at_least_one(batch)?.iter().map(|mini_batch| mini_batch.len().div_ceil(group)).sum();
        let mut panel = TensorPanel::zeros(rows, self.weight_count, TensorPanel::BLOCK, self.place())?;
        let setting = self.setting(weights, gates, &self.network().gates().mask, self.normalisation(), false)?;
        let mut row = 0;
        for (index, mini_batch) in batch.iter().enumerate() {
            for start in (0..mini_batch.len()).step_by(group) {
                let length = group.min(mini_batch.len() - start) as i64;
                let part = |x: &Tensor| x.f_narrow(0, start as i64, length).doing("a group of examples");
                let (images, labels) = (part(mini_batch.images())?, part(mini_batch.labels())?);
                let group = mini_batch.examples().part(&images, &labels);
                panel.set_row(row, &self.group_gradient(&setting, index, group)?)?;
                row += 1;
            }
        }
        Ok(panel)
    }
}

/// Where libtorch refuses, the numbers are NaN and [`take_error`](crate::torch::take_error) tells why.
impl<N: Network> Supernet for TorchSupernet<N> {
    type Vector = TensorVector;
    type Batch = [MiniBatch];
    type Gradients = TensorPanel;

    fn gate_shape(&self) -> (usize, usize) {
        self.network().gates().shape()
    }

    fn weight_count(&self) -> usize {
        self.weight_count
    }

    fn loss(&self, weights: &TensorVector, gates: &Array2<f64>, batch: &[MiniBatch]) -> f64 {
        fault::kept(self.own_pass(weights, gates, None, batch, Wanted::LOSS).map(|pass| pass.loss), || f64::NAN)
    }

    fn gradient(&self, weights: &TensorVector, gates: &Array2<f64>, batch: &[MiniBatch]) -> TensorVector {
        let pass = self.own_pass(weights, gates, None, batch, Wanted::GRADIENT);
        fault::kept(pass.map(|pass| pass.gradient), || None).unwrap_or_else(|| self.nan_vector())
    }

    fn cost(&self, weights: &TensorVector, gates: &Array2<f64>, batch: &[MiniBatch]) -> Array2<f64> {
        let pass = self.own_pass(weights, gates, None, batch, Wanted::COST);
        fault::kept(pass.map(|pass| pass.cost), || None).unwrap_or_else(|| self.nan_gates())
    }

    /// One forward and one backward pass, in which the operations that are not active are not run.
    fn cost_and_gradient(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &[MiniBatch],
    ) -> Derivatives<TensorVector> {
        let pass = self.step_pass(weights, gates, active, batch, Wanted::BOTH);
        let (loss, gradient, cost) =
            fault::kept(pass.map(|pass| (pass.loss, pass.gradient, pass.cost)), || (f64::NAN, None, None));
        Derivatives {
            loss,
            gradient: gradient.unwrap_or_else(|| self.nan_vector()),
            cost: cost.unwrap_or_else(|| self.nan_gates()),
        }
    }

    /// The same with a backward pass that leaves the weights out.
    fn loss_and_cost(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &[MiniBatch],
    ) -> (f64, Array2<f64>) {
        let pass = self.step_pass(weights, gates, active, batch, Wanted::COST);
        let (loss, cost) = fault::kept(pass.map(|pass| (pass.loss, pass.cost)), || (f64::NAN, None));
        (loss, cost.unwrap_or_else(|| self.nan_gates()))
    }

    /// `None` where the [network](Network::adds_constants) does not tell. Operations whose gates are 0 add nothing to it and are not run.
    fn constant_cost(&self, weights: &TensorVector, gates: &Array2<f64>, batch: &[MiniBatch]) -> Option<Array1<f64>> {
        let found = || self.constants(weights, gates, &self.open(gates), batch, self.normalisation());
        self.network().adds_constants().then(|| fault::kept(found(), || self.nan_constants()).constant)
    }

    /// One pass for all of it.
    fn cost_and_constant(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &[MiniBatch],
    ) -> Option<ConstantCost> {
        let found = || self.constants(weights, gates, active, batch, self.step_statistics());
        self.network().adds_constants().then(|| fault::kept(found(), || self.nan_constants()))
    }

    fn hessian_product(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        v: &TensorVector,
    ) -> TensorVector {
        self.in_weights(&At { weights, gates, batch }, Some(v), None)
    }

    fn cross_product(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        v: &TensorVector,
    ) -> Array2<f64> {
        self.in_gates(&At { weights, gates, batch }, Some(v), None)
    }

    fn cross_adjoint(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        u: &Array2<f64>,
    ) -> TensorVector {
        self.in_weights(&At { weights, gates, batch }, None, Some(u))
    }

    fn gate_hessian_product(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        u: &Array2<f64>,
    ) -> Array2<f64> {
        self.in_gates(&At { weights, gates, batch }, None, Some(u))
    }

    /// Groups never cross a mini-batch, and each is its own mini-batch with its own statistics: a `group` of at least the size of a mini-batch gives
    /// one row a mini-batch; a `group` of 0 is taken as 1.
    fn gradients(&self, weights: &TensorVector, gates: &Array2<f64>, batch: &[MiniBatch], group: usize) -> TensorPanel {
        let rows = batch.iter().map(|mini_batch| mini_batch.len().div_ceil(group.max(1))).sum();
        let nan = || TensorPanel::nan(rows, self.weight_count, self.place());
        fault::kept(self.group_gradients(weights, gates, batch, group), nan)
    }

    fn accuracy_and_entropy(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
    ) -> Option<(f64, f64)> {
        let Evaluation { accuracy, entropy, .. } = self.evaluation(weights, gates, batch);
        accuracy.zip(entropy)
    }

    /// One forward pass, in which the operations whose gate is 0 are not run.
    fn evaluation(&self, weights: &TensorVector, gates: &Array2<f64>, batch: &[MiniBatch]) -> Evaluation {
        let statistics = self.judged.unwrap_or(self.normalisation());
        let pass = self.pass(weights, gates, Some(&self.open(gates)), batch, statistics, Wanted::LOSS);
        let (loss, accuracy, entropy) =
            fault::kept(pass.map(|pass| (pass.loss, pass.accuracy, pass.entropy)), || (f64::NAN, f64::NAN, f64::NAN));
        Evaluation { loss, accuracy: Some(accuracy), entropy: Some(entropy) }
    }
}
