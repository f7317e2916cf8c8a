//! Gated softmax regression: a supernet on real data whose inner problem is strongly convex, so that retraining is exact.
//!
//! With $\varphi_{eo}(x)\in\mathbb R^F$ the features of operation $o$ on edge $e$ and one weight matrix $W\in\mathbb R^{C\times F}$ for all of
//! them,
//! $$h_i = \sum_{eo} Z_{eo}\,\varphi_{eo}(x_i),\qquad s_i = W h_i,\qquad p_i = \mathrm{softmax}(s_i),\qquad
//!   L = -\frac1n\sum_i \log p_{i,y_i} + \frac\lambda2\lVert W\rVert_F^2 .$$
//! There is no bias, so $C = L - H$ holds for the bare loss. Weights are stored as $\theta = \operatorname{vec} W$, class by class.
//!
//! # Derivatives
//! Write $r_i = p_i - y_i$ ($y_i$ one-hot) and $J_i = \operatorname{diag} p_i - p_ip_i^\top = \partial p_i/\partial s_i$. Then
//! $$\frac{\partial L}{\partial W} = \frac1n\sum_i r_i h_i^\top + \lambda W,\qquad
//!   C_{eo} = \frac1n\sum_i \langle \varphi_{eo}(x_i), W^\top r_i\rangle .$$
//! All second derivatives follow from one linearisation: along $(\dot W, \dot Z)$, $\dot h_i = \sum\dot Z_{eo}\varphi_{eo}$,
//! $\dot s_i = \dot W h_i + W\dot h_i$, $\dot r_i = J_i\dot s_i$, hence
//! $$\dot{\left(\tfrac{\partial L}{\partial W}\right)} = \frac1n\sum_i (\dot r_i h_i^\top + r_i\dot h_i^\top) + \lambda\dot W,\qquad
//!   \dot C_{eo} = \frac1n\sum_i\langle\varphi_{eo}, W^\top\dot r_i + \dot W^\top r_i\rangle .$$
//! The Hessian in $\theta$ is $\frac1n\sum_i J_i\otimes h_ih_i^\top + \lambda I\succeq\lambda I$.

mod darts;
mod features;
mod forward;
mod hessian;
mod newton;
mod third;

pub use darts::{DartsTraining, Trained};
pub use features::{EDGES, Operation, VIEW_SIDE};
pub use newton::Minimum;

use ndarray::{Array1, Array2, Array3, Array4, ArrayView2, ArrayView3, Axis};

use super::{
    Derivatives, Supernet,
    digits::{CLASSES, Digits},
    only_active,
};
use forward::{Pass, Tangent};

/// Why the data make no problem.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DataError {
    /// A dimension is zero.
    #[error("features have shape {0:?} (examples × edges × operations × width): every dimension must be at least 1")]
    Empty(Vec<usize>),
    /// The labels do not fit the features.
    #[error("{labels} labels for {examples} examples: give one a row")]
    Labels {
        /// Labels given.
        labels: usize,
        /// Examples given.
        examples: usize,
    },
    /// A label, a row of a split, or a feature is out of range.
    #[error("{what} {value} at position {position} is out of range: {expected}")]
    Range {
        /// What it is.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Where it stands.
        position: usize,
        /// What was expected.
        expected: String,
    },
    /// The regularisation is not positive.
    #[error("the L2 coefficient is {0}: it must be positive and finite, or the problem is not strongly convex")]
    Regularisation(f64),
}

/// A batch: rows of the data set, and whether the L2 term belongs to the loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// Rows of the data set.
    pub rows: Vec<usize>,
    /// Whether $\frac\lambda2\lVert W\rVert^2$ is added: true for the training loss, false for the validation loss.
    pub regularised: bool,
}

/// The problem.
#[derive(Debug, Clone)]
pub struct SoftmaxRegression {
    /// $n\times EO\times F$.
    features: Array3<f64>,
    labels: Vec<usize>,
    classes: usize,
    shape: (usize, usize),
    l2: f64,
    training: Examples,
    validation: Examples,
}

impl SoftmaxRegression {
    /// The L2 coefficient of [`SoftmaxRegression::digits`].
    pub const DIGITS_L2: f64 = 1e-3;

    /// The problem with `features` $n\times E\times O\times F$, `labels` below `classes`, and the rows of the two splits.
    ///
    /// # Errors
    /// [`DataError`] when a dimension is zero, something is out of range or `l2` is not positive.
    pub fn new(
        features: Array4<f64>,
        labels: Vec<usize>,
        classes: usize,
        training: Vec<usize>,
        validation: Vec<usize>,
        l2: f64,
    ) -> Result<Self, DataError> {
        let (n, e, o, width) = features.dim();
        if features.is_empty() || classes == 0 || training.is_empty() || validation.is_empty() {
            return Err(DataError::Empty(features.shape().to_vec()));
        }
        if labels.len() != n {
            return Err(DataError::Labels { labels: labels.len(), examples: n });
        }
        for (what, values, bound) in
            [("label", &labels, classes), ("training row", &training, n), ("validation row", &validation, n)]
        {
            if let Some((position, &value)) = values.iter().enumerate().find(|&(_, &value)| value >= bound) {
                let expected = format!("below {bound}");
                return Err(DataError::Range { what, value: value as f64, position, expected });
            }
        }
        if let Some((position, &value)) = features.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(DataError::Range { what: "feature", value, position, expected: "finite".to_owned() });
        }
        // Written so that NaN is refused.
        if !(l2 > 0.0 && l2.is_finite()) {
            return Err(DataError::Regularisation(l2));
        }
        let features = features
            .as_standard_layout()
            .into_owned()
            .into_shape_with_order((n, e * o, width))
            .expect("merging neighbouring axes of a row-major array keeps its entries");
        Ok(Self {
            features,
            labels,
            classes,
            shape: (e, o),
            l2,
            training: Examples { rows: training, regularised: true },
            validation: Examples { rows: validation, regularised: false },
        })
    }

    /// The 8×8 digits: three views ([`EDGES`]) by six operations ([`Operation::ALL`]), 36 features, 10 classes, so 360 weights;
    /// halves drawn from `seed`.
    pub fn digits(seed: u64) -> Self {
        let digits = Digits::load();
        let halves = digits.halves(seed);
        let features = features::features(&digits);
        Self::new(features, digits.labels, CLASSES, halves.training, halves.validation, Self::DIGITS_L2)
            .expect("the embedded digits are valid: 1,797 of them, labels below 10, rows of a permutation")
    }

    /// The features $\varphi_{eo}(x_i)$ of example `i`, $EO\times F$, edge by edge.
    ///
    /// # Panics
    /// When there is no example `i`, as indexing does.
    pub fn features(&self, i: usize) -> ArrayView2<'_, f64> {
        self.features.index_axis(Axis(0), i)
    }

    /// All features, $n\times EO\times F$.
    pub fn all_features(&self) -> ArrayView3<'_, f64> {
        self.features.view()
    }

    /// The class of every example.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The number of classes $C$.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The number of features $F$.
    pub fn width(&self) -> usize {
        self.features.len_of(Axis(2))
    }

    /// The L2 coefficient $\lambda$, also a lower bound on the smallest eigenvalue of the regularised Hessian.
    pub fn l2(&self) -> f64 {
        self.l2
    }

    fn l2_of(&self, batch: &Examples) -> f64 {
        if batch.regularised { self.l2 } else { 0.0 }
    }

    /// $W$, $C\times F$.
    fn matrix<'a>(&self, weights: &'a Array1<f64>) -> ArrayView2<'a, f64> {
        weights
            .view()
            .into_shape_with_order((self.classes, self.width()))
            .expect("weights have C·F entries: shapes are checked by the caller of a supernet")
    }

    fn vector(matrix: Array2<f64>) -> Array1<f64> {
        matrix.into_iter().collect()
    }
}

impl Supernet for SoftmaxRegression {
    type Vector = Array1<f64>;
    type Batch = Examples;
    type Gradients = Array2<f64>;

    fn gate_shape(&self) -> (usize, usize) {
        self.shape
    }

    fn weight_count(&self) -> usize {
        self.classes * self.width()
    }

    fn loss(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Examples) -> f64 {
        Pass::new(self, weights, gates, batch).loss(weights)
    }

    fn gradient(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Examples) -> Array1<f64> {
        Pass::new(self, weights, gates, batch).gradient(weights)
    }

    fn cost(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Examples) -> Array2<f64> {
        Pass::new(self, weights, gates, batch).cost(weights)
    }

    fn cost_and_gradient(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &Examples,
    ) -> Derivatives<Array1<f64>> {
        let pass = Pass::new(self, weights, &only_active(gates, active), batch);
        Derivatives {
            loss: pass.loss(weights),
            gradient: pass.gradient(weights),
            cost: only_active(&pass.cost(weights), active),
        }
    }

    fn loss_and_cost(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &Examples,
    ) -> (f64, Array2<f64>) {
        let pass = Pass::new(self, weights, &only_active(gates, active), batch);
        (pass.loss(weights), only_active(&pass.cost(weights), active))
    }

    /// $\frac1n\sum_i\langle\mathbf 1, W^\top r_i\rangle$, the same on every edge: all of them add to $h_i$.
    fn constant_cost(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Examples) -> Option<Array1<f64>> {
        let cotangents = Pass::new(self, weights, gates, batch).cotangents(weights);
        Some(Array1::from_elem(self.shape.0, cotangents.sum() / batch.rows.len() as f64))
    }

    fn hessian_product(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        batch: &Examples,
        v: &Array1<f64>,
    ) -> Array1<f64> {
        let pass = Pass::new(self, weights, gates, batch);
        Tangent::along_weights(&pass, v).gradient(&pass)
    }

    fn cross_product(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        batch: &Examples,
        v: &Array1<f64>,
    ) -> Array2<f64> {
        let pass = Pass::new(self, weights, gates, batch);
        Tangent::along_weights(&pass, v).cost(&pass, weights)
    }

    fn cross_adjoint(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        batch: &Examples,
        u: &Array2<f64>,
    ) -> Array1<f64> {
        let pass = Pass::new(self, weights, gates, batch);
        Tangent::along_gates(&pass, weights, u).gradient(&pass)
    }

    fn gate_hessian_product(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        batch: &Examples,
        u: &Array2<f64>,
    ) -> Array2<f64> {
        let pass = Pass::new(self, weights, gates, batch);
        Tangent::along_gates(&pass, weights, u).cost(&pass, weights)
    }

    fn gradients(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Examples, group: usize) -> Array2<f64> {
        Pass::new(self, weights, gates, batch).group_gradients(group.max(1))
    }

    fn accuracy_and_entropy(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Examples) -> Option<(f64, f64)> {
        Some(Pass::new(self, weights, gates, batch).accuracy_and_entropy())
    }
}
