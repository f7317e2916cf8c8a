//! The binary gates of ProxylessNAS: one path is run, and the derivative with respect to the gate stands in for that with respect to the probability.
//!
//! One operation $s_e$ is drawn from $p_e=\mathrm{softmax}(\alpha_e)$ and gets the gate 1. With the costs $c_j=\partial L/\partial Z_{ej}$ at these gates
//! ($\langle\partial L/\partial y,o_j\rangle$, which needs the output of every operation),
//! $$\frac{\partial L}{\partial\alpha_i}\approx\sum_jc_j\frac{\partial p_j}{\partial\alpha_i}=p_i\Big(c_i-\sum_jp_jc_j\Big),$$
//! unbiased where $L$ is affine in $Z_e$ (the costs then do not depend on what was drawn on this edge).
//!
//! **Two paths.** Two operations are drawn without replacement with probabilities $p$, one of them then gets the gate with $q_i=p_i/(p_i+p_j)$, and only
//! these two are evaluated: the formula above with $q$ for $p$. After the optimiser's step the two logits are shifted by the same amount so that
//! $e^{\alpha_i}+e^{\alpha_j}$, and with it every other operation's probability, is what it was ([`BinaryDraw::preserve_mass`]). Where $L$ is affine in $Z_e$
//! the expectation is
//! $$\sum_{j\ne i}w_{ij}\,p_ip_j(c_i-c_j),\qquad w_{ij}=\frac{P(\{i,j\})}{(p_i+p_j)^2},\quad P(\{i,j\})=p_ip_j\Big(\frac1{1-p_i}+\frac1{1-p_j}\Big),$$
//! against $\sum_{j\ne i}p_ip_j(c_i-c_j)$ for the derivative of $\mathbb E\,L$: every pairwise comparison has its sign, but its own weight $w_{ij}$, which is 1
//! only when there are no other operations.

use ndarray::{Array2, Zip};
use rand::Rng;

use super::{Draw, Relaxation, categorical::draw, one_hot, present, softmax};

/// How many operations are evaluated on an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paths {
    /// All of them, for their costs.
    Full,
    /// Two.
    Two,
}

/// The relaxation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BinaryGate {
    /// How many operations are evaluated.
    pub paths: Paths,
}

/// Gates that are 1 for one operation an edge.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    /// $p$ with all paths, $q$ with two: 0 for what is not evaluated.
    pub probabilities: Array2<f64>,
}

impl BinaryGate {
    /// The draw in which, edge by edge, the operations in `evaluated` are evaluated and `chosen` has the gate.
    ///
    /// # Panics
    /// When `chosen` has fewer entries than there are edges, as indexing does.
    pub fn at(&self, alpha: &Array2<f64>, evaluated: Array2<bool>, chosen: &[usize]) -> BinaryDraw {
        let mut logits = alpha.clone();
        logits.zip_mut_with(&evaluated, |a, &on| *a = if on { *a } else { f64::NEG_INFINITY });
        BinaryDraw { gates: one_hot(alpha.ncols(), chosen), active: evaluated, probabilities: softmax::gates(&logits) }
    }
}

impl Relaxation for BinaryGate {
    type Draw = BinaryDraw;

    fn sample<R: Rng + ?Sized>(&self, alpha: &Array2<f64>, rng: &mut R) -> BinaryDraw {
        let p = softmax::gates(alpha);
        let evaluated = match self.paths {
            Paths::Full => present(alpha),
            Paths::Two => {
                let mut evaluated = Array2::from_elem(alpha.dim(), false);
                for (p, mut on) in p.rows().into_iter().zip(evaluated.rows_mut()) {
                    let first = draw(p, rng);
                    let mut rest = p.to_owned();
                    rest[first] = 0.0;
                    on[first] = true;
                    // An edge with a single operation has no second one.
                    if rest.sum() > 0.0 {
                        on[draw(rest.view(), rng)] = true;
                    }
                }
                evaluated
            }
        };
        let mut drawn = self.at(alpha, evaluated, &vec![0; alpha.nrows()]);
        let chosen: Vec<usize> = drawn.probabilities.rows().into_iter().map(|q| draw(q, rng)).collect();
        drawn.gates = one_hot(alpha.ncols(), &chosen);
        drawn
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        softmax::gates(alpha)
    }
}

impl BinaryDraw {
    /// Shifts the logits of the evaluated operations of each edge so that their $\sum e^\alpha$ is what it was in `before`; with all paths evaluated this
    /// is a shift of the whole edge, which changes nothing.
    pub fn preserve_mass(&self, before: &Array2<f64>, after: &mut Array2<f64>) {
        for ((old, mut new), on) in before.rows().into_iter().zip(after.rows_mut()).zip(self.active.rows()) {
            let log_mass = |row: ndarray::ArrayView1<'_, f64>| {
                let of = || row.iter().zip(on).filter(|(_, on)| **on).map(|(a, _)| *a);
                let max = of().fold(f64::NEG_INFINITY, f64::max);
                max + of().map(|a| (a - max).exp()).sum::<f64>().ln()
            };
            let shift = log_mass(old) - log_mass(new.view());
            Zip::from(&mut new).and(&on).for_each(|a, &on| *a += if on { shift } else { 0.0 });
        }
    }
}

impl Draw for BinaryDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        softmax::pull(&self.probabilities, cost)
    }
}
