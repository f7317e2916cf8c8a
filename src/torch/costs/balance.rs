//! Where the cost of the last cell comes from, and what of it $L-H$ does not tell.
//!
//! With $x_j$ the sum of the gated operations into node $j$, $\sum_oZ_{eo}C_{eo}$ over the edges $e$ into $j$ is
//! $\langle\partial L/\partial x_j,x_j\rangle$, where $\partial L/\partial x_j$ holds what comes from the output of the cell and what comes back over
//! the edges that leave $j$ to other nodes of it. Euler's identity ([`homogeneity`](crate::cost::homogeneity)) for each operation on those: an
//! operation of degree 1 (a skip connection, a pooling without normalisation) hands its own cost back, one that ends in a normalisation hands back its
//! remainder alone. Hence, over the edges of the last cell, *inner* those between its intermediate nodes,
//!
//! $$\sum_{e,o}Z_{eo}C_{eo}=(L-H)-\langle\partial L/\partial Y,b\rangle-a+\sum_{e\text{ inner}}\ \sum_{o\text{ of degree }1}Z_{eo}C_{eo}+r .$$
//!
//! | skeleton | behind the cell | $a$ |
//! |---|---|---|
//! | DARTS, the wiring cells | the mean over the image and a linear classifier with the bias $b$: the cost at the output is that at the features, $\langle\partial L/\partial Y,Y-b\rangle=(L-H)-\langle\partial L/\partial Y,b\rangle$ ([`cross_entropy`](crate::cost::cross_entropy); `wiring`, Theorem 1, with the exception its proof names) | 0 |
//! | NAS-Bench-201 | a normalisation, which hands back its remainder alone | all of it, $(L-H)-\langle\partial L/\partial Y,b\rangle$ |
//! | NAS-Bench-1Shot1 | ReLU, convolution, normalisation; taken over the parents of the output, the one row of gates whose sum is the output | all of it |
//!
//! With batch statistics the remainder $r$ is what $\epsilon$ does; with stored ones normalisations hand cost back too. It is not defined by the costs
//! of gates alone with [partial channels](NoBalance::Partial) and of [modules](NoBalance::Module).
//!
//! Everything is linear in $\partial L/\partial Y$: with the losses of some of the images for $L$ (those classified correctly, say) the same holds of what these
//! images cost.

use ndarray::Array2;

use super::mean::{Mean, PerImage};
use crate::{
    cost::cross_entropy::{CrossEntropy, CrossEntropyError},
    space::{Operation, Row, Skeleton, Space},
};

/// The terms of the balance, one number each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// $\sum_{e,o}Z_{eo}C_{eo}$ over the edges looked at.
    pub sum: f64,
    /// $L-H$, computed as $\langle\partial L/\partial Y,Y\rangle$.
    pub logits: f64,
    /// $-\langle\partial L/\partial Y,b\rangle$; 0 without a bias.
    pub bias: f64,
    /// $-a$: what a normalisation behind the cell takes away.
    pub annihilated: f64,
    /// What operations of degree 1 between intermediate nodes hand back.
    pub inner: f64,
    /// $r$: `sum` less the four.
    pub remainder: f64,
}

/// Why there is no balance of the costs of gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoBalance {
    /// Partial channels.
    #[error(
        "with partial channels what passes the operations by hands its cost back too, and no gate tells it from that of the operations"
    )]
    Partial,
    /// A module.
    #[error(
        "the edges of a module are only numbered: which of them lead to its output, and what stands behind it, is not known"
    )]
    Module,
    /// The output of a cell is no gated sum.
    #[error("the output of the cell has no row of gates, so that their costs do not sum to that of the output")]
    Output,
}

/// What the balance is taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Balancer {
    /// Rows of the gates.
    rows: std::ops::Range<usize>,
    /// (row, column) of the operations of degree 1 between intermediate nodes.
    inner: Vec<(usize, usize)>,
    /// $b$.
    bias: Option<Vec<f64>>,
    /// Whether a normalisation stands behind the cell.
    normalised: bool,
}

/// Whether an operation between nodes of one resolution is of degree 1, so that it hands its own cost back.
fn conserves(operation: Operation) -> bool {
    matches!(operation, Operation::Skip | Operation::BareMaxPool3x3 | Operation::BareAvgPool3x3)
}

impl Balancer {
    /// For a supernet of the space, or a network with the operations that are `derived` from it; `bias` is the classifier's.
    ///
    /// # Errors
    /// [`NoBalance`]: partial channels, or a cell whose output has no row of gates.
    pub fn new(space: &Space, derived: bool, bias: Option<Vec<f64>>) -> Result<Self, NoBalance> {
        let (gates, cell) = (space.gates(), space.cell());
        if space.settings().partial > 1 {
            return Err(NoBalance::Partial);
        }
        let last = gates.cells.len().saturating_sub(1);
        let (mut rows, mut inner) = (gates.rows(last), Vec::new());
        if space.skeleton() == Skeleton::OneShot {
            match cell.rows.last() {
                Some(Row::Parents { node, .. }) if *node == cell.nodes => rows = rows.end - 1..rows.end,
                _ => return Err(NoBalance::Output),
            }
        } else {
            for row in rows.clone() {
                let Some(Row::Edge { from, operations, .. }) = cell.rows.get(gates.place(row).1) else { continue };
                // Between intermediate nodes a skip connection of a reduction cell is an identity too.
                if *from < cell.inputs {
                    continue;
                }
                let of_kind = gates.cells.get(last).map_or(&[][..], |kind| &operations[kind.index()]);
                let made = of_kind.iter().map(|o| if derived { o.derived() } else { *o });
                inner.extend(made.enumerate().filter(|&(_, o)| conserves(o)).map(|(column, _)| (row, column)));
            }
        }
        let normalised = !matches!(space.skeleton(), Skeleton::Darts { .. });
        Ok(Self { rows, inner, bias, normalised })
    }

    /// The terms for one mini-batch.
    ///
    /// # Errors
    /// [`CrossEntropyError::Bias`].
    pub fn of(
        &self,
        gates: &Array2<f64>,
        cost: &Array2<f64>,
        logits: &CrossEntropy,
    ) -> Result<Balance, CrossEntropyError> {
        self.of_images(gates, cost, logits, |_| true)
    }

    /// The same for the images of a mini-batch that are `chosen` by their number: of their mean loss, of which `cost` is the derivative in the gates. Without
    /// any, `logits`, `bias` and `annihilated` are 0; `sum` and `inner` are what `cost` gives them, and `remainder` the first less the second.
    ///
    /// # Errors
    /// [`CrossEntropyError::Bias`].
    pub fn of_images(
        &self,
        gates: &Array2<f64>,
        cost: &Array2<f64>,
        judged: &CrossEntropy,
        chosen: impl Fn(usize) -> bool,
    ) -> Result<Balance, CrossEntropyError> {
        let all = judged.terms().len();
        let count = (0..all).filter(|&i| chosen(i)).count().max(1) as f64;
        let chosen = |i: &usize| chosen(*i);
        let logits = (0..all).filter(chosen).map(|i| judged.terms()[i].cost).sum::<f64>() / count;
        let bias = match &self.bias {
            Some(bias) => {
                let gradient = judged.gradient();
                if bias.len() != gradient.ncols() {
                    return Err(CrossEntropyError::Bias { given: bias.len(), classes: gradient.ncols() });
                }
                let along = |i: usize| gradient.row(i).iter().zip(bias).map(|(g, b)| g * b).sum::<f64>();
                // The gradient is that of the mean over all images.
                -(0..all).filter(chosen).map(along).sum::<f64>() * all as f64 / count
            }
            None => 0.0,
        };
        let share = |at: (usize, usize)| gates[at] * cost[at];
        let sum = self.rows.clone().flat_map(|row| (0..gates.ncols()).map(move |o| share((row, o)))).sum::<f64>();
        let inner = self.inner.iter().map(|&at| share(at)).sum::<f64>();
        let annihilated = if self.normalised { -(logits + bias) } else { 0.0 };
        let told = if self.normalised { 0.0 } else { logits + bias };
        Ok(Balance { sum, logits, bias, annihilated, inner, remainder: sum - told - inner })
    }
}

/// The same terms as means over mini-batches, or over the images of a class in them.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct MeanBalance<M = Mean> {
    /// $\sum_{e,o}Z_{eo}C_{eo}$.
    pub sum: M,
    /// $L-H$.
    pub logits: M,
    /// $-\langle\partial L/\partial Y,b\rangle$.
    pub bias: M,
    /// What a normalisation behind the cell takes away.
    pub annihilated: M,
    /// What operations of degree 1 between intermediate nodes hand back.
    pub inner: M,
    /// The rest.
    pub remainder: M,
}

impl<M> MeanBalance<M> {
    fn each(&mut self, one: &Balance, mut add: impl FnMut(&mut M, f64)) {
        add(&mut self.sum, one.sum);
        add(&mut self.logits, one.logits);
        add(&mut self.bias, one.bias);
        add(&mut self.annihilated, one.annihilated);
        add(&mut self.inner, one.inner);
        add(&mut self.remainder, one.remainder);
    }
}

impl MeanBalance {
    pub(super) fn add(&mut self, one: &Balance) {
        self.each(one, Mean::add);
    }
}

impl MeanBalance<PerImage> {
    pub(super) fn add(&mut self, one: &Balance, images: u64) {
        self.each(one, |mean, x| mean.add(x, images));
    }
}
