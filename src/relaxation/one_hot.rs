//! The one-hot relaxation of DSNAS: one operation $s_e$ an edge, $p_e=\mathrm{softmax}(\alpha_e)$, and a score function in place of a derivative.
//!
//! $$\frac{\partial L}{\partial\alpha_{ek}}\approx C_{es_e}\,\frac{\partial\log p_{es_e}}{\partial\alpha_{ek}}=C_{es_e}(\delta_{ks_e}-p_{ek}),\qquad
//!   C_{es}=\frac{\partial L}{\partial Z_{es}}$$
//! (`wiring`, the equation before Eq. 4). Only the sampled operations are evaluated.
//!
//! *Bias.* If $L$ is affine in the row $Z_e$, $L=L_0+\langle C_e,Z_e\rangle$ with $L_0, C_e$ free of $Z_e$, then
//! $\mathbb E\lbrack C_{es}\nabla\log p_s\rbrack=\sum_sC_{es}\nabla p_s=\nabla\,\mathbb E\,L$: unbiased. If instead $L$ at a chosen operation grows like $Z_{es}^m$, Euler's relation
//! makes $C_{es}=m\,(L-L_0)$ and the expectation is $m$ times $\nabla\,\mathbb E\,L$.

use ndarray::Array2;
use rand::Rng;

use super::{Draw, Relaxation, Score, categorical::argmax, concrete::gumbel, one_hot, softmax};

/// One operation an edge, drawn from $\mathrm{softmax}(\alpha_e)$.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneHot;

/// The operation drawn on each edge.
#[derive(Debug, Clone, PartialEq)]
pub struct OneHotDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    probabilities: Array2<f64>,
    /// $s_e$.
    pub chosen: Vec<usize>,
}

impl OneHot {
    /// The draw in which `chosen` was sampled.
    ///
    /// # Panics
    /// When it has fewer entries than there are edges, as indexing does.
    pub fn at(&self, alpha: &Array2<f64>, chosen: Vec<usize>) -> OneHotDraw {
        let gates = one_hot(alpha.ncols(), &chosen);
        OneHotDraw { active: gates.mapv(|z| z > 0.0), gates, probabilities: softmax::gates(alpha), chosen }
    }

    /// The operation of each edge that the noise $G$ samples: $\arg\max_o(\alpha_{eo}+G_{eo})$, which has the probabilities $\mathrm{softmax}(\alpha_e)$.
    pub fn at_noise(&self, alpha: &Array2<f64>, noise: &Array2<f64>) -> OneHotDraw {
        let perturbed = alpha + noise;
        self.at(alpha, perturbed.rows().into_iter().map(argmax).collect())
    }
}

impl Relaxation for OneHot {
    type Draw = OneHotDraw;

    fn sample<R: Rng + ?Sized>(&self, alpha: &Array2<f64>, rng: &mut R) -> OneHotDraw {
        self.at_noise(alpha, &gumbel(alpha.dim(), rng))
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        softmax::gates(alpha)
    }
}

impl Draw for OneHotDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        let mut out = self.score();
        for ((mut row, cost), &s) in out.rows_mut().into_iter().zip(cost.rows()).zip(&self.chosen) {
            row *= cost[s];
        }
        out
    }
}

impl Score for OneHotDraw {
    fn log_probability(&self) -> f64 {
        self.chosen.iter().enumerate().map(|(e, &s)| self.probabilities[(e, s)].ln()).sum()
    }

    fn score(&self) -> Array2<f64> {
        &self.gates - &self.probabilities
    }
}
