//! A cell whose every edge mixes three operations: nodes, operation parameters and gates, over any [`Real`].
//!
//! $x_0$ is given, $x_j=\sum_{i<j}\sum_kZ_{i,j}^kO_{i,j}^k(x_i)$, and the operations of an edge are $Wx$, $W\max(x,0)$ and $W(x\odot x)$: one that is
//! linear, one as in ReLU-Conv, one that is smooth and bent. The loss is $\tfrac12\sum_j\lVert x_j-y_j\rVert^2$ over the nodes that it sees.

use std::ops::RangeInclusive;

use num_dual::{Dual64, DualNum};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::concrete;
use crate::linalg::Real;

/// Operations on an edge.
pub const OPERATIONS: usize = 3;

/// A cell, and a point of it. Edges are ordered by the node they end in, then by the node they start from.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// $x_0$.
    pub input: Vec<f64>,
    /// $W$ by edge and operation, $w\times w$ row by row.
    pub weights: Vec<[Vec<f64>; OPERATIONS]>,
    /// $\boldsymbol\alpha_{i,j}$, positive.
    pub alpha: Vec<[f64; OPERATIONS]>,
    /// $\mathbf U_{i,j}$ in $(0,1)$.
    pub uniform: Vec<[f64; OPERATIONS]>,
    /// $\lambda$.
    pub temperature: f64,
    /// $y_j$ for every node after the input.
    pub targets: Vec<Vec<f64>>,
    /// Whether the loss sees all nodes after the input (the output of the cell concatenates them) or the last one alone.
    pub concatenated: bool,
    /// Whether the gates are one-hot, 1 for the largest of Eq. (5): a child graph, all of whose numbers are integers.
    pub hard: bool,
}

/// Cells of two to four nodes after the input, of these widths.
pub fn cells(concatenated: bool, width: RangeInclusive<usize>) -> impl Strategy<Value = Cell> {
    sized(2..=4, concatenated, width)
}

/// Cells with as many nodes after the input, of these widths.
pub fn sized(
    after: RangeInclusive<usize>,
    concatenated: bool,
    width: RangeInclusive<usize>,
) -> impl Strategy<Value = Cell> {
    (after, width).prop_flat_map(move |(after, width)| {
        let edges = after * (after + 1) / 2;
        let small = || (-2i8..=2).prop_map(f64::from);
        let positive = || (1u8..=4).prop_map(f64::from);
        let uniform = || (1u8..=15).prop_map(|k| f64::from(k) / 16.0);
        (
            vec(small(), width),
            vec([vec(small(), width * width), vec(small(), width * width), vec(small(), width * width)], edges),
            vec([positive(), positive(), positive()], edges),
            vec([uniform(), uniform(), uniform()], edges),
            (1u8..=8).prop_map(|k| f64::from(k) / 4.0),
            vec(vec(small(), width), after),
        )
            .prop_map(move |(input, weights, alpha, uniform, temperature, targets)| Cell {
                input,
                weights,
                alpha,
                uniform,
                temperature,
                targets,
                concatenated,
                hard: false,
            })
    })
}

/// What is differentiated with respect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// Nothing.
    None,
    /// A component of a node: what is added to it.
    Node(usize, usize),
    /// An entry of the parameters of an operation on an edge.
    Weight(usize, usize, usize),
    /// An architecture parameter.
    Alpha(usize, usize),
    /// A gate.
    Gate(usize, usize),
}

/// The edge from `i` to `j`.
pub fn edge(i: usize, j: usize) -> usize {
    j * (j - 1) / 2 + i
}

fn dual(x: f64, seeded: bool) -> Dual64 {
    if seeded { Dual64::from(x).derivative() } else { Dual64::from(x) }
}

/// $O^k(x)$ with parameters `w`.
pub fn operation<T: Real>(k: usize, w: &[T], x: &[T]) -> Vec<T> {
    let bent: Vec<T> = x
        .iter()
        .map(|&x| match k {
            0 => x,
            1 if x.value() > 0.0 => x,
            1 => T::zero(),
            _ => x * x,
        })
        .collect();
    w.chunks(x.len()).map(|row| row.iter().zip(&bent).fold(T::zero(), |sum, (&w, &x)| sum + w * x)).collect()
}

impl Cell {
    /// Nodes, the input among them.
    pub fn nodes(&self) -> usize {
        self.targets.len() + 1
    }

    /// Components of a node.
    pub fn width(&self) -> usize {
        self.input.len()
    }

    /// All edges as pairs $(i,j)$, in order.
    pub fn edges(&self) -> Vec<(usize, usize)> {
        (1..self.nodes()).flat_map(|j| (0..j).map(move |i| (i, j))).collect()
    }

    /// The nodes that the loss sees.
    pub fn seen(&self) -> std::ops::Range<usize> {
        if self.concatenated { 1..self.nodes() } else { self.nodes() - 1..self.nodes() }
    }

    /// The child graph that the noise of this cell selects as $\lambda\to0$.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { hard: true, ..self.clone() }
    }

    /// $Z$: of Eq. (5), or one-hot.
    pub fn gates(&self) -> Vec<[f64; OPERATIONS]> {
        self.seeded_gates(Seed::None).iter().map(|z| z.map(Real::value)).collect()
    }

    /// $Z$, one-hot whether the cell's own gates are or not.
    pub fn one_hot(&self) -> Vec<[f64; OPERATIONS]> {
        self.child().gates()
    }

    fn seeded_gates(&self, seed: Seed) -> Vec<[Dual64; OPERATIONS]> {
        (0..self.alpha.len())
            .map(|e| {
                let alpha: [Dual64; OPERATIONS] =
                    std::array::from_fn(|k| dual(self.alpha[e][k], seed == Seed::Alpha(e, k)));
                let mut z = concrete::sample(&alpha, &self.uniform[e], self.temperature);
                if self.hard {
                    let largest = (1..OPERATIONS).fold(0, |best, k| if z[k].re > z[best].re { k } else { best });
                    z = std::array::from_fn(|k| f64::from(u8::from(k == largest)).into());
                }
                for (k, z) in z.iter_mut().enumerate() {
                    if seed == Seed::Gate(e, k) {
                        *z = z.derivative();
                    }
                }
                z
            })
            .collect()
    }

    /// All nodes, with their derivatives with respect to the seed. `gates` replaces those of Eq. (5).
    pub fn forward(&self, seed: Seed, gates: Option<&[[f64; OPERATIONS]]>) -> Vec<Vec<Dual64>> {
        let z = match gates {
            None => self.seeded_gates(seed),
            Some(gates) => gates
                .iter()
                .enumerate()
                .map(|(e, z)| std::array::from_fn(|k| dual(z[k], seed == Seed::Gate(e, k))))
                .collect(),
        };
        let shift =
            |j: usize, c: usize| if seed == Seed::Node(j, c) { Dual64::from(0.0).derivative() } else { 0.0.into() };
        let mut nodes: Vec<Vec<Dual64>> = vec![self.input.iter().enumerate().map(|(c, &x)| shift(0, c) + x).collect()];
        for j in 1..self.nodes() {
            let mut x = self.mix(j, &nodes, &z, seed);
            for (c, x) in x.iter_mut().enumerate() {
                *x += shift(j, c);
            }
            nodes.push(x);
        }
        nodes
    }

    /// Eq. (2): $x_j$ from the nodes before it.
    pub fn mix(&self, j: usize, nodes: &[Vec<Dual64>], z: &[[Dual64; OPERATIONS]], seed: Seed) -> Vec<Dual64> {
        let mut x = vec![Dual64::from(0.0); self.width()];
        for (i, node) in nodes.iter().enumerate().take(j) {
            let e = edge(i, j);
            for (k, &gate) in z[e].iter().enumerate() {
                let entries = self.weights[e][k].iter().enumerate();
                let w: Vec<Dual64> = entries.map(|(n, &w)| dual(w, seed == Seed::Weight(e, k, n))).collect();
                for (x, o) in x.iter_mut().zip(operation(k, &w, node)) {
                    *x += o * gate;
                }
            }
        }
        x
    }

    /// The loss at these nodes.
    pub fn loss(&self, nodes: &[Vec<Dual64>]) -> Dual64 {
        let terms = self.seen().flat_map(|j| nodes[j].iter().zip(&self.targets[j - 1]));
        terms.fold(0.0.into(), |sum: Dual64, (&x, &y)| sum + (x - y).powi(2) * 0.5)
    }

    /// $\partial\mathcal L/\partial\,\text{seed}$, the total derivative.
    pub fn slope(&self, seed: Seed) -> f64 {
        self.loss(&self.forward(seed, None)).eps
    }

    /// $\partial f/\partial x_j$ of an output $f$, the first component of the last node.
    pub fn output_slope(&self, j: usize) -> Vec<f64> {
        (0..self.width()).map(|c| self.forward(Seed::Node(j, c), None)[self.nodes() - 1][0].eps).collect()
    }

    /// $\partial\mathcal L/\partial x_j$, the total derivative.
    pub fn node_slope(&self, j: usize) -> Vec<f64> {
        (0..self.width()).map(|c| self.slope(Seed::Node(j, c))).collect()
    }

    /// The values of all nodes.
    pub fn values(&self) -> Vec<Vec<f64>> {
        self.forward(Seed::None, None).iter().map(|x| x.iter().map(|x| x.re).collect()).collect()
    }

    /// $O_{i,j}(x_i)$, by operation.
    pub fn outputs(&self, i: usize, j: usize) -> [Vec<f64>; OPERATIONS] {
        let x = &self.values()[i];
        std::array::from_fn(|k| operation(k, &self.weights[edge(i, j)][k], x))
    }

    /// $\partial O^k_{i,j}(x_i)/\partial x_i$ along component `c`.
    pub fn jacobian(&self, i: usize, j: usize, k: usize, c: usize) -> Vec<f64> {
        let x: Vec<Dual64> = self.values()[i].iter().enumerate().map(|(n, &x)| dual(x, n == c)).collect();
        let w: Vec<Dual64> = self.weights[edge(i, j)][k].iter().map(|&w| w.into()).collect();
        operation(k, &w, &x).iter().map(|o| o.eps).collect()
    }

    /// $\partial O^k_{i,j}(x_i)/\partial\theta^k_{i,j}$ along entry `n`.
    pub fn parameter_jacobian(&self, i: usize, j: usize, k: usize, n: usize) -> Vec<f64> {
        let x: Vec<Dual64> = self.values()[i].iter().map(|&x| x.into()).collect();
        let w: Vec<Dual64> = self.weights[edge(i, j)][k].iter().enumerate().map(|(m, &w)| dual(w, m == n)).collect();
        operation(k, &w, &x).iter().map(|o| o.eps).collect()
    }

    /// The same cell with all its numbers replaced by their magnitudes: its values and slopes bound those of this one, term by term, and so the
    /// sums of magnitudes that rounding is relative to.
    #[must_use]
    pub fn magnitudes(&self) -> Self {
        let abs = |x: &Vec<f64>| x.iter().map(|x| x.abs()).collect::<Vec<f64>>();
        Self {
            input: abs(&self.input),
            weights: self.weights.iter().map(|edge| edge.each_ref().map(abs)).collect(),
            targets: self.targets.iter().map(|y| y.iter().map(|y| -y.abs()).collect()).collect(),
            ..self.clone()
        }
    }

    /// Roundings in sequence, from the input to a slope: every node sums three operations of each node before it, each a sum over the width, after
    /// gates whose exponents are at most $\ln4+\ln\ln16$ over the temperature, at least a quarter.
    pub fn roundings(&self) -> usize {
        let exponent = 4 * 3;
        self.nodes() * (self.nodes() * OPERATIONS * self.width() + exponent)
    }
}
