//! The whole Hessian $\partial^2L/\partial\theta\,\partial\theta$, exactly.
//!
//! Forward over reverse, seven columns at a time. The loss is $\ell(W,s(\phi))$ with $s$ the pooled features, $W$ the classifier and $\phi$ the
//! weights in front of it. With $J=\partial s/\partial\phi$ and $\lambda=\partial\ell/\partial s$,
//!
//! $$\frac{\partial^2L}{\partial\phi_i\,\partial\phi_j}=\Bigl\langle\dot\lambda_i,\,J e_j\Bigr\rangle+\frac{\partial}{\partial\phi_j}
//! \Bigl[\langle\lambda,s\rangle\Bigr]^{\textstyle\cdot}_{i},\qquad\dot\lambda_i=\frac{\partial^2\ell}{\partial s^2}Je_i ,$$
//!
//! the dot being the derivative along $\phi_i$ with $\lambda$ held fixed. The first term needs passes forward only, then one product of two
//! $d\times2CB$ matrices. In the second a perturbed operation meets only what lies behind it: with $\lambda$ fixed, sums pass no curvature
//! from one addend to another, so most of the network is skipped (see [`pass`](super::pass)). Symmetry halves what is left: columns are
//! perturbed in the order of the data flow and only rows at or after the perturbed module are pulled back.

use std::ops::Range;

use ndarray::{Array2, Axis, s};
use rayon::prelude::*;

use super::{
    Batch, DenseCell,
    dual::{Dual, LANES},
    head::head,
    pass::{Base, Pass, Weights, values},
};
use crate::linalg::Real;

/// What one pass finds for the weights of `columns`: by lane, the second term and the classifier's rows, $Je_i$ and $\dot\lambda_i$.
struct Block {
    columns: Range<usize>,
    rows: Array2<f64>,
    pooled: Array2<f64>,
    cotangents: Array2<f64>,
}

/// Weights with the directions of `columns` (counted from the first of them).
fn perturbed(weights: &[f64], columns: Range<usize>) -> Vec<Dual> {
    let mut out: Vec<Dual> = weights.iter().map(|&w| Dual::constant(w)).collect();
    for (lane, i) in columns.enumerate() {
        out[i] = Dual::variable(weights[i], lane);
    }
    out
}

fn lanes(n: usize, x: &[Dual]) -> Array2<f64> {
    Array2::from_shape_fn((n, x.len()), |(lane, i)| x[i].derivative(lane))
}

/// The ranges of at most [`LANES`] indices that cover `range`.
fn chunks(range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    range.clone().step_by(LANES).map(move |start| start..(start + LANES).min(range.end))
}

impl DenseCell {
    /// $\partial^2L/\partial\theta\,\partial\theta$, $d\times d$, exact up to rounding and symmetric to the bit; on all threads of rayon's pool.
    ///
    /// # Panics
    /// When the weights or gates have not the shape that [`Supernet`](crate::problem::Supernet) says.
    pub fn hessian(&self, weights: &ndarray::Array1<f64>, gates: &Array2<f64>, batch: &Batch) -> Array2<f64> {
        let weights = self.checked(weights);
        let gates = self.checked_gates(gates);
        let base = self.base(&weights, &gates, batch);
        let (front, d) = (self.graph.weight_count, weights.len());

        let work: Vec<(usize, Range<usize>)> = (self.graph.modules.iter().enumerate())
            .flat_map(|(m, module)| chunks(module.weights.clone()).map(move |columns| (m, columns)))
            .collect();
        let gates: Vec<Dual> = gates.iter().map(|&z| Dual::constant(z)).collect();
        let blocks: Vec<Block> =
            work.into_par_iter().map(|(m, columns)| self.block(m, columns, &weights, &gates, batch, &base)).collect();

        let features = base.head.pooled.len();
        let mut pooled = Array2::zeros((front, features));
        let mut cotangents = Array2::zeros((front, features));
        let mut hessian = Array2::zeros((d, d));
        for block in blocks {
            pooled.slice_mut(s![block.columns.clone(), ..]).assign(&block.pooled);
            cotangents.slice_mut(s![block.columns.clone(), ..]).assign(&block.cotangents);
            hessian.slice_mut(s![block.columns, ..]).assign(&block.rows);
        }
        // Strips of rows, from the diagonal on: tall enough for a fast product, short enough to share out.
        const STRIP: usize = 64;
        let mut inner = hessian.slice_mut(s![..front, ..front]);
        let mut strips: Vec<_> = inner.axis_chunks_iter_mut(Axis(0), STRIP).collect();
        strips.par_iter_mut().enumerate().for_each(|(k, strip)| {
            let from = k * STRIP;
            let gauss_newton =
                cotangents.slice(s![from..from + strip.nrows(), ..]).dot(&pooled.slice(s![from.., ..]).t());
            strip.slice_mut(s![.., from..]).zip_mut_with(&gauss_newton, |h, &g| *h += g);
        });
        self.classifier_block(&weights[front..], &base, batch, &mut hessian);
        for i in 0..d {
            for j in 0..i {
                hessian[(i, j)] = hessian[(j, i)];
            }
        }
        hessian
    }

    /// One pass, for the weights `columns` of module `m`.
    fn block(
        &self,
        m: usize,
        columns: Range<usize>,
        weights: &[f64],
        gates: &[Dual],
        batch: &Batch,
        base: &Base,
    ) -> Block {
        let n = columns.len();
        let (front, module) = (self.graph.weight_count, &self.graph.modules[m]);
        let start = module.weights.start;
        let own = perturbed(&weights[module.weights.clone()], columns.start - start..columns.end - start);
        let pass = Pass {
            graph: &self.graph,
            channels: self.settings.channels,
            epsilon: self.settings.epsilon,
            batch,
            weights: Weights::Module { index: m, own: &own, all: weights },
            gates,
            base: Some(base),
        };
        let forward = pass.forward();
        let mut rows = Array2::zeros((n, weights.len()));
        let Some(pooled) = pass.pooled(&forward) else {
            let nothing = Array2::zeros((n, base.head.pooled.len()));
            return Block { columns, rows, pooled: nothing.clone(), cotangents: nothing };
        };
        let classifier: Vec<Dual> = weights[front..].iter().map(|&w| Dual::constant(w)).collect();
        let head = head(&classifier, &pooled, &batch.labels, self.settings.classes);
        let backward = pass.backward(&forward, None, m);
        rows.slice_mut(s![.., ..front]).assign(&lanes(n, &backward.gradient));
        rows.slice_mut(s![.., front..]).assign(&lanes(n, &head.gradient));
        Block { columns, rows, pooled: lanes(n, &pooled), cotangents: lanes(n, &head.pooled) }
    }

    /// $\partial^2\ell/\partial W\,\partial W$.
    fn classifier_block(&self, classifier: &[f64], base: &Base, batch: &Batch, hessian: &mut Array2<f64>) {
        let front = self.graph.weight_count;
        let features = self.graph.last.map(|f| super::head::pool(values(&base.forward.features[f])));
        let pooled: Vec<Dual> = features.concat().into_iter().map(Dual::constant).collect();
        for columns in chunks(0..classifier.len()) {
            let head = head(&perturbed(classifier, columns.clone()), &pooled, &batch.labels, self.settings.classes);
            let rows = front + columns.start..front + columns.end;
            hessian.slice_mut(s![rows, front..]).assign(&lanes(columns.len(), &head.gradient));
        }
    }
}
