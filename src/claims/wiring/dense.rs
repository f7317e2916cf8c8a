//! The same statements on the dense cell: real convolutions, the eight operations, images of digits.

use std::sync::OnceLock;

use ndarray::{Array1, ArrayView2, Zip, s};
use proptest::{collection::vec, prelude::*, sample::select};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::{
    claims::Measure,
    linalg::{Rounded, TestRatio},
    problem::{
        Supernet,
        dense_cell::{Batch, DenseCell, Error, FeatureMap, Operation, Settings, Trace},
        digits::Digits,
    },
};

/// Examples in a batch.
const EXAMPLES: usize = 8;
/// Images to take batches from.
pub(super) const IMAGES: usize = 256;

/// Operations as `wiring` numbers them: 0 none, 1 skip, 2 and 3 max and average pooling, 4 to 7 convolutions.
pub(super) const NORMALISED: &[usize] = &[2, 3, 4, 5, 6, 7];
/// All but the zero map.
pub(super) const PRESENT: &[usize] = &[2, 3, 4, 5, 6, 7, 1];
/// The zero map.
pub(super) const NONE: &[usize] = &[0];
/// Those with weights.
pub(super) const CONVOLUTIONS: &[usize] = &[4, 5, 6, 7];
/// Skip.
pub(super) const SKIP: &[usize] = &[1];

/// A network of dense cells at random weights, on a batch of digits.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    /// The operation of each of the five edges of each cell, in the numbering of `wiring`.
    pub(super) operations: Vec<[usize; 5]>,
    /// The seed of the initial weights.
    pub(super) seed: u64,
    /// The first image of the batch.
    pub(super) first_image: usize,
    /// $\epsilon$ of every normalisation.
    pub(super) epsilon: f64,
    /// Whether the classifier has a bias.
    pub(super) bias: bool,
}

/// Networks of `cells` cells whose edges carry one of the operations `allowed` there, with $\epsilon>0$.
pub(super) fn drawn(
    cells: usize,
    allowed: [&'static [usize]; 5],
    epsilon: f64,
) -> impl Strategy<Value = Case> + Send + Sync {
    let operations = vec(allowed.map(select), cells);
    (operations, any::<u64>().no_shrink(), (0..IMAGES - EXAMPLES).no_shrink())
        .prop_map(move |(operations, seed, first_image)| Case { operations, seed, first_image, epsilon, bias: false })
}

/// The same with any $\epsilon$.
///
/// Draws in which a normalisation is undefined ($\epsilon=0$ and a channel that is constant over the batch) are drawn again.
pub(super) fn networks(
    cells: usize,
    allowed: [&'static [usize]; 5],
    epsilon: f64,
) -> impl Strategy<Value = Case> + Send + Sync {
    drawn(cells, allowed, epsilon).prop_filter("a normalisation sees a constant channel", |case| {
        case.run().is_ok_and(|run| run.trace.cells.iter().all(|cell| cell.output.iter().all(|x| x.is_finite())))
    })
}

/// A case, evaluated.
pub(super) struct Run {
    pub(super) network: DenseCell,
    pub(super) weights: Array1<f64>,
    pub(super) trace: Trace,
}

/// Images, one a row, and their classes.
pub(super) fn digits(range: std::ops::Range<usize>) -> (ArrayView2<'static, f64>, &'static [usize]) {
    static DIGITS: OnceLock<Digits> = OnceLock::new();
    let digits = DIGITS.get_or_init(Digits::load);
    (digits.images.slice(s![range.clone(), ..]), &digits.labels[range])
}

impl Case {
    /// The network, its weights and its batch.
    fn network(&self) -> Result<(DenseCell, Array1<f64>, Batch), Error> {
        let mut settings = Settings::stacked(self.operations.len());
        for (cell, operations) in self.operations.iter().enumerate() {
            for (edge, &operation) in operations.iter().enumerate() {
                settings = settings.with_operations(cell, edge, &[Operation::ALL[operation]]);
            }
        }
        settings.epsilon = self.epsilon;
        settings.classifier_bias = self.bias;
        let (images, labels) = digits(self.first_image..self.first_image + EXAMPLES);
        let network = DenseCell::new(settings, images, labels)?;
        let weights = network.initial_weights(&mut ChaCha8Rng::seed_from_u64(self.seed));
        let batch = network.batch(0..EXAMPLES)?;
        Ok((network, weights, batch))
    }

    /// The network, its weights and the trace of a pass.
    ///
    /// # Errors
    /// None for a case drawn here.
    pub(super) fn run(&self) -> Result<Run, Error> {
        let (network, weights, batch) = self.network()?;
        let trace = network.trace(&weights, &network.uniform_gates(), &batch)?;
        Ok(Run { network, weights, trace })
    }

    /// The cost of the operation of each edge, cell by cell: cheaper than a trace.
    ///
    /// # Errors
    /// None for a case drawn here.
    pub(super) fn costs(&self) -> Result<Vec<f64>, Error> {
        let (network, weights, batch) = self.network()?;
        let cost = network.cost(&weights, &network.uniform_gates(), &batch);
        Ok(self.operations.iter().flatten().enumerate().map(|(row, &operation)| cost[(row, operation)]).collect())
    }

    /// What `of` sees; NaN where the case is no network, which none is.
    pub(super) fn measure(&self, of: impl Fn(&Run) -> Measure) -> Measure {
        self.run().map_or(Measure::ratio(TestRatio(f64::NAN)), |run| of(&run))
    }
}

/// $\langle g,x\rangle$ with the size of its terms.
pub(super) fn inner(g: &FeatureMap, x: &FeatureMap) -> Rounded {
    let mut sum = Rounded { value: 0.0, terms: 0.0, n: g.len().min(x.len()) };
    Zip::from(g).and(x).for_each(|g, x| {
        sum.value += g * x;
        sum.terms += (g * x).abs();
    });
    sum
}

/// `left = right`, both sums of inner products.
pub(super) fn equality(left: &[Rounded], right: &[Rounded]) -> Measure {
    let value = |terms: &[Rounded]| terms.iter().map(|t| t.value).sum::<f64>();
    let all = || left.iter().chain(right);
    let n = all().map(|t| t.n).sum();
    Measure::equality(value(left), value(right), all().map(|t| t.terms).sum(), n)
}
