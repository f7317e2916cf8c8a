//! The pass back through the decisions.

use super::{
    Controller,
    forward::{BOUND, Sort, Step, TEMPERATURE},
};

/// `matrix += a bᵀ`, row by row.
fn add_outer(matrix: &mut [f64], a: &[f64], b: &[f64]) {
    for (row, &a) in matrix.chunks_mut(b.len()).zip(a) {
        row.iter_mut().zip(b).for_each(|(m, &b)| *m += a * b);
    }
}

/// `out += Wᵀ a` for a matrix stored row by row.
fn add_transposed(out: &mut [f64], matrix: &[f64], a: &[f64]) {
    for (row, &a) in matrix.chunks(out.len()).zip(a) {
        out.iter_mut().zip(row).for_each(|(out, &w)| *out += a * w);
    }
}

fn add(out: &mut [f64], x: &[f64]) {
    out.iter_mut().zip(x).for_each(|(out, x)| *out += x);
}

impl Controller {
    /// $\sum_kw_k\nabla\log p(s_k\mid s_{<k})$ over the decisions.
    ///
    /// Backwards, with bars for the derivatives of that sum: at the head $\bar l_o=w_k(\delta_{os_k}-p_o)$ and $2.5\tanh(\cdot/5)$ has the slope
    /// $\frac{2.5}5(1-\tanh^2)$; then $\bar c\mathrel{+}=\bar h\,\sigma(o)(1-\tanh^2c)$, and the four gates get
    /// $\bar c\tanh g\,\sigma'(i)$, $\bar c\,c_{\text{before}}\,\sigma'(f)$, $\bar c\,\sigma(i)(1-\tanh^2g)$, $\bar h\tanh c\,\sigma'(o)$.
    pub(super) fn backward(&self, w: &[f64], steps: &[Step<f64>], weights: &[f64]) -> Vec<f64> {
        let n = self.units;
        let at = self.layout();
        let mut gradient = vec![0.0; at.end];
        let (mut h_bar, mut c_bar) = (vec![0.0; n], vec![0.0; n]);
        for (step, &weight) in steps.iter().zip(weights).rev() {
            let head_bar: Vec<f64> = (step.probabilities.iter().zip(&step.squashed).enumerate())
                .map(|(o, (&p, &t))| {
                    // What there is not, or is taken already, has probability 0 and is not chosen.
                    let delta = f64::from(u8::from(o == step.chosen));
                    weight * (delta - p) * BOUND / TEMPERATURE * (1.0 - t * t)
                })
                .collect();
            let head = if step.sort == Sort::Operation { &at.operations } else { &at.places };
            add_outer(&mut gradient[head.matrix.clone()], &head_bar, &step.after.1);
            add(&mut gradient[head.bias.clone()], &head_bar);
            add_transposed(&mut h_bar, &w[head.matrix.clone()], &head_bar);

            let a = &step.activations;
            let mut gate_bar = vec![0.0; 4 * n];
            for k in 0..n {
                let (i, f, g, o) = (a[k], a[n + k], a[2 * n + k], a[3 * n + k]);
                let squashed = step.after.0[k];
                c_bar[k] += h_bar[k] * o * (1.0 - squashed * squashed);
                gate_bar[k] = c_bar[k] * g * i * (1.0 - i);
                gate_bar[n + k] = c_bar[k] * step.state.1[k] * f * (1.0 - f);
                gate_bar[2 * n + k] = c_bar[k] * i * (1.0 - g * g);
                gate_bar[3 * n + k] = h_bar[k] * squashed * o * (1.0 - o);
                c_bar[k] *= f;
            }
            add_outer(&mut gradient[at.from_input.clone()], &gate_bar, &w[step.input.clone()]);
            add_outer(&mut gradient[at.from_state.clone()], &gate_bar, &step.state.0);
            add(&mut gradient[at.bias.clone()], &gate_bar);
            add_transposed(&mut gradient[step.input.clone()], &w[at.from_input.clone()], &gate_bar);
            h_bar.fill(0.0);
            add_transposed(&mut h_bar, &w[at.from_state.clone()], &gate_bar);
        }
        gradient
    }
}
