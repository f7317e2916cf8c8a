//! The network as data: feature maps, and the layers that lead from one to another.

use std::ops::Range;

use ndarray::Array2;

use super::{layer::Layer, operation::Operation};

/// The (input, intermediate) nodes that each edge of a minimal cell joins, in the order of the rows of the gates.
pub const EDGES: [(usize, usize); 5] = [(0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];

/// A layer in its place.
#[derive(Debug, Clone)]
pub(super) struct Module {
    pub(super) layer: Layer,
    /// The gate that multiplies its output: (row, column).
    pub(super) gate: Option<(usize, usize)>,
    /// The features it reads, one after another; none for the stem, which reads the image.
    pub(super) sources: Vec<usize>,
    pub(super) target: usize,
    /// Where its weights are.
    pub(super) weights: Range<usize>,
    pub(super) input_channels: usize,
}

/// A layer, its gate and its sources.
type Term = (Layer, Option<(usize, usize)>, Vec<usize>);

/// Features and modules, both in topological order; a feature is the sum of the gated outputs of its modules.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub(super) modules: Vec<Module>,
    /// The modules that sum to each feature.
    pub(super) features: Vec<Range<usize>>,
    /// The modules that read each feature, and at which place among their sources.
    pub(super) consumers: Vec<Vec<(usize, usize)>>,
    /// The features that the classifier reads.
    pub(super) last: [usize; 2],
    /// The number of weights in front of the classifier.
    pub(super) weight_count: usize,
}

/// The feature of a node of a cell: 0 and 1 are the preprocessed inputs, 2 and 3 intermediate. Feature 0 is the stem.
pub(super) fn feature(cell: usize, node: usize) -> usize {
    1 + 4 * cell + node
}

/// The features that are the output of a cell, or the stem for a cell before the first.
fn outputs(cell: Option<usize>) -> Vec<usize> {
    cell.map_or(vec![0], |cell| vec![feature(cell, 2), feature(cell, 3)])
}

/// What input node `node` of a cell is fed with: node 0 with the previous cell, node 1 with the one before that.
pub(super) fn fed_by(cell: usize, node: usize) -> Vec<usize> {
    outputs(cell.checked_sub(1 + node))
}

impl Graph {
    pub(super) fn new(channels: usize, cells: usize, mask: &Array2<bool>) -> Self {
        let last = [feature(cells - 1, 2), feature(cells - 1, 3)];
        let mut graph =
            Self { modules: Vec::new(), features: Vec::new(), consumers: Vec::new(), last, weight_count: 0 };
        graph.feature(vec![(Layer::stem(channels), None, vec![])], channels);
        for cell in 0..cells {
            for node in 0..2 {
                let sources = fed_by(cell, node);
                let layer = Layer::preprocessing(sources.len() * channels, channels);
                graph.feature(vec![(layer, None, sources)], channels);
            }
            for node in 2..4 {
                let mut terms = Vec::new();
                for (edge, &(from, _)) in EDGES.iter().enumerate().filter(|(_, (_, to))| *to == node) {
                    let row = cell * EDGES.len() + edge;
                    for operation in Operation::ALL.into_iter().filter(|o| mask[(row, o.column())]) {
                        if let Some(layer) = Layer::operation(operation, channels) {
                            terms.push((layer, Some((row, operation.column())), vec![feature(cell, from)]));
                        }
                    }
                }
                graph.feature(terms, channels);
            }
        }
        graph
    }

    /// Appends a feature with its modules.
    fn feature(&mut self, terms: Vec<Term>, channels: usize) {
        let (target, start) = (self.features.len(), self.modules.len());
        for (layer, gate, sources) in terms {
            for (place, &source) in sources.iter().enumerate() {
                self.consumers[source].push((self.modules.len(), place));
            }
            let weights = self.weight_count..self.weight_count + layer.weight_count();
            self.weight_count = weights.end;
            let input_channels = if sources.is_empty() { 1 } else { sources.len() * channels };
            self.modules.push(Module { layer, gate, sources, target, weights, input_channels });
        }
        self.features.push(start..self.modules.len());
        self.consumers.push(Vec::new());
    }

    /// Whether the classifier sees anything of the image.
    pub(super) fn is_connected(&self) -> bool {
        let mut reached = vec![false; self.features.len()];
        for module in &self.modules {
            let fed = module.sources.is_empty() || module.sources.iter().any(|&source| reached[source]);
            reached[module.target] |= fed;
        }
        self.last.iter().any(|&feature| reached[feature])
    }

    /// The module behind a gate, if its operation is evaluated and not the zero map.
    pub(super) fn behind(&self, row: usize, column: usize) -> Option<usize> {
        self.modules.iter().position(|module| module.gate == Some((row, column)))
    }
}
