//! A [`Network`] as a [`Supernet`](crate::problem::Supernet): losses and their derivatives by reverse mode over reverse mode.
//!
//! # Derivatives
//! A backward pass gives $g=\partial L/\partial\theta$ and, at no further pass, $C=\partial L/\partial Z$. With the operations of that pass recorded, the
//! scalar $s=\langle g,v\rangle+\langle C,u\rangle$ is differentiated once more:
//! $$\frac{\partial s}{\partial\theta}=Hv+M^\top u,\qquad\frac{\partial s}{\partial Z}=Mv+\frac{\partial^2L}{\partial Z\,\partial Z}u ,$$
//! so that one second backward gives the Hessian product and the cross product together. Reverse over reverse, since that is what agrees with
//! differences for every layer: a published forward-over-reverse product returns wrong entries at batch normalisation.
//!
//! # Statistics
//! Each mini-batch is normalised by its own statistics, or by the stored ones as constants ([`Normalisation`]). $L$ is the mean over the mini-batches
//! of the mean cross-entropy over their examples, each mini-batch counting the same.
//!
//! # Kept graphs
//! An estimator asks for many products at one point $(\theta,Z)$. The recorded backward pass of each mini-batch, with all that it refers to, is kept while
//! the memory it takes stays within a budget; beyond it, and after the point changes, it is made again for each product. A graph is kept for a
//! point when weights (by their [stamp](TensorVector::stamp)), gates and seed are the same.
//!
//! On the CPU the size of a graph is what the memory given out by the C library's allocator (glibc's) grew by as it was made, and all are counted as the
//! largest. Where that is not told, on CUDA devices and with other C libraries, no graph is known to fit a budget and none is kept; but for a budget without limit
//! ([`TorchSupernet::UNLIMITED`]), with which all are kept, there and here, until memory is short. Then, under any budget, all are given up, what memory was short
//! for is done once more (not a pass that moves stored statistics), and half as many are kept from there on.
//! [`KeptGraphs::unmeasured`] tells. Products with the Gauss–Newton matrix have graphs of their own, under the same budget.
//!
//! # Noise
//! libtorch's generator is seeded before each forward pass, by the seed and the place of the mini-batch in its slice: the same seed, the same numbers.

mod derivatives;
mod gauss_newton;
mod graph;
mod kept;
mod memory;
mod pass;
mod split;

use std::cell::{Cell, RefCell};

use ndarray::Array2;
use tch::Tensor;

pub use gauss_newton::GaussNewton;
pub use memory::allocated;
pub use pass::{Pass, Wanted};
pub use split::SplitCost;

use super::{Error, Network, Normalisation, Place, TensorVector, host, take_error};
use crate::linalg::Vector;
use kept::Kept;

/// A network with a loss, on a device and in a precision.
#[derive(Debug)]
pub struct TorchSupernet<N> {
    network: N,
    place: Place,
    normalisation: Normalisation,
    seed: Cell<i64>,
    /// In training: the statistics that evaluations take.
    judged: Option<Normalisation>,
    weight_count: usize,
    kept: RefCell<Kept>,
    /// What is in use where graphs lie, where there is a count of it.
    measure: fn() -> Option<u64>,
}

/// How many graphs are kept, and what they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptGraphs {
    /// Graphs in memory now.
    pub kept: usize,
    /// The bytes a graph takes, the largest measured; `None` before the first, and where it cannot be measured.
    pub bytes_each: Option<u64>,
    /// The budget in bytes.
    pub budget: u64,
    /// Graphs made so far: kept ones once, others once a product.
    pub built: u64,
}

impl KeptGraphs {
    /// Whether graphs were made whose size could not be measured: none is kept then, unless the budget is without limit.
    pub fn unmeasured(&self) -> bool {
        self.built > 0 && self.bytes_each.is_none()
    }
}

impl<N> TorchSupernet<N> {
    /// The memory for graphs unless another budget is given, in bytes.
    pub const GRAPH_BUDGET: u64 = 2 << 30;

    /// A memory for graphs without limit: they are kept until memory is short.
    pub const UNLIMITED: u64 = u64::MAX;
}

impl<N: Network> TorchSupernet<N> {
    /// The network in the place where its weights, gates and images will be, with the statistics that its loss and all derivatives take.
    ///
    /// # Errors
    /// [`Error::Other`] for [`Normalisation::Train`]: a loss that changes the network each time it is looked at has no derivatives; training
    /// asks for it pass by pass ([`TorchSupernet::pass`]).
    pub fn new(network: N, place: Place, normalisation: Normalisation) -> Result<Self, Error> {
        if normalisation == Normalisation::Train {
            return Err(Error::Other(
                "normalisation `train` was given for a supernet; a loss has the statistics of the batch (`batch`) or the stored ones (`eval`)"
                    .to_owned(),
            ));
        }
        let weight_count = network.parameters().iter().map(super::Parameter::len).sum();
        let kept = RefCell::new(Kept::new(Self::GRAPH_BUDGET));
        let measure = if host::is_host(place.device()) { memory::allocated } else { || None };
        Ok(Self { network, place, normalisation, seed: Cell::new(0), judged: None, weight_count, kept, measure })
    }

    /// The same with another memory for graphs, in bytes; 0 keeps none, [`TorchSupernet::UNLIMITED`] as many as there is memory for.
    #[must_use]
    pub fn with_graph_budget(self, bytes: u64) -> Self {
        self.kept.replace(Kept::new(bytes));
        self
    }

    /// The same in training: the stored statistics move with every pass of
    /// [`cost_and_gradient`](crate::problem::Supernet::cost_and_gradient) and [`loss_and_cost`](crate::problem::Supernet::loss_and_cost), which take
    /// those of the batch, and [evaluations](crate::problem::Supernet::evaluation) take `judged`.
    #[must_use]
    pub fn in_training(mut self, judged: Normalisation) -> Self {
        self.judged = Some(judged);
        self
    }

    /// Seeds the noise of the passes to come; 0 at first.
    pub fn set_seed(&self, seed: i64) {
        self.seed.set(seed);
    }

    /// The network.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// Where everything is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The statistics that loss and derivatives take.
    pub fn normalisation(&self) -> Normalisation {
        self.normalisation
    }

    /// What is kept now.
    pub fn kept_graphs(&self) -> KeptGraphs {
        self.kept.borrow().report()
    }

    /// Gives the memory of all graphs back.
    pub fn release_graphs(&self) {
        self.kept.borrow_mut().clear();
    }

    /// Why numbers were NaN: see [`take_error`].
    pub fn take_error(&self) -> Option<Error> {
        take_error()
    }

    /// The gates as a tensor.
    fn gate_tensor(&self, gates: &Array2<f64>) -> Result<Tensor, Error> {
        let shape = self.network.gates().shape();
        let size = [shape.0 as i64, shape.1 as i64];
        if gates.dim() != shape {
            let given = vec![gates.nrows() as i64, gates.ncols() as i64];
            return Err(Error::Shape { what: "the gates".to_owned(), given, expected: format!("{size:?}, E×O,") });
        }
        self.place.tensor(&gates.iter().copied().collect::<Vec<_>>(), &size)
    }

    fn check_weights(&self, what: &str, weights: &TensorVector) -> Result<(), Error> {
        if weights.dim() == self.weight_count {
            return Ok(());
        }
        let (given, expected) = (vec![weights.dim() as i64], format!("[{}], one number a weight,", self.weight_count));
        Err(Error::Shape { what: what.to_owned(), given, expected })
    }

    fn nan_vector(&self) -> TensorVector {
        TensorVector::nan(self.weight_count, &self.place)
    }

    fn nan_gates(&self) -> Array2<f64> {
        Array2::from_elem(self.network.gates().shape(), f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        problem::Supernet,
        space::{Image, Settings, Space, SpaceName},
        torch::{MiniBatch, Precision, SpaceNet},
    };

    /// A small network, mini-batches for it, weights and gates.
    struct Case {
        place: Place,
        settings: Settings,
        batch: Vec<MiniBatch>,
        theta: TensorVector,
        gates: Array2<f64>,
    }

    impl Case {
        fn net(&self) -> SpaceNet {
            SpaceNet::new(Space::new(SpaceName::Minimal, self.settings.clone()).unwrap(), &self.place).unwrap()
        }

        fn supernet(&self, budget: u64) -> TorchSupernet<SpaceNet> {
            TorchSupernet::new(self.net(), self.place, Normalisation::Batch).unwrap().with_graph_budget(budget)
        }
    }

    fn case() -> Case {
        let place = Place::new("cpu", Precision::F64).unwrap();
        let image = Image { channels: 1, height: 4, width: 4 };
        let settings = Settings { channels: 2, image, ..Settings::published(SpaceName::Minimal) };
        let net = SpaceNet::new(Space::new(SpaceName::Minimal, settings.clone()).unwrap(), &place).unwrap();
        let numbers =
            |seed: usize, count: usize| (0..count).map(|i| ((i * 37 + seed) as f64).sin()).collect::<Vec<_>>();
        let batch: Vec<MiniBatch> = (0..2)
            .map(|b| {
                let images = place.tensor(&numbers(b, 3 * 16), &[3, 1, 4, 4]).unwrap();
                MiniBatch::new(&images, &place.tensor(&[0.0, 1.0, 2.0], &[3]).unwrap(), &place).unwrap()
            })
            .collect();
        let theta = TensorVector::new(&net.initial_weights(1, &place).unwrap()).unwrap();
        let gates = net.gates().uniform();
        Case { place, settings, batch, theta, gates }
    }

    /// A product that finds no memory is made once more, from a graph made anew, when what was kept has been given up: once, and for memory alone.
    #[test]
    fn a_product_that_finds_no_memory_is_made_once_more() {
        let case = case();
        let Case { batch, theta, gates, .. } = &case;
        let expected = case.supernet(0).hessian_product(theta, gates, batch, theta).to_vec();
        let refusal = |text: &str| Error::Torch {
            doing: "the second backward pass".to_owned(),
            source: tch::TchError::Torch(text.to_owned()),
        };
        // What is refused from the first product of the second mini-batch on.
        let products = |supernet: &TorchSupernet<SpaceNet>, refusals: &[&str]| {
            let (mut left, mut calls, mut sum) = (refusals.iter(), 0, None);
            let product = |graph: &graph::Graph, kept| {
                calls += 1;
                match (calls > 1).then(|| left.next()).flatten() {
                    Some(text) => Err(refusal(text)),
                    None => graph.second(Some(theta.tensor()), None, true, false, kept),
                }
            };
            let add = |(part, _)| pass::accumulate(&mut sum, part);
            supernet.with_graphs(theta, gates, batch, false, product, add)?;
            Ok::<_, Error>(TensorVector::new(&pass::mean(sum.unwrap(), batch.len())?)?.to_vec())
        };
        let memory = "CUDA out of memory";
        for warm in [false, true] {
            let kept = || {
                let supernet = case.supernet(TorchSupernet::<SpaceNet>::UNLIMITED);
                if warm {
                    supernet.hessian_product(theta, gates, batch, theta);
                }
                supernet
            };
            let supernet = kept();
            assert_eq!(products(&supernet, &[memory]).unwrap(), expected);
            let report = supernet.kept_graphs();
            // Of one that was kept, or of two, half.
            assert_eq!((report.kept, report.built), if warm { (1, 3) } else { (0, 3) }, "{report:?}");
            // There is nothing left to give up, or no memory for all that.
            assert!(products(&kept(), &[memory, memory]).unwrap_err().is_of_memory());
            let supernet = kept();
            assert!(!products(&supernet, &["CUDA error: unspecified launch failure"]).unwrap_err().is_of_memory());
            assert_eq!(supernet.kept_graphs().kept, if warm { 2 } else { 1 });
        }
        // Nothing was kept: nothing can be given up.
        assert!(products(&case.supernet(0), &[memory]).unwrap_err().is_of_memory());
    }

    /// Where sizes are not measured, as on CUDA: the same products, from graphs made each time, or kept where the user says that memory has no limit.
    #[test]
    fn what_cannot_be_measured_is_made_again() {
        let case = case();
        let Case { batch, theta, gates, .. } = &case;
        let products = |budget: u64, measure: Option<fn() -> Option<u64>>| {
            // The host does as if it were such a device.
            let made = case.supernet(budget);
            let supernet = TorchSupernet { measure: measure.unwrap_or(made.measure), ..made };
            let rows = supernet.gradients_beside_products(theta, gates, batch, 2).unwrap();
            assert_eq!(crate::linalg::Panel::rows(&rows), 2);
            // For the rows none is made that could not be kept.
            assert_eq!(supernet.kept_graphs().built, supernet.kept_graphs().kept as u64);
            let twice = [0, 1].map(|_| supernet.hessian_product(theta, gates, batch, theta).to_vec());
            assert_eq!(twice[0], twice[1]);
            (twice[0].clone(), supernet.kept_graphs())
        };
        let (expected, measured) = products(1 << 40, None);
        assert_eq!((measured.kept, measured.unmeasured()), (2, measured.bytes_each.is_none()));
        for (budget, kept) in [(1 << 40, 0), (TorchSupernet::<SpaceNet>::UNLIMITED, 2)] {
            let (found, report) = products(budget, Some(|| None));
            assert_eq!(found, expected);
            assert_eq!((report.kept, report.unmeasured()), (kept, true), "{report:?}");
        }
    }
}
