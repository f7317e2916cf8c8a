//! The dense Hessian, assembled from weighted Gram matrices.
//!
//! Block $(c,c')$ of $\frac1n\sum_i J_i\otimes h_ih_i^\top$ is $\frac1n\sum_i(\delta_{cc'}p_{ic} - p_{ic}p_{ic'})h_ih_i^\top$. With
//! $A_c$ the matrix of rows $p_{ic}h_i$, the second part is $-A_c^\top[A_c,\dots,A_C]$, one product a class, and the first
//! $A_c^\top[h]$: half of what forming the full square would cost.

use ndarray::{Array1, Array2, Axis, s};

use super::{Examples, SoftmaxRegression, forward::Pass};

impl SoftmaxRegression {
    /// $\frac{\partial^2L}{\partial\theta\,\partial\theta}$, $CF\times CF$, exactly symmetric.
    pub fn dense_hessian(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Examples) -> Array2<f64> {
        assemble(&Pass::new(self, weights, gates, batch))
    }
}

pub(super) fn assemble(pass: &Pass<'_>) -> Array2<f64> {
    let (problem, n) = (pass.problem, pass.batch.rows.len());
    let (classes, width) = (problem.classes, problem.width());
    // [A_1, …, A_C], n × CF.
    let mut weighted = Array2::zeros((n, classes * width));
    for (c, p) in pass.probabilities.columns().into_iter().enumerate() {
        let mut block = weighted.slice_mut(s![.., c * width..(c + 1) * width]);
        block.assign(&pass.mixed);
        block *= &p.insert_axis(Axis(1));
    }
    let mut hessian = Array2::zeros((classes * width, classes * width));
    let scale = 1.0 / n as f64;
    for c in 0..classes {
        let from = c * width;
        let a = weighted.slice(s![.., from..from + width]);
        let mut row = a.t().dot(&weighted.slice(s![.., from..]));
        row *= -scale;
        let mut diagonal = row.slice_mut(s![.., ..width]);
        diagonal.scaled_add(scale, &a.t().dot(&pass.mixed));
        hessian.slice_mut(s![from..from + width, from..]).assign(&row);
    }
    for i in 0..classes * width {
        hessian[(i, i)] += problem.l2_of(pass.batch);
        for j in 0..i {
            hessian[(i, j)] = hessian[(j, i)];
        }
    }
    hessian
}
