//! Where the cost of the last cell comes from.
//!
//! In the skeleton of DARTS the last cell's output is averaged over the image and mapped linearly to the logits $Y$, so the cost at the output
//! node is that at the features, $\langle\partial L/\partial Y,Y-b\rangle=(L-H)-\langle\partial L/\partial Y,b\rangle$
//! ([`cross_entropy`](crate::cost::cross_entropy)). With $x_j$ the sum of the gated operations into node $j$, $\sum_{o}Z_{eo}C_{eo}$ over the
//! edges $e$ into $j$ is $\langle\partial L/\partial x_j,x_j\rangle$, where $\partial L/\partial x_j$ holds what comes from the output and what
//! comes back over the edges that leave $j$ to other nodes of the cell. Euler's identity ([`homogeneity`](crate::cost::homogeneity)) for each
//! operation on those: a skip connection hands its own cost back, an operation that ends in a normalisation hands back its remainder alone.
//! Hence
//!
//! $$\sum_{e,o}Z_{eo}C_{eo}=(L-H)-\langle\partial L/\partial Y,b\rangle+\sum_{e\text{ inner}}Z_{e,\mathrm{skip}}C_{e,\mathrm{skip}}+r,$$
//!
//! the sums over the edges of the last cell, *inner* those between its intermediate nodes (`wiring`, Theorem 1, with the exception its proof
//! names). With batch statistics the remainder $r$ is what $\epsilon$ does; with stored ones normalisations hand cost back too.

use ndarray::Array2;

use super::Mean;
use crate::{
    cost::cross_entropy::{CrossEntropy, CrossEntropyError},
    space::{CellKind, Gates},
};

/// The terms of the balance, one number each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// $\sum_{e,o}Z_{eo}C_{eo}$ over the last cell.
    pub sum: f64,
    /// $L-H$, computed as $\langle\partial L/\partial Y,Y\rangle$.
    pub logits: f64,
    /// $-\langle\partial L/\partial Y,b\rangle$; 0 without a bias.
    pub bias: f64,
    /// What skip connections between intermediate nodes hand back.
    pub skips: f64,
    /// `sum` less the three.
    pub remainder: f64,
}

/// What the balance is taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Balancer {
    /// Rows of the last cell.
    rows: std::ops::Range<usize>,
    /// (row, column) of the skip connections between intermediate nodes.
    skips: Vec<(usize, usize)>,
    /// $b$.
    bias: Option<Vec<f64>>,
}

impl Balancer {
    /// For a network in the skeleton of DARTS, without partial channels, whose cells have so many input nodes; `bias` is the classifier's.
    pub fn new(gates: &Gates, inputs: usize, bias: Option<Vec<f64>>) -> Self {
        let last = gates.cells.len().saturating_sub(1);
        let (rows, mut skips) = (gates.rows(last), Vec::new());
        // A skip connection of a reduction cell is one between nodes of the halved resolution: an identity too.
        debug_assert!(matches!(gates.cells.get(last), Some(CellKind::Normal | CellKind::Reduction) | None));
        for row in rows.clone().filter(|&row| gates.edges[gates.place(row).1].0 >= inputs) {
            let columns = 0..gates.shape().1;
            skips.extend(columns.filter(|&o| gates.operation(row, o) == "skip_connect").map(|o| (row, o)));
        }
        Self { rows, skips, bias }
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
        let at_logits = logits.cost();
        let bias = match &self.bias {
            Some(bias) => logits.cost_with_bias(bias)? - at_logits,
            None => 0.0,
        };
        let share = |at: (usize, usize)| gates[at] * cost[at];
        let sum = self.rows.clone().flat_map(|row| (0..gates.ncols()).map(move |o| share((row, o)))).sum::<f64>();
        let skips = self.skips.iter().map(|&at| share(at)).sum::<f64>();
        Ok(Balance { sum, logits: at_logits, bias, skips, remainder: sum - at_logits - bias - skips })
    }
}

/// The same terms as means over mini-batches.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct MeanBalance {
    /// $\sum_{e,o}Z_{eo}C_{eo}$ over the last cell.
    pub sum: Mean,
    /// $L-H$.
    pub logits: Mean,
    /// $-\langle\partial L/\partial Y,b\rangle$.
    pub bias: Mean,
    /// What skip connections hand back.
    pub skips: Mean,
    /// The rest.
    pub remainder: Mean,
}

impl MeanBalance {
    pub(super) fn add(&mut self, one: &Balance) {
        self.sum.add(one.sum);
        self.logits.add(one.logits);
        self.bias.add(one.bias);
        self.skips.add(one.skips);
        self.remainder.add(one.remainder);
    }
}
