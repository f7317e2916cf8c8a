//! A cell whose every edge mixes three operations: nodes, operation parameters and gates, over any field.
//!
//! $x_0$ is given, $x_j=\sum_{i<j}\sum_kZ_{i,j}^kO_{i,j}^k(x_i)$, and the operations of an edge are $Wx$, $W\max(x,0)$ and $W(x\odot x)$: one that is
//! linear, one as in ReLU-Conv, one that is smooth and bent. The loss is $\tfrac12\sum_j\lVert x_j-y_j\rVert^2$ over the nodes that it sees.

use std::ops::RangeInclusive;

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::concrete;
use crate::enclosure::{Dual, Field, Symbolic, Undefined, inner, numbers, sum};

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

/// Cells with as many nodes after the input, three at most where these are wider than one.
pub fn sized(
    after: RangeInclusive<usize>,
    concatenated: bool,
    width: RangeInclusive<usize>,
) -> impl Strategy<Value = Cell> {
    (after, width).prop_flat_map(move |(after, width)| {
        // Four nodes of one component, three of two: fractions grow with the degree.
        let after = if width > 1 { after.min(3) } else { after };
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

/// What the instances of an exact check are.
pub const OVER: &str = "cells of small integers; any positive number for each exp((ln α + G)/λ)";

/// What is differentiated with respect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
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

/// $O^k(x)$ with parameters `w`.
pub fn operation<F: Field>(k: usize, w: &[F], x: &[F]) -> Vec<F> {
    let bend = |x: &F| match k {
        0 => x.clone(),
        1 if x.positive() => x.clone(),
        1 => F::zero(),
        _ => x.squared(),
    };
    let bent: Vec<F> = x.iter().map(bend).collect();
    w.chunks(x.len()).map(|row| inner(row, &bent)).collect()
}

fn constants<F: Field>(x: &[F]) -> Vec<Dual<F>> {
    x.iter().cloned().map(Dual::constant).collect()
}

/// The slopes alone.
pub fn slopes<F: Field>(x: &[Dual<F>]) -> Vec<F> {
    x.iter().map(|x| x.slope.clone()).collect()
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

    /// All $(i,j,k)$: edges and their operations.
    pub fn choices(&self) -> Vec<[usize; 3]> {
        self.edges().into_iter().flat_map(|(i, j)| (0..OPERATIONS).map(move |k| [i, j, k])).collect()
    }

    /// All $(i,j,k,n)$: edges, their operations and the entries of the parameters of those.
    pub fn parameters(&self) -> Vec<[usize; 4]> {
        let entries = self.width() * self.width();
        self.choices().into_iter().flat_map(|[i, j, k]| (0..entries).map(move |n| [i, j, k, n])).collect()
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

    /// The operation with the largest gate of Eq. (5), by edge: the one that $\lambda\to0$ selects.
    pub fn selected(&self) -> Vec<usize> {
        let largest = |e: usize| {
            let weight = |k: usize| self.alpha[e][k].ln() - (-self.uniform[e][k].ln()).ln();
            (1..OPERATIONS).fold(0, |best, k| if weight(k) > weight(best) { k } else { best })
        };
        (0..self.alpha.len()).map(largest).collect()
    }

    /// The gates of Eq. (5) on edge `e`, or one-hot ones.
    fn edge_gates<F: Symbolic>(&self, e: usize, alpha: &[F]) -> Result<Vec<F>, Undefined> {
        match self.hard {
            false => concrete::sample(alpha, &self.uniform[e], self.temperature),
            true => Ok(masks(&[self.selected()[e]]).remove(0)),
        }
    }

    /// The cell with its own gates, over a field.
    ///
    /// # Errors
    /// None for a cell drawn here.
    pub fn point<F: Symbolic>(&self) -> Result<Point<'_, F>, Undefined> {
        let gates = (0..self.alpha.len()).map(|e| self.edge_gates(e, &numbers(&self.alpha[e])?));
        self.masked(gates.collect::<Result<_, _>>()?)
    }

    /// The cell with these gates.
    ///
    /// # Errors
    /// As of [`point`](Self::point).
    pub fn masked<F: Symbolic>(&self, gates: Vec<Vec<F>>) -> Result<Point<'_, F>, Undefined> {
        let of_edge = |edge: &[Vec<f64>; OPERATIONS]| edge.iter().map(|w| numbers(w)).collect::<Result<Vec<_>, _>>();
        let mut point = Point {
            cell: self,
            weights: self.weights.iter().map(of_edge).collect::<Result<_, _>>()?,
            targets: self.targets.iter().map(|y| numbers(y)).collect::<Result<_, _>>()?,
            values: vec![numbers(&self.input)?],
            gates,
        };
        for j in 1..self.nodes() {
            let x = point.mixed(j);
            point.values.push(x);
        }
        Ok(point)
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

/// One-hot gates, by edge.
pub fn masks<F: Field>(choice: &[usize]) -> Vec<Vec<F>> {
    let unit = |chosen: usize| (0..OPERATIONS).map(move |k| if k == chosen { F::one() } else { F::zero() }).collect();
    choice.iter().map(|&chosen| unit(chosen)).collect()
}

/// A [`Cell`] over a field, with its gates and the values of its nodes.
#[derive(Debug, Clone)]
pub struct Point<'a, F> {
    /// Where it comes from.
    pub cell: &'a Cell,
    /// $W$ by edge and operation.
    pub weights: Vec<Vec<Vec<F>>>,
    /// $Z$ by edge and operation.
    pub gates: Vec<Vec<F>>,
    /// $x_j$ of all nodes.
    pub values: Vec<Vec<F>>,
    /// $y_j$ for every node after the input.
    pub targets: Vec<Vec<F>>,
}

impl<F: Symbolic> Point<'_, F> {
    /// $O_{i,j}(x_i)$, by operation.
    pub fn outputs(&self, i: usize, j: usize) -> Vec<Vec<F>> {
        (0..OPERATIONS).map(|k| operation(k, &self.weights[edge(i, j)][k], &self.values[i])).collect()
    }

    /// $\tilde O_{i,j}(x_i)=\mathbf Z^\top\mathbf O(x_i)$.
    pub fn edge_output(&self, i: usize, j: usize) -> Vec<F> {
        let (gates, outputs) = (&self.gates[edge(i, j)], self.outputs(i, j));
        (0..self.cell.width()).map(|c| sum((0..OPERATIONS).map(|k| gates[k].clone() * outputs[k][c].clone()))).collect()
    }

    /// Eq. (2): $x_j$ from the nodes before it.
    fn mixed(&self, j: usize) -> Vec<F> {
        let edges: Vec<Vec<F>> = (0..j).map(|i| self.edge_output(i, j)).collect();
        (0..self.cell.width()).map(|c| sum(edges.iter().map(|o| o[c].clone()))).collect()
    }

    /// $\partial x_j$ of all nodes with respect to the seed.
    ///
    /// # Errors
    /// None for a cell drawn here.
    pub fn node_slopes(&self, seed: Seed) -> Result<Vec<Vec<F>>, Undefined> {
        self.moved(seed, |_| true)
    }

    /// The same with the nodes that `held` says held fixed.
    ///
    /// # Errors
    /// As of [`node_slopes`](Self::node_slopes).
    pub fn moved(&self, seed: Seed, moves: impl Fn(usize) -> bool) -> Result<Vec<Vec<F>>, Undefined> {
        let seeded = |x: &[F], at: Option<usize>| {
            let mut x = constants(x);
            if let Some(n) = at {
                x[n].slope = F::one();
            }
            x
        };
        let mut nodes: Vec<Vec<Dual<F>>> = Vec::new();
        for j in 0..self.cell.nodes() {
            let mut x = constants(&self.values[j]);
            for (i, before) in nodes.iter().enumerate().filter(|_| moves(j)) {
                let e = edge(i, j);
                let gates = match seed {
                    Seed::Alpha(at, k) if at == e => {
                        self.cell.edge_gates(e, &seeded(&numbers(&self.cell.alpha[e])?, Some(k)))?
                    }
                    Seed::Gate(at, k) if at == e => seeded(&self.gates[e], Some(k)),
                    _ => constants(&self.gates[e]),
                };
                for (k, gate) in gates.iter().enumerate() {
                    let at = match seed {
                        Seed::Weight(at, of, n) if (at, of) == (e, k) => Some(n),
                        _ => None,
                    };
                    let out = operation(k, &seeded(&self.weights[e][k], at), before);
                    x.iter_mut().zip(out).for_each(|(x, o)| x.slope += (o * gate.clone()).slope);
                }
            }
            if let Seed::Node(at, c) = seed
                && at == j
            {
                x[c].slope += F::one();
            }
            nodes.push(x);
        }
        Ok(nodes.iter().map(|x| slopes(x)).collect())
    }

    /// $\mathcal L$.
    ///
    /// # Errors
    /// None.
    pub fn loss(&self) -> Result<F, Undefined> {
        let error =
            |j: usize| self.values[j].iter().zip(&self.targets[j - 1]).map(|(x, y)| (x.clone() - y.clone()).squared());
        sum(self.cell.seen().flat_map(error)).over(&F::integer(2))
    }

    /// $\partial\mathcal L/\partial\,\text{seed}$, the total derivative.
    ///
    /// # Errors
    /// As of [`node_slopes`](Self::node_slopes).
    pub fn slope(&self, seed: Seed) -> Result<F, Undefined> {
        let slopes = self.node_slopes(seed)?;
        let residual = |j: usize| {
            self.values[j].iter().zip(&self.targets[j - 1]).map(|(x, y)| x.clone() - y.clone()).collect::<Vec<F>>()
        };
        Ok(sum(self.cell.seen().map(|j| inner(&residual(j), &slopes[j]))))
    }

    /// $\partial\mathcal L/\partial x_j$, the total derivative.
    ///
    /// # Errors
    /// As of [`node_slopes`](Self::node_slopes).
    pub fn node_slope(&self, j: usize) -> Result<Vec<F>, Undefined> {
        (0..self.cell.width()).map(|c| self.slope(Seed::Node(j, c))).collect()
    }

    /// $\partial f/\partial x_j$ of an output $f$, the first component of the last node.
    ///
    /// # Errors
    /// As of [`node_slopes`](Self::node_slopes).
    pub fn output_slope(&self, j: usize) -> Result<Vec<F>, Undefined> {
        let last = self.cell.nodes() - 1;
        (0..self.cell.width()).map(|c| Ok(self.node_slopes(Seed::Node(j, c))?[last][0].clone())).collect()
    }

    /// $\partial O^k_{i,j}(x_i)/\partial x_i$ along component `c`.
    pub fn jacobian(&self, i: usize, j: usize, k: usize, c: usize) -> Vec<F> {
        let mut x = constants(&self.values[i]);
        x[c].slope = F::one();
        slopes(&operation(k, &constants(&self.weights[edge(i, j)][k]), &x))
    }

    /// $\partial O^k_{i,j}(x_i)/\partial\theta^k_{i,j}$ along entry `n`.
    pub fn parameter_jacobian(&self, i: usize, j: usize, k: usize, n: usize) -> Vec<F> {
        let mut w = constants(&self.weights[edge(i, j)][k]);
        w[n].slope = F::one();
        slopes(&operation(k, &w, &constants(&self.values[i])))
    }
}
