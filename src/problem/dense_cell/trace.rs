//! Every feature map and cotangent of a pass, for statements about how the cost is distributed over a cell.
//!
//! With $\langle\cdot,\cdot\rangle$ the sum over channels, examples and pixels, the total cost of an edge is
//! $\sum_oZ_oC_o=\langle\partial L/\partial X_j,X_j^i\rangle$, and $\partial L/\partial X_j$ is the sum of what comes through the output edge
//! and what comes through each edge that leaves $j$.

use ndarray::{Array1, Array2, Array3, Axis, concatenate, s};

use super::{
    Batch, DenseCell, Error, Operation,
    graph::{EDGES, feature, fed_by},
    pass::{Base, known, values},
    plane::PLANE,
};
use crate::problem::Supernet;

/// A feature map or its cotangent: (channel, example, pixel).
pub type FeatureMap = Array3<f64>;

/// Who reads the output of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumer {
    /// Global average pooling and the classifier.
    Classifier,
    /// The preprocessing of an input node of a later cell.
    InputNode {
        /// The cell.
        cell: usize,
        /// 0 or 1.
        node: usize,
    },
}

/// A pass through the whole network.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// $L$.
    pub loss: f64,
    /// The mean entropy $H$ of the predicted distribution.
    pub entropy: f64,
    /// $C=\partial L/\partial Z$.
    pub cost: Array2<f64>,
    /// $\partial L/\partial\theta$.
    pub gradient: Array1<f64>,
    /// Cell by cell.
    pub cells: Vec<CellTrace>,
}

/// A pass through one cell.
#[derive(Debug, Clone, PartialEq)]
pub struct CellTrace {
    /// What nodes 0 and 1 are fed with, before the preprocessing: the output of a cell ($2C$ channels) or of the stem ($C$).
    pub inputs: [FeatureMap; 2],
    /// $X_0,\dots,X_3$, nodes 0 and 1 after the preprocessing, as the edges see them.
    pub nodes: [FeatureMap; 4],
    /// The gated output $X_j^i$ of each edge, in the order of [`EDGES`].
    pub edges: [FeatureMap; 5],
    /// $X_4=(X_2,X_3)$.
    pub output: FeatureMap,
    /// $\partial L/\partial X_0,\dots,\partial L/\partial X_3$ in total.
    pub node_cotangents: [FeatureMap; 4],
    /// The part of $\partial L/\partial X_i$ that comes back through each edge $(i,j)$: $(\partial X_j^i/\partial X_i)^\top\partial L/\partial X_j$.
    pub edge_cotangents: [FeatureMap; 5],
    /// $\partial L/\partial X_4$; its first $C$ channels are the part of $\partial L/\partial X_2$ that comes through the output edge,
    /// its last $C$ channels are all of $\partial L/\partial X_3$.
    pub output_cotangent: FeatureMap,
    /// $\partial L/\partial X_4$ by who reads $X_4$.
    pub consumers: Vec<(Consumer, FeatureMap)>,
}

impl CellTrace {
    /// The part of $\partial L/\partial X_j$ that comes through the output edge of intermediate node `node`, 2 or 3; zero for other nodes.
    pub fn through_output(&self, node: usize) -> FeatureMap {
        let channels = self.output.len_of(Axis(0)) / 2;
        match node {
            2 => self.output_cotangent.slice(s![..channels, .., ..]).to_owned(),
            3 => self.output_cotangent.slice(s![channels.., .., ..]).to_owned(),
            _ => FeatureMap::zeros(self.nodes[0].dim()),
        }
    }
}

impl DenseCell {
    /// Every feature map and cotangent.
    ///
    /// # Errors
    /// [`Error::Shape`] when weights or gates have not the shape that [`Supernet`] says.
    pub fn trace(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch) -> Result<Trace, Error> {
        self.check("the vector of weights", weights.shape(), &[self.weight_count()])?;
        self.check("the array of gates", gates.shape(), self.settings.mask.shape())?;
        let gates = self.checked_gates(gates);
        let base = self.base(&self.checked(weights), &gates, batch);
        let cells = (0..self.settings.cells).map(|cell| self.trace_cell(cell, &base, &gates, batch)).collect();
        Ok(Trace {
            loss: base.head.loss,
            entropy: base.head.entropy,
            cost: self.shaped(base.backward.cost.iter().copied()),
            gradient: base.backward.gradient.iter().chain(&base.head.gradient).copied().collect(),
            cells,
        })
    }

    fn trace_cell(&self, cell: usize, base: &Base, gates: &[f64], batch: &Batch) -> CellTrace {
        let map = |x: &[f64]| FeatureMap::from_shape_fn(self.shape(x.len(), batch), |i| x[self.offset(i, batch)]);
        let zero = || FeatureMap::zeros((self.settings.channels, batch.len(), PLANE));
        let stacked = |features: &[usize]| {
            map(&features.iter().flat_map(|&f| values(&base.forward.features[f])).copied().collect::<Vec<_>>())
        };
        let modules = |edge: usize| {
            let row = cell * EDGES.len() + edge;
            (0..Operation::ALL.len())
                .filter_map(move |o| Some((self.graph.behind(row, o)?, row * Operation::ALL.len() + o)))
        };
        let through_consumers = |f: usize, reader: Option<usize>| {
            self.graph.consumers[f].iter().filter(move |(m, _)| reader == Some(self.graph.modules[*m].target)).fold(
                zero(),
                |sum, &(m, place)| {
                    let size = self.settings.channels * batch.len() * PLANE;
                    sum + map(&values(&base.backward.pulled[m])[place * size..(place + 1) * size])
                },
            )
        };
        let both =
            |part: &dyn Fn(usize) -> FeatureMap| concatenate![Axis(0), part(feature(cell, 2)), part(feature(cell, 3))];

        let mut consumers = Vec::new();
        if cell + 1 == self.settings.cells {
            let pooled = |f: usize| {
                let from = if f == self.graph.last[0] { 0 } else { self.settings.channels * batch.len() };
                let g = |(c, b, _): (usize, usize, usize)| base.head.pooled[from + c * batch.len() + b] / PLANE as f64;
                FeatureMap::from_shape_fn(zero().dim(), g)
            };
            consumers.push((Consumer::Classifier, both(&pooled)));
        }
        for node in 0..2 {
            let reader = cell + 1 + node;
            if reader < self.settings.cells {
                let part = |f| through_consumers(f, Some(feature(reader, node)));
                consumers.push((Consumer::InputNode { cell: reader, node }, both(&part)));
            }
        }
        let output = stacked(&[feature(cell, 2), feature(cell, 3)]);
        let none = FeatureMap::zeros(output.dim());
        CellTrace {
            inputs: [0, 1].map(|node| stacked(&fed_by(cell, node))),
            nodes: [0, 1, 2, 3].map(|node| map(values(&base.forward.features[feature(cell, node)]))),
            edges: [0, 1, 2, 3, 4].map(|edge| {
                modules(edge)
                    .fold(zero(), |sum, (m, gate)| sum + map(known(&base.forward.tapes[m]).output()) * gates[gate])
            }),
            node_cotangents: [0, 1, 2, 3].map(|node| map(values(&base.backward.cotangents[feature(cell, node)]))),
            edge_cotangents: [0, 1, 2, 3, 4]
                .map(|edge| modules(edge).fold(zero(), |sum, (m, _)| sum + map(values(&base.backward.pulled[m])))),
            output_cotangent: consumers.iter().fold(none, |sum, (_, part)| sum + part),
            output,
            consumers,
        }
    }

    /// The output $O_o(x)$ of one operation, without its gate, on an input of $(C,B,64)$ with the batch statistics of that input.
    ///
    /// # Errors
    /// [`Error::NotEvaluated`] and [`Error::Shape`].
    pub fn operation_output(
        &self,
        weights: &Array1<f64>,
        row: usize,
        operation: Operation,
        x: &FeatureMap,
    ) -> Result<FeatureMap, Error> {
        self.operation(weights, row, operation, x, None)
    }

    /// $J^\top g$ with $J=\partial O_o(x)/\partial x$, without the gate: what operation $o$ makes of a cotangent of its output.
    ///
    /// # Errors
    /// [`Error::NotEvaluated`] and [`Error::Shape`].
    pub fn operation_pull_back(
        &self,
        weights: &Array1<f64>,
        row: usize,
        operation: Operation,
        x: &FeatureMap,
        g: &FeatureMap,
    ) -> Result<FeatureMap, Error> {
        self.operation(weights, row, operation, x, Some(g))
    }

    fn operation(
        &self,
        weights: &Array1<f64>,
        row: usize,
        operation: Operation,
        x: &FeatureMap,
        g: Option<&FeatureMap>,
    ) -> Result<FeatureMap, Error> {
        self.check("the vector of weights", weights.shape(), &[self.weight_count()])?;
        self.check("the input", x.shape(), &[self.settings.channels, x.len_of(Axis(1)), PLANE])?;
        self.check("the cotangent", g.unwrap_or(x).shape(), x.shape())?;
        self.weights_of(row, operation)?;
        let Some(m) = self.graph.behind(row, operation.column()) else {
            return Ok(FeatureMap::zeros(x.dim()));
        };
        let module = &self.graph.modules[m];
        let weights = &self.checked(weights)[module.weights.clone()];
        let input: Vec<f64> = x.iter().copied().collect();
        let tape = module.layer.forward(weights, &input, self.settings.channels, self.settings.epsilon);
        let out = match g {
            None => tape.output().to_vec(),
            Some(g) => {
                let g: Vec<f64> = g.iter().copied().collect();
                let mut gradient = vec![0.0; weights.len()];
                module.layer.backward(weights, &input, &tape, &g, &mut gradient, true).unwrap_or_default()
            }
        };
        let mut shaped = FeatureMap::zeros(x.dim());
        shaped.iter_mut().zip(out).for_each(|(shaped, x)| *shaped = x);
        Ok(shaped)
    }

    fn check(&self, what: &'static str, given: &[usize], expected: &[usize]) -> Result<(), Error> {
        if given == expected {
            return Ok(());
        }
        Err(Error::Shape { what, given: given.to_vec(), expected: expected.to_vec() })
    }

    fn shape(&self, size: usize, batch: &Batch) -> (usize, usize, usize) {
        (size / (batch.len() * PLANE), batch.len(), PLANE)
    }

    fn offset(&self, (c, b, p): (usize, usize, usize), batch: &Batch) -> usize {
        (c * batch.len() + b) * PLANE + p
    }
}
