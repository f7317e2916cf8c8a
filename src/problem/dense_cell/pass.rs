//! One pass forward and one back, over any scalar, with or without what is already known.
//!
//! Over `f64` the two passes give the loss, the gradient and the cost. Over dual numbers they give the directional derivatives of all of
//! these, that is products with second derivatives (forward over reverse).
//!
//! When only one module's weights are perturbed most of the network does not notice. Given a [`Base`], the pass over `f64`, a pass over dual
//! numbers evaluates only what depends on the perturbation: a tape, feature or cotangent that does not is `None`, and the base's is read in
//! its place, as `f64`. Two rules decide: an output depends on the perturbation when an input or a weight does; a pull-back does when its tape
//! or its cotangent does.

use std::borrow::Cow;

use super::{
    Batch,
    graph::Graph,
    head::{Head, head, pool},
    layer::Tape,
    plane::{PLANE, Times},
};

/// The weights of a pass.
#[derive(Debug, Clone, Copy)]
pub(super) enum Weights<'a, T> {
    /// All of them may carry derivatives.
    All(&'a [T]),
    /// Those of one module do, the others are known numbers.
    Module { index: usize, own: &'a [T], all: &'a [f64] },
}

/// A pass to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass<'a, T> {
    pub(super) graph: &'a Graph,
    pub(super) channels: usize,
    pub(super) epsilon: f64,
    pub(super) batch: &'a Batch,
    pub(super) weights: Weights<'a, T>,
    /// Row by row.
    pub(super) gates: &'a [T],
    pub(super) base: Option<&'a Base>,
}

/// Every intermediate result in `f64`.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub(super) forward: Forward<f64>,
    pub(super) head: Head<f64>,
    pub(super) backward: Backward<f64>,
}

/// What a pass forward leaves: by module and by feature.
#[derive(Debug, Clone)]
pub(super) struct Forward<T> {
    pub(super) tapes: Vec<Option<Tape<T>>>,
    pub(super) features: Vec<Option<Vec<T>>>,
}

/// What a pass back leaves: the gradients, the cotangents by feature and their parts by module.
#[derive(Debug, Clone)]
pub(super) struct Backward<T> {
    pub(super) gradient: Vec<T>,
    pub(super) cost: Vec<T>,
    pub(super) cotangents: Vec<Option<Vec<T>>>,
    /// The cotangent of the input of each module, through that module.
    pub(super) pulled: Vec<Option<Vec<T>>>,
}

/// What a complete pass has left.
pub(super) fn known<V>(x: &Option<V>) -> &V {
    x.as_ref().expect("a pass without a base evaluates everything")
}

/// The numbers of a feature or cotangent that a complete pass has left.
pub(super) fn values<V>(x: &Option<Vec<V>>) -> &[V] {
    known::<Vec<V>>(x)
}

impl<T: Times<f64> + Times<T>> Pass<'_, T> {
    /// The number of scalars in a feature.
    fn size(&self) -> usize {
        self.channels * self.batch.len() * PLANE
    }

    /// The weights of a module that carries derivatives.
    fn own(&self, m: usize) -> Option<&[T]> {
        match self.weights {
            Weights::All(weights) => Some(&weights[self.graph.modules[m].weights.clone()]),
            Weights::Module { index, own, .. } => (index == m).then_some(own),
        }
    }

    /// The weights of a module that does not.
    fn fixed(&self, m: usize) -> &[f64] {
        match self.weights {
            Weights::All(_) => &[],
            Weights::Module { all, .. } => &all[self.graph.modules[m].weights.clone()],
        }
    }

    fn gate(&self, m: usize) -> T {
        let columns = super::Operation::ALL.len();
        self.graph.modules[m].gate.map_or(T::constant(1.0), |(row, column)| self.gates[row * columns + column])
    }

    /// The input of a module.
    fn input<'a>(&self, m: usize, features: &'a [Option<Vec<T>>]) -> Cow<'a, [T]> {
        let lift = |x: &[f64]| x.iter().map(|&x| T::constant(x)).collect::<Vec<_>>();
        match self.graph.modules[m].sources[..] {
            [] => Cow::Owned(lift(&self.batch.images)),
            [source] if features[source].is_some() => Cow::Borrowed(values(&features[source])),
            ref sources => Cow::Owned(sources.iter().fold(Vec::new(), |mut all, &source| {
                match (&features[source], self.base) {
                    (Some(x), _) => all.extend_from_slice(x),
                    (None, Some(base)) => all.extend(lift(values(&base.forward.features[source]))),
                    (None, None) => unreachable!("a pass without a base evaluates everything"),
                }
                all
            })),
        }
    }

    /// Evaluates every feature that depends on the perturbation; without a base, every feature.
    pub(super) fn forward(&self) -> Forward<T> {
        let mut out = Forward { tapes: Vec::new(), features: Vec::new() };
        for modules in &self.graph.features {
            for m in modules.clone() {
                let module = &self.graph.modules[m];
                let reached = module.sources.iter().any(|&source| out.features[source].is_some());
                let run = |x: &[T]| match self.own(m) {
                    Some(weights) => module.layer.forward(weights, x, module.input_channels, self.epsilon),
                    None => module.layer.forward(self.fixed(m), x, module.input_channels, self.epsilon),
                };
                let active = reached || self.own(m).is_some();
                out.tapes.push(active.then(|| run(&self.input(m, &out.features))));
            }
            let active = self.base.is_none() || out.tapes[modules.clone()].iter().any(Option::is_some);
            out.features.push(active.then(|| {
                let mut sum = vec![T::zero(); self.size()];
                for m in modules.clone() {
                    let z = self.gate(m);
                    match (&out.tapes[m], self.base) {
                        (Some(tape), _) => sum.iter_mut().zip(tape.output()).for_each(|(sum, &x)| *sum += x * z),
                        (None, Some(base)) => {
                            let output = known(&base.forward.tapes[m]).output();
                            sum.iter_mut().zip(output).for_each(|(sum, &x)| *sum += z * x);
                        }
                        (None, None) => {}
                    }
                }
                sum
            }));
        }
        out
    }

    /// The pooled features `[feature][example]`, if they depend on the perturbation.
    pub(super) fn pooled(&self, forward: &Forward<T>) -> Option<Vec<T>> {
        let features = self.graph.last.map(|f| &forward.features[f]);
        if features.iter().all(|feature| feature.is_none()) {
            return None;
        }
        let lift = |x: Vec<f64>| x.into_iter().map(T::constant).collect();
        let pooled = self.graph.last.into_iter().zip(features).map(|(f, feature)| match (feature, self.base) {
            (Some(x), _) => pool(x),
            (None, Some(base)) => lift(pool(values(&base.forward.features[f]))),
            (None, None) => Vec::new(),
        });
        Some(pooled.collect::<Vec<Vec<T>>>().concat())
    }

    /// The cotangent of a feature, if it depends on the perturbation. `pooled` is the cotangent of the pooled features if that does.
    fn cotangent(&self, f: usize, pooled: Option<&[T]>, pulled: &[Option<Vec<T>>]) -> Option<Vec<T>> {
        let place = self.graph.last.iter().position(|&last| last == f);
        let through_head = place.is_some() && pooled.is_some();
        let through_modules = self.graph.consumers[f].iter().any(|&(m, _)| pulled[m].is_some());
        if self.base.is_some() && !through_head && !through_modules {
            return None;
        }
        let size = self.size();
        let mut sum = vec![T::zero(); size];
        if let Some(place) = place {
            let from = place * (size / PLANE);
            for (i, sum) in sum.chunks_exact_mut(PLANE).enumerate() {
                let g = match (pooled, self.base) {
                    (Some(pooled), _) => pooled[from + i],
                    (None, Some(base)) => T::constant(base.head.pooled[from + i]),
                    (None, None) => T::zero(),
                };
                sum.fill(g * (1.0 / PLANE as f64));
            }
        }
        for &(m, place) in &self.graph.consumers[f] {
            let range = place * size..(place + 1) * size;
            match (&pulled[m], self.base) {
                (Some(g), _) => sum.iter_mut().zip(&g[range]).for_each(|(sum, &g)| *sum += g),
                (None, Some(base)) => {
                    let g = &values(&base.backward.pulled[m])[range];
                    sum.iter_mut().zip(g).for_each(|(sum, &g)| *sum += T::constant(g));
                }
                (None, None) => {}
            }
        }
        Some(sum)
    }

    /// Pulls back the cotangent of the pooled features (`None`: that of the base) to all modules from `first` on.
    ///
    /// The cost is taken without a base only. `gradient` is complete for the weights of those modules where they or their cotangents depend on the perturbation, and 0 elsewhere.
    pub(super) fn backward(&self, forward: &Forward<T>, pooled: Option<&[T]>, first: usize) -> Backward<T> {
        let modules = &self.graph.modules;
        let mut out = Backward {
            gradient: vec![T::zero(); self.graph.weight_count],
            cost: vec![T::zero(); self.gates.len()],
            cotangents: vec![None; self.graph.features.len()],
            pulled: vec![None; modules.len()],
        };
        for (f, range) in self.graph.features.iter().enumerate().rev() {
            if range.end <= first {
                continue;
            }
            let g = self.cotangent(f, pooled, &out.pulled);
            for m in range.clone().rev().filter(|&m| m >= first) {
                let module = &modules[m];
                if let (None, Some(g), Some(tape), Some((row, column))) =
                    (self.base, &g, &forward.tapes[m], module.gate)
                {
                    let cost = &mut out.cost[row * super::Operation::ALL.len() + column];
                    g.iter().zip(tape.output()).for_each(|(&g, &x)| *cost += g * x);
                }
                let z = self.gate(m);
                let gated: Vec<T> = match (&g, &forward.tapes[m], self.base) {
                    (Some(g), ..) => g.iter().map(|&g| g * z).collect(),
                    (None, Some(_), Some(base)) => {
                        values(&base.backward.cotangents[f]).iter().map(|&g| z * g).collect()
                    }
                    _ => continue,
                };
                let gradient = &mut out.gradient[module.weights.clone()];
                let wanted = module.sources.iter().any(|&source| self.graph.features[source].end > first);
                out.pulled[m] = match (&forward.tapes[m], self.base) {
                    (Some(tape), _) => {
                        let x = self.input(m, &forward.features);
                        match self.own(m) {
                            Some(weights) => module.layer.backward(weights, &x, tape, &gated, gradient, wanted),
                            None => module.layer.backward(self.fixed(m), &x, tape, &gated, gradient, wanted),
                        }
                    }
                    (None, Some(base)) => {
                        let known_pass = self.over_f64();
                        let x = known_pass.input(m, &base.forward.features);
                        let tape = known(&base.forward.tapes[m]);
                        module.layer.backward(self.fixed(m), &x, tape, &gated, gradient, wanted)
                    }
                    (None, None) => None,
                };
            }
            out.cotangents[f] = g;
        }
        out
    }

    /// The same network and batch over `f64`, without weights.
    fn over_f64(&self) -> Pass<'_, f64> {
        Pass {
            graph: self.graph,
            channels: self.channels,
            epsilon: self.epsilon,
            batch: self.batch,
            weights: Weights::All(&[]),
            gates: &[],
            base: None,
        }
    }

    /// Both passes in full.
    pub(super) fn complete(&self, classifier: &[T], classes: usize) -> (Forward<T>, Head<T>, Backward<T>) {
        let forward = self.forward();
        let pooled = self.pooled(&forward).unwrap_or_default();
        let head = head(classifier, &pooled, &self.batch.labels, classes);
        let backward = self.backward(&forward, Some(&head.pooled), 0);
        (forward, head, backward)
    }
}
