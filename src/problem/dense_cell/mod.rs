//! The minimal cell of the wiring paper, small enough for its exact Hessian: every operation, real convolutions, real images.
//!
//! A cell (`wiring`, Fig. 2) has two input nodes, two intermediate nodes and five gated edges, [`EDGES`]:
//!
//! $$X_j=\sum_{i<j}X_j^i,\qquad X_j^i=\sum_oZ_{(i,j),o}\,O_o(X_i),\qquad X_4=(X_2,X_3),$$
//!
//! with the eight [`Operation`]s of the paper on 8×8 images. The image passes a stem (convolution 3×3, batch normalisation); each input of
//! a cell is preprocessed (ReLU, convolution 1×1, batch normalisation): node 0 reads the previous cell, node 1 the one before that, and the
//! stem stands for cells before the first. The last $X_4$ is averaged over the image and classified by a linear layer, and $L$ is the mean
//! cross-entropy. No layer has a bias, except the classifier's on request; batch normalisation is without affine parameters.
//!
//! **Statistics.** Batch normalisation always takes the statistics of the batch the loss is taken over, so the loss of a batch is not the mean
//! of the losses of its examples, and the gradient of a group of examples is that of the group *as its own batch*, with its own statistics.
//! A single example has no gradient but that of the classifier's bias: a channel normalised over one image has mean 0, so the pooled features
//! vanish identically. Per-example curvature (a Fisher matrix) needs groups of at least 2.
//! With $\epsilon=0$ a channel that is constant over the batch has no normalisation, and the loss is NaN.
//!
//! **Weights** lie in the order of the data flow: stem; then for each cell the preprocessing of nodes 0 and 1, and the evaluated operations
//! edge by edge; then the classifier `[class][feature]` and its bias. A convolution has its depthwise taps `[channel][v][u]`, then its full
//! ones `[output][input][v][u]`.
//!
//! **Kinks.** ReLU'(0) = 0; of equal pixels a maximum takes the first in scan order.

mod dual;
mod error;
mod graph;
mod head;
mod hessian;
mod layer;
mod operation;
mod pass;
mod plane;
mod pool;
mod settings;
mod stage;
mod supernet;
mod trace;
mod vectorised;

pub use error::Error;
pub use graph::EDGES;
pub use operation::Operation;
pub use settings::Settings;
pub use trace::{CellTrace, Consumer, FeatureMap, Trace};

use ndarray::{Array1, Array2, ArrayView2};
use rand::{Rng, RngExt};

use graph::Graph;
use pass::{Base, Pass, Weights};
use plane::PLANE;

/// Images and labels that a loss is taken over, at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// `[example][pixel]`.
    images: Vec<f64>,
    labels: Vec<usize>,
}

impl Batch {
    /// The number of examples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Never: a batch has at least one example.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The label of each example.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// Consecutive groups of `size` examples, each its own batch; the last may be smaller.
    fn groups(&self, size: usize) -> impl Iterator<Item = Self> + '_ {
        let size = size.max(1);
        (self.labels.chunks(size).zip(self.images.chunks(size * PLANE)))
            .map(|(labels, images)| Self { images: images.to_vec(), labels: labels.to_vec() })
    }
}

/// A network of minimal cells with a loss on 8×8 images.
///
/// ```
/// use nasproof::problem::{Supernet, dense_cell::{DenseCell, Settings}, digits::Digits};
/// use rand::SeedableRng;
///
/// let digits = Digits::load();
/// let cell = DenseCell::new(Settings::minimal(), digits.images.view(), &digits.labels)?;
/// let weights = cell.initial_weights(&mut rand_chacha::ChaCha8Rng::seed_from_u64(1));
/// let batch = cell.batch(0..8)?;
/// let cost = cell.cost(&weights, &cell.uniform_gates(), &batch);
/// assert_eq!(cost.dim(), (5, 8));
/// assert!(cost.column(0).iter().all(|&c| c == 0.0)); // the operation none costs nothing
/// # Ok::<(), nasproof::problem::dense_cell::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct DenseCell {
    settings: Settings,
    graph: Graph,
    images: Array2<f64>,
    labels: Vec<usize>,
}

impl DenseCell {
    /// A network for the given images, one a row of 64 pixels in row-major order, and their classes.
    ///
    /// # Errors
    /// [`Error`] when the settings contradict themselves, or images and labels do not fit them.
    pub fn new(settings: Settings, images: ArrayView2<'_, f64>, labels: &[usize]) -> Result<Self, Error> {
        settings.check()?;
        let (examples, pixels) = images.dim();
        if pixels != PLANE {
            return Err(Error::ImageSize { given: pixels });
        }
        if labels.len() != examples {
            return Err(Error::LabelCount { images: examples, labels: labels.len() });
        }
        if let Some((image, &label)) = labels.iter().enumerate().find(|(_, label)| **label >= settings.classes) {
            return Err(Error::Label { image, label, last: settings.classes - 1 });
        }
        if let Some(((image, pixel), &value)) = images.indexed_iter().find(|(_, x)| !x.is_finite()) {
            return Err(Error::Pixel { image, pixel, value });
        }
        let graph = Graph::new(settings.channels, settings.cells, &settings.mask);
        if !graph.is_connected() {
            return Err(Error::NoPath);
        }
        Ok(Self { settings, graph, images: images.to_owned(), labels: labels.to_vec() })
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The given examples as a batch, in the given order.
    ///
    /// # Errors
    /// [`Error::EmptyBatch`] and [`Error::NoSuchExample`].
    pub fn batch(&self, examples: impl IntoIterator<Item = usize>) -> Result<Batch, Error> {
        let mut batch = Batch { images: Vec::new(), labels: Vec::new() };
        for given in examples {
            let label = self.labels.get(given).ok_or(Error::NoSuchExample { given, examples: self.labels.len() })?;
            batch.images.extend(self.images.row(given));
            batch.labels.push(*label);
        }
        if batch.is_empty() { Err(Error::EmptyBatch) } else { Ok(batch) }
    }

    /// Weights uniform in $\pm1/\sqrt{\text{fan in}}$, PyTorch's initialisation of convolutions and linear layers.
    pub fn initial_weights<R: Rng + ?Sized>(&self, rng: &mut R) -> Array1<f64> {
        let features = 2 * self.settings.channels;
        let runs = self.graph.modules.iter().flat_map(|module| module.layer.fan_in());
        runs.chain([(self.settings.classifier_weights(), features)])
            .flat_map(|(count, fan_in)| vec![1.0 / (fan_in as f64).sqrt(); count])
            .map(|bound| rng.random_range(-bound..bound))
            .collect()
    }

    /// Every evaluated operation of an edge with the same gate, the gates of an edge adding up to 1; 0 for the others.
    pub fn uniform_gates(&self) -> Array2<f64> {
        let mut gates = self.settings.mask.mapv(|evaluated| f64::from(u8::from(evaluated)));
        for mut row in gates.rows_mut() {
            let count = row.sum().max(1.0);
            row /= count;
        }
        gates
    }

    /// Where the weights of an operation lie; empty when it has none.
    ///
    /// # Errors
    /// [`Error::NotEvaluated`].
    pub fn weights_of(&self, row: usize, operation: Operation) -> Result<std::ops::Range<usize>, Error> {
        match self.graph.behind(row, operation.column()) {
            Some(m) => Ok(self.graph.modules[m].weights.clone()),
            None if self.settings.mask.get((row, operation.column())) == Some(&true) => Ok(0..0),
            None => Err(Error::NotEvaluated { row, operation: operation.column() }),
        }
    }

    /// The weights as a slice.
    fn checked(&self, weights: &Array1<f64>) -> Vec<f64> {
        let expected = self.graph.weight_count + self.settings.classifier_weights();
        assert_eq!(weights.len(), expected, "the number of weights");
        weights.to_vec()
    }

    /// The gates row by row.
    fn checked_gates(&self, gates: &Array2<f64>) -> Vec<f64> {
        assert_eq!(gates.dim(), self.settings.mask.dim(), "the shape of the gates");
        gates.iter().copied().collect()
    }

    /// A pass in which every weight and gate may carry derivatives.
    fn pass<'a, T>(&'a self, weights: &'a [T], gates: &'a [T], batch: &'a Batch) -> Pass<'a, T> {
        Pass {
            graph: &self.graph,
            channels: self.settings.channels,
            epsilon: self.settings.epsilon,
            batch,
            weights: Weights::All(&weights[..self.graph.weight_count]),
            gates,
            base: None,
        }
    }

    /// Everything in `f64`.
    fn base(&self, weights: &[f64], gates: &[f64], batch: &Batch) -> Base {
        let pass = self.pass(weights, gates, batch);
        let (forward, head, backward) = pass.complete(&weights[self.graph.weight_count..], self.settings.classes);
        Base { forward, head, backward }
    }
}
