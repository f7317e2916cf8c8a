//! One forward pass over a batch, and its linearisation; the formulas are those of the [parent module](super).

use ndarray::{Array1, Array2, Axis, Zip, linalg::general_mat_vec_mul, s};

use super::{Examples, SoftmaxRegression};

/// What a forward pass leaves behind for the derivatives.
pub(super) struct Pass<'a> {
    pub problem: &'a SoftmaxRegression,
    pub batch: &'a Examples,
    /// $h_i$, $n\times F$.
    pub mixed: Array2<f64>,
    /// $p_i$, $n\times C$.
    pub probabilities: Array2<f64>,
    /// $r_i = p_i - y_i$, $n\times C$.
    pub residuals: Array2<f64>,
    /// $-\log p_{i,y_i}$.
    losses: Array1<f64>,
}

/// $\sum_{eo} u_{eo}\varphi_{eo}(x_i)$ of each example of the batch, $n\times F$.
fn mix(problem: &SoftmaxRegression, batch: &Examples, u: &Array2<f64>) -> Array2<f64> {
    let mut out = Array2::zeros((batch.rows.len(), problem.width()));
    for (mut row, &i) in out.rows_mut().into_iter().zip(&batch.rows) {
        // Feature by feature, as they lie in memory.
        for (phi, &u) in problem.features(i).rows().into_iter().zip(u) {
            row.scaled_add(u, &phi);
        }
    }
    out
}

/// $\frac1n\sum_i\langle\varphi_{eo}(x_i), a_i\rangle$, $E\times O$: the adjoint of [`mix`], averaged.
fn unmix(problem: &SoftmaxRegression, batch: &Examples, a: &Array2<f64>) -> Array2<f64> {
    let (edges, operations) = problem.shape;
    let mut out = Array1::zeros(edges * operations);
    for (row, &i) in a.rows().into_iter().zip(&batch.rows) {
        general_mat_vec_mul(1.0, &problem.features(i), &row, 1.0, &mut out);
    }
    out /= batch.rows.len() as f64;
    out.into_shape_with_order(problem.shape).expect("E·O entries make E × O gates")
}

impl<'a> Pass<'a> {
    pub fn new(
        problem: &'a SoftmaxRegression,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        batch: &'a Examples,
    ) -> Self {
        let mixed = mix(problem, batch, gates);
        let mut probabilities = mixed.dot(&problem.matrix(weights).t());
        let mut losses = Array1::zeros(batch.rows.len());
        for ((mut scores, loss), &i) in probabilities.rows_mut().into_iter().zip(&mut losses).zip(&batch.rows) {
            let max = scores.fold(f64::NEG_INFINITY, |m, &s| m.max(s));
            let label = scores[problem.labels[i]] - max;
            scores.mapv_inplace(|s| (s - max).exp());
            let sum = scores.sum();
            scores /= sum;
            *loss = sum.ln() - label;
        }
        let mut residuals = probabilities.clone();
        for (mut row, &i) in residuals.rows_mut().into_iter().zip(&batch.rows) {
            row[problem.labels[i]] -= 1.0;
        }
        Self { problem, batch, mixed, probabilities, residuals, losses }
    }

    fn count(&self) -> f64 {
        self.batch.rows.len() as f64
    }

    pub fn loss(&self, weights: &Array1<f64>) -> f64 {
        self.losses.sum() / self.count() + 0.5 * self.problem.l2_of(self.batch) * weights.dot(weights)
    }

    pub fn gradient(&self, weights: &Array1<f64>) -> Array1<f64> {
        let mut gradient = SoftmaxRegression::vector(self.residuals.t().dot(&self.mixed) / self.count());
        gradient.scaled_add(self.problem.l2_of(self.batch), weights);
        gradient
    }

    /// $\lVert\frac1n|R|^\top|h|\rVert_F+\lambda\lVert W\rVert_F$: what the rounding of the gradient is relative to.
    pub fn gradient_scale(&self, weights: &Array1<f64>) -> f64 {
        let terms = self.residuals.mapv(f64::abs).t().dot(&self.mixed.mapv(f64::abs));
        (&terms * &terms).sum().sqrt() / self.count() + self.problem.l2_of(self.batch) * weights.dot(weights).sqrt()
    }

    pub fn cost(&self, weights: &Array1<f64>) -> Array2<f64> {
        unmix(self.problem, self.batch, &self.cotangents(weights))
    }

    /// $W^\top r_i=n\,\partial L/\partial h_i$ (without the mean), $n\times F$.
    pub fn cotangents(&self, weights: &Array1<f64>) -> Array2<f64> {
        self.residuals.dot(&self.problem.matrix(weights))
    }

    /// The mean of $\operatorname{vec}(r_ih_i^\top)$ over each `group` consecutive examples, one a row.
    pub fn group_gradients(&self, group: usize) -> Array2<f64> {
        let n = self.batch.rows.len();
        let starts: Vec<usize> = (0..n).step_by(group).collect();
        let mut out = Array2::zeros((starts.len(), self.problem.classes * self.problem.width()));
        for (mut row, &start) in out.rows_mut().into_iter().zip(&starts) {
            let range = start..(start + group).min(n);
            let count = range.len() as f64;
            let mean = self.residuals.slice(s![range.clone(), ..]).t().dot(&self.mixed.slice(s![range, ..])) / count;
            row.iter_mut().zip(mean).for_each(|(to, from)| *to = from);
        }
        out
    }

    /// The share of examples whose largest probability is that of the label, and the mean of $-\sum_c p_c\log p_c$.
    pub fn accuracy_and_entropy(&self) -> (f64, f64) {
        let (mut correct, mut entropy) = (0usize, 0.0);
        for (p, &i) in self.probabilities.rows().into_iter().zip(&self.batch.rows) {
            let label = self.problem.labels[i];
            correct += usize::from(p.iter().enumerate().all(|(c, &x)| c == label || x < p[label]));
            entropy -= p.iter().filter(|&&x| x > 0.0).map(|&x| x * x.ln()).sum::<f64>();
        }
        (correct as f64 / self.count(), entropy / self.count())
    }
}

/// The derivative of a [`Pass`] along a direction.
pub(super) struct Tangent<'a> {
    /// $\dot W$, where it is not zero.
    weights: Option<&'a Array1<f64>>,
    /// $\dot h_i$, where they are not zero.
    mixed: Option<Array2<f64>>,
    /// $\dot r_i$.
    residuals: Array2<f64>,
}

impl<'a> Tangent<'a> {
    pub fn along_weights(pass: &Pass<'_>, direction: &'a Array1<f64>) -> Self {
        let scores = pass.mixed.dot(&pass.problem.matrix(direction).t());
        Self { weights: Some(direction), mixed: None, residuals: softmax_tangent(&pass.probabilities, scores) }
    }

    pub fn along_gates(pass: &Pass<'_>, weights: &Array1<f64>, direction: &Array2<f64>) -> Self {
        let mixed = mix(pass.problem, pass.batch, direction);
        let scores = mixed.dot(&pass.problem.matrix(weights).t());
        Self { weights: None, mixed: Some(mixed), residuals: softmax_tangent(&pass.probabilities, scores) }
    }

    /// $\dot{(\partial L/\partial W)}$.
    pub fn gradient(&self, pass: &Pass<'_>) -> Array1<f64> {
        let mut sum = self.residuals.t().dot(&pass.mixed);
        if let Some(mixed) = &self.mixed {
            sum += &pass.residuals.t().dot(mixed);
        }
        let mut out = SoftmaxRegression::vector(sum / pass.count());
        if let Some(direction) = self.weights {
            out.scaled_add(pass.problem.l2_of(pass.batch), direction);
        }
        out
    }

    /// $\dot C$.
    pub fn cost(&self, pass: &Pass<'_>, weights: &Array1<f64>) -> Array2<f64> {
        let mut sum = self.residuals.dot(&pass.problem.matrix(weights));
        if let Some(direction) = self.weights {
            sum += &pass.residuals.dot(&pass.problem.matrix(direction));
        }
        unmix(pass.problem, pass.batch, &sum)
    }
}

/// $J_i\dot s_i = p_i\circ(\dot s_i - \langle p_i,\dot s_i\rangle)$, row by row.
fn softmax_tangent(probabilities: &Array2<f64>, mut scores: Array2<f64>) -> Array2<f64> {
    for (p, mut s) in probabilities.axis_iter(Axis(0)).zip(scores.axis_iter_mut(Axis(0))) {
        let mean = p.dot(&s);
        Zip::from(&mut s).and(&p).for_each(|s, &p| *s = p * (*s - mean));
    }
    scores
}
