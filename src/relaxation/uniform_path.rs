//! One operation an edge, each as likely as any other: how RandomNAS and SETN train their weights.

use ndarray::Array2;
use rand::{Rng, RngExt};

use super::{Draw, Relaxation, one_hot, present};

/// A uniformly drawn path; $\alpha$ only says which operations there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UniformPath;

/// The operation drawn on each edge.
#[derive(Debug, Clone, PartialEq)]
pub struct UniformPathDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    /// The operation of each edge.
    pub chosen: Vec<usize>,
}

impl UniformPath {
    /// The draw in which `chosen` was sampled, of `operations` operations an edge.
    pub fn at(&self, operations: usize, chosen: Vec<usize>) -> UniformPathDraw {
        let gates = one_hot(operations, &chosen);
        UniformPathDraw { active: gates.mapv(|z| z > 0.0), gates, chosen }
    }
}

impl Relaxation for UniformPath {
    type Draw = UniformPathDraw;

    fn sample<R: Rng + ?Sized>(&self, alpha: &Array2<f64>, rng: &mut R) -> UniformPathDraw {
        let present = present(alpha);
        let chosen = present.rows().into_iter().map(|row| {
            let there: Vec<usize> = row.iter().enumerate().filter(|(_, on)| **on).map(|(o, _)| o).collect();
            if there.is_empty() { 0 } else { there[rng.random_range(0..there.len())] }
        });
        self.at(alpha.ncols(), chosen.collect())
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        let mut out = present(alpha).mapv(|on| f64::from(u8::from(on)));
        for mut row in out.rows_mut() {
            row /= row.sum().max(1.0);
        }
        out
    }
}

impl Draw for UniformPathDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    /// 0: the distribution does not depend on $\alpha$.
    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        Array2::zeros(cost.dim())
    }
}
