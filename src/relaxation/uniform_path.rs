//! A cell of the space, each as likely as any other: how RandomNAS and SETN train their weights.

use ndarray::Array2;
use rand::{Rng, RngExt};

use super::{Draw, Relaxation};
use crate::space::Choices;

/// A uniformly drawn cell; $\alpha$ has no say.
///
/// Where a node keeps $k$ of its edges, a cell is a choice of $k$ edges with one operation on each. If edge $e$ has $n_e$ operations, there are
/// $\sigma_k(n)=\sum_{|S|=k}\prod_{e\in S}n_e$ of them, an elementary symmetric polynomial, and edge after edge belongs to the cell with probability
/// $$\frac{n_e\,\sigma_{k'-1}(n_{e+1},\dots)}{\sigma_{k'}(n_e,n_{e+1},\dots)},$$
/// $k'$ being how many are still to be chosen: the cells that have it among all that are left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniformPath {
    choices: Choices,
}

/// The cell drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct UniformPathDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
}

/// $\sigma_k$.
fn symmetric(numbers: &[f64], k: usize) -> f64 {
    let mut sums = vec![0.0; k + 1];
    sums[0] = 1.0;
    for n in numbers {
        for j in (1..=k).rev() {
            sums[j] += n * sums[j - 1];
        }
    }
    sums[k]
}

impl UniformPath {
    /// Cells of these choices.
    pub fn new(choices: &Choices) -> Self {
        Self { choices: choices.clone() }
    }

    /// How often each gate is open.
    fn probabilities(&self) -> Array2<f64> {
        let mut out = Array2::zeros(self.choices.allowed().dim());
        for decision in self.choices.decisions() {
            let (groups, keep) = self.choices.groups(decision);
            let numbers: Vec<f64> = groups.iter().map(|group| group.len() as f64).collect();
            let all = symmetric(&numbers, keep);
            for (i, group) in groups.iter().enumerate() {
                let others = [&numbers[..i], &numbers[i + 1..]].concat();
                // Of the cells with a gate of this group, each gate has its share.
                group.iter().for_each(|&at| out[at] = symmetric(&others, keep - 1) / all);
            }
        }
        out
    }
}

impl Relaxation for UniformPath {
    type Draw = UniformPathDraw;

    fn sample<R: Rng + ?Sized>(&self, _: &Array2<f64>, rng: &mut R) -> UniformPathDraw {
        let mut open = Vec::new();
        for decision in self.choices.decisions() {
            let (groups, mut left) = self.choices.groups(decision);
            let numbers: Vec<f64> = groups.iter().map(|group| group.len() as f64).collect();
            for (i, group) in groups.iter().enumerate().filter(|(_, group)| !group.is_empty()) {
                if left == 0 {
                    break;
                }
                let with = numbers[i] * symmetric(&numbers[i + 1..], left - 1);
                // Certain where all that are left are needed: nothing is drawn then.
                let without = symmetric(&numbers[i + 1..], left);
                if without == 0.0 || rng.random_bool(with / (with + without)) {
                    open.push(group[rng.random_range(0..group.len())]);
                    left -= 1;
                }
            }
        }
        let gates = self.choices.gates(&open);
        UniformPathDraw { active: gates.mapv(|z| z > 0.0), gates }
    }

    fn strengths(&self, _: &Array2<f64>) -> Array2<f64> {
        self.probabilities()
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
