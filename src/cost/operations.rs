//! The operations of a cell that conserve cost, as small as they can be said.
//!
//! A convolution is a [`Linear`] map of the flattened batch, with or without bias; average pooling is one without.

use ndarray::{Array1, Array2, ArrayView1};

use super::homogeneity::{Operation, inner};
use crate::linalg::Rounded;

/// $x\mapsto x$.
#[derive(Debug, Clone, Copy)]
pub struct Skip(
    /// $n$.
    pub usize,
);

impl Operation for Skip {
    fn input_len(&self) -> usize {
        self.0
    }
    fn output_len(&self) -> usize {
        self.0
    }
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        x.to_vec()
    }
    fn pull_back(&self, _: &[f64], g: &[f64]) -> Vec<f64> {
        g.to_vec()
    }
    fn degree(&self) -> f64 {
        1.0
    }
}

/// $x\mapsto0$. Homogeneous of every degree; 1 is as good as any.
#[derive(Debug, Clone, Copy)]
pub struct Zero(
    /// $n$.
    pub usize,
);

impl Operation for Zero {
    fn input_len(&self) -> usize {
        self.0
    }
    fn output_len(&self) -> usize {
        self.0
    }
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        vec![0.0; x.len()]
    }
    fn pull_back(&self, x: &[f64], _: &[f64]) -> Vec<f64> {
        vec![0.0; x.len()]
    }
    fn degree(&self) -> f64 {
        1.0
    }
}

/// $x\mapsto\max(x,0)$ entrywise, with derivative 0 at 0.
#[derive(Debug, Clone, Copy)]
pub struct Relu(
    /// $n$.
    pub usize,
);

impl Operation for Relu {
    fn input_len(&self) -> usize {
        self.0
    }
    fn output_len(&self) -> usize {
        self.0
    }
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        // Not `f64::max`, which would turn a NaN into 0.
        x.iter().map(|&x| if x <= 0.0 { 0.0 } else { x }).collect()
    }
    fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64> {
        x.iter().zip(g).map(|(&x, &g)| if x > 0.0 { g } else { 0.0 }).collect()
    }
    fn degree(&self) -> f64 {
        1.0
    }
}

/// The largest entry of each window; ties go to the first, and a NaN wins.
#[derive(Debug, Clone)]
pub struct MaxPool {
    /// $n$.
    pub input_len: usize,
    /// For every output, the inputs it looks at. An empty window gives 0.
    pub windows: Vec<Vec<usize>>,
}

impl MaxPool {
    fn winner(window: &[usize], x: &[f64]) -> Option<usize> {
        window.iter().copied().reduce(|best, i| if x[i] > x[best] || x[i].is_nan() { i } else { best })
    }
}

impl Operation for MaxPool {
    fn input_len(&self) -> usize {
        self.input_len
    }
    fn output_len(&self) -> usize {
        self.windows.len()
    }
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        self.windows.iter().map(|window| Self::winner(window, x).map_or(0.0, |i| x[i])).collect()
    }
    fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; x.len()];
        for (window, g) in self.windows.iter().zip(g) {
            if let Some(i) = Self::winner(window, x) {
                out[i] += g;
            }
        }
        out
    }
    fn degree(&self) -> f64 {
        1.0
    }
}

/// $x\mapsto Wx+b$. Degree 1, and $Jx=f(x)-b$, so $r(x,g)=-\langle g,b\rangle$.
#[derive(Debug, Clone)]
pub struct Linear {
    /// $W$, $m\times n$.
    pub weight: Array2<f64>,
    /// $b$, of length $m$; `None` for zero.
    pub bias: Option<Array1<f64>>,
}

impl Operation for Linear {
    fn input_len(&self) -> usize {
        self.weight.ncols()
    }
    fn output_len(&self) -> usize {
        self.weight.nrows()
    }
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        let y = self.weight.dot(&ArrayView1::from(x));
        match &self.bias {
            Some(bias) => (y + bias).to_vec(),
            None => y.to_vec(),
        }
    }
    fn pull_back(&self, _: &[f64], g: &[f64]) -> Vec<f64> {
        self.weight.t().dot(&ArrayView1::from(g)).to_vec()
    }
    fn degree(&self) -> f64 {
        1.0
    }
    fn remainder(&self, _: &[f64], g: &[f64]) -> Rounded {
        let bias = self.bias.iter().flatten();
        Rounded::sum(bias.zip(g).map(|(b, g)| -b * g))
    }
    fn magnitude(&self, x: &[f64], g: &[f64]) -> f64 {
        let rows = self.weight.outer_iter().zip(g);
        rows.map(|(row, g)| row.iter().zip(x).map(|(w, x)| (w * x * g).abs()).sum::<f64>()).sum::<f64>()
            + self.bias.as_ref().map_or(0.0, |b| inner(&b.to_vec(), g).terms)
    }
}

/// Copies the input to chosen places of a longer zero vector: an output edge into a concatenation.
#[derive(Debug, Clone)]
pub struct Embed {
    /// For every input entry, its place in the output; no place twice.
    pub places: Vec<usize>,
    /// $m$.
    pub output_len: usize,
}

impl Operation for Embed {
    fn input_len(&self) -> usize {
        self.places.len()
    }
    fn output_len(&self) -> usize {
        self.output_len
    }
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.output_len];
        for (&place, &x) in self.places.iter().zip(x) {
            out[place] = x;
        }
        out
    }
    fn pull_back(&self, _: &[f64], g: &[f64]) -> Vec<f64> {
        self.places.iter().map(|&place| g[place]).collect()
    }
    fn degree(&self) -> f64 {
        1.0
    }
}
