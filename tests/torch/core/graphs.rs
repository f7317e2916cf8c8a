//! What is kept, what is made again, and that it makes no difference.

use std::cell::Cell;

use nasproof::{
    linalg::{Panel, Vector},
    problem::Supernet,
    torch::{Error, Input, MiniBatch, Network, Normalisation, Parameter, TensorVector, TorchSupernet, take_error},
};

use super::{
    point::{Point, narrow},
    twin::{Attach, Twin, double, entries, mini_batch, vector},
};
use crate::device;

/// The same numbers but for the rounding that a device is allowed: sums over the pixels of six images.
#[track_caller]
fn same(one: &[f64], other: &[f64]) {
    device::same(one, other, 6 * 64);
}

fn case() -> (Point, [MiniBatch; 3], TensorVector, TensorVector) {
    let mut point = Point::new(narrow(), 6, 51);
    let batch = [0..2, 2..4, 4..6].map(|examples| mini_batch(&point, examples));
    let (theta, v) = (vector(point.weights.as_slice().unwrap()), vector(point.random_weights().as_slice().unwrap()));
    (point, batch, theta, v)
}

fn supernet(point: &Point, attach: Attach, budget: u64) -> TorchSupernet<Twin> {
    let net = TorchSupernet::new(Twin::new(point.cell.settings(), attach), double(), Normalisation::Batch).unwrap();
    net.with_graph_budget(budget)
}

/// Room for every graph, also where their size is not told.
const ROOMY: u64 = TorchSupernet::<Twin>::UNLIMITED;

#[test]
fn graphs_are_made_once_a_point_where_there_is_room() {
    let (point, batch, theta, v) = case();
    for attach in [Attach::Flat, Attach::Shared, Attach::Apart, Attach::InPlace] {
        let roomy = supernet(&point, attach, ROOMY);
        let tight = supernet(&point, attach, 0);
        for round in 1..4 {
            let (a, b) = (
                roomy.hessian_product(&theta, &point.gates, &batch, &v),
                tight.hessian_product(&theta, &point.gates, &batch, &v),
            );
            same(&a.to_vec(), &b.to_vec());
            assert_eq!((roomy.kept_graphs().kept, roomy.kept_graphs().built), (3, 3));
            assert_eq!((tight.kept_graphs().kept, tight.kept_graphs().built), (0, 3 * round));
        }
        // With gates: made once more, and then serving both.
        let mixed = roomy.cross_product(&theta, &point.gates, &batch, &v);
        same(&entries(&mixed), &entries(&tight.cross_product(&theta, &point.gates, &batch, &v)));
        roomy.hessian_product(&theta, &point.gates, &batch, &v);
        assert_eq!((roomy.kept_graphs().kept, roomy.kept_graphs().built), (3, 6));
        roomy.release_graphs();
        assert_eq!(roomy.kept_graphs().kept, 0);
    }
}

/// Products with the Gauss–Newton matrix have graphs of their own, kept as those of losses are, and beside them.
#[test]
fn the_graphs_of_gauss_newton_products_are_kept_too() {
    let (point, batch, theta, v) = case();
    for attach in [Attach::Flat, Attach::Shared, Attach::Apart, Attach::InPlace] {
        let (roomy, tight) = (supernet(&point, attach, ROOMY), supernet(&point, attach, 0));
        let product = |net: &TorchSupernet<Twin>, theta: &TensorVector| {
            net.gauss_newton_product(theta, &point.gates, &batch, &v).unwrap().to_vec()
        };
        for round in 1..4 {
            same(&product(&roomy, &theta), &product(&tight, &theta));
            assert_eq!((roomy.kept_graphs().kept, roomy.kept_graphs().built), (3, 3));
            assert_eq!((tight.kept_graphs().kept, tight.kept_graphs().built), (0, 3 * round));
        }
        let hessian = roomy.hessian_product(&theta, &point.gates, &batch, &v).to_vec();
        same(&hessian, &tight.hessian_product(&theta, &point.gates, &batch, &v).to_vec());
        assert_eq!((roomy.kept_graphs().kept, roomy.kept_graphs().built), (6, 6));
        // With gates the graphs of losses are made again, and those of logits are not.
        roomy.cross_product(&theta, &point.gates, &batch, &v);
        assert_eq!((roomy.kept_graphs().kept, roomy.kept_graphs().built), (6, 9));
        let before = product(&roomy, &theta);
        assert_eq!(roomy.kept_graphs().built, 9);
        // Elsewhere, and back.
        let mut moved = theta.clone();
        moved.scale(0.5);
        same(&product(&roomy, &moved), &product(&tight, &moved));
        assert_eq!((roomy.kept_graphs().kept, roomy.kept_graphs().built), (3, 12));
        same(&product(&roomy, &theta), &before);
    }
}

/// The gradients of mini-batches come from the graphs of the products that follow, where these are kept: the same rows, and no graph twice.
#[test]
fn gradients_beside_products_are_the_gradients_and_share_their_graphs() {
    let (point, batch, theta, v) = case();
    for attach in [Attach::Flat, Attach::Shared, Attach::Apart, Attach::InPlace] {
        let expected = supernet(&point, attach, 0).gradients(&theta, &point.gates, &batch, usize::MAX);
        for recorded in 0..=4 {
            for budget in [0, 1 << 40, ROOMY] {
                // In a limit none is kept where sizes are not told, and none is made to see that.
                let keeps = budget == ROOMY || (budget > 0 && device::tells_sizes());
                let kept = if keeps { recorded.min(3) as u64 } else { 0 };
                let net = supernet(&point, attach, budget);
                let panel = net.gradients_beside_products(&theta, &point.gates, &batch, recorded).unwrap();
                for row in 0..3 {
                    same(&panel.row(row).to_vec(), &expected.row(row).to_vec());
                }
                let made = net.kept_graphs().built;
                assert_eq!(made, kept, "{attach:?} {recorded} {budget}");
                net.cross_product(&theta, &point.gates, &batch[..recorded.clamp(1, 3)], &v);
                let again = if kept > 0 { 0 } else { recorded.clamp(1, 3) as u64 };
                assert_eq!(net.kept_graphs().built, made + again, "{attach:?} {recorded} {budget}");
            }
        }
    }
}

/// Other weights, other gates, another seed: other graphs.
#[test]
fn a_graph_is_never_used_at_another_point() {
    let (point, batch, theta, v) = case();
    for attach in [Attach::Flat, Attach::Shared, Attach::Apart, Attach::InPlace] {
        let net = supernet(&point, attach, ROOMY);
        let fresh = |theta: &TensorVector, gates: &ndarray::Array2<f64>| {
            supernet(&point, attach, 0).hessian_product(theta, gates, &batch, &v).to_vec()
        };
        let mut weights = theta.clone();
        net.hessian_product(&theta, &point.gates, &batch, &v);
        // The vector whose memory the network may share changes, and its copy is what is asked for.
        net.hessian_product(&weights, &point.gates, &batch, &v);
        let copy = weights.clone();
        weights.scale(0.25);
        same(&net.hessian_product(&copy, &point.gates, &batch, &v).to_vec(), &fresh(&theta, &point.gates));
        weights.scale(2.0);
        let moved = net.hessian_product(&weights, &point.gates, &batch, &v).to_vec();
        same(&moved, &fresh(&weights, &point.gates));
        let gates = &point.gates * 0.5;
        same(&net.hessian_product(&weights, &gates, &batch, &v).to_vec(), &fresh(&weights, &gates));
        // The vector changes between two products, and nothing else is asked for.
        weights.scale(0.5);
        same(&net.hessian_product(&weights, &gates, &batch, &v).to_vec(), &fresh(&weights, &gates));
        // A look elsewhere between two products at one point.
        let before = net.hessian_product(&theta, &gates, &batch, &v).to_vec();
        net.gradient(&weights, &gates, &batch);
        same(&net.hessian_product(&theta, &gates, &batch, &v).to_vec(), &before);
        net.set_seed(1);
        let built = net.kept_graphs().built;
        net.hessian_product(&theta, &gates, &batch, &v);
        assert_eq!(net.kept_graphs().built, built + 3);
    }
}

/// The twin, which refuses the pass that is counted down to, with such an exception.
struct Refusing {
    twin: Twin,
    left: Cell<Option<usize>>,
    exception: &'static str,
}

impl Network for Refusing {
    fn parameters(&self) -> &[Parameter] {
        self.twin.parameters()
    }

    fn gates(&self) -> &nasproof::space::Gates {
        self.twin.gates()
    }

    fn classes(&self) -> Option<usize> {
        self.twin.classes()
    }

    fn attach(&self, theta: &tch::Tensor) -> Result<Vec<tch::Tensor>, Error> {
        self.twin.attach(theta)
    }

    fn attaches_in_place(&self) -> bool {
        self.twin.attaches_in_place()
    }

    fn logits(&self, leaves: &[tch::Tensor], input: &Input<'_>) -> Result<tch::Tensor, Error> {
        let left = self.left.get();
        self.left.set(left.and_then(|left| left.checked_sub(1)));
        match left {
            Some(0) => {
                let source = tch::TchError::Torch(self.exception.to_owned());
                Err(Error::Torch { doing: "the forward pass".to_owned(), source })
            }
            _ => self.twin.logits(leaves, input),
        }
    }

    fn statistics(&self) -> Vec<(String, tch::Tensor)> {
        Vec::new()
    }
}

/// Whatever finds no memory while graphs are kept has them given up and is done once more; what fails for another reason is not, and costs none.
#[test]
fn graphs_are_given_up_for_memory_and_for_nothing_else() {
    let (point, batch, theta, v) = case();
    let mut elsewhere = theta.clone();
    elsewhere.scale(0.5);
    for attach in [Attach::Flat, Attach::Apart] {
        let net = |exception| {
            let twin = Twin::new(point.cell.settings(), attach);
            let network = Refusing { twin, left: Cell::new(None), exception };
            let net = TorchSupernet::new(network, double(), Normalisation::Batch).unwrap().with_graph_budget(ROOMY);
            net.hessian_product(&theta, &point.gates, &batch, &v);
            assert_eq!(net.kept_graphs().kept, 3);
            // The second pass from here on.
            net.network().left.set(Some(1));
            net
        };
        type Work<'a> = &'a dyn Fn(&TorchSupernet<Refusing>) -> Vec<f64>;
        let (gates, batch) = (&point.gates, &batch[..]);
        let works: [Work<'_>; 6] = [
            &|net| net.gradient(&elsewhere, gates, batch).to_vec(),
            &|net| entries(&net.cost(&theta, gates, batch)),
            &|net| net.gradients(&theta, gates, batch, 1).row(1).to_vec(),
            &|net| entries(&net.cross_product(&theta, gates, batch, &v)),
            &|net| net.hessian_product(&elsewhere, gates, batch, &v).to_vec(),
            &|net| net.gauss_newton_product(&theta, gates, batch, &v).map_or_else(|_| vec![f64::NAN], |x| x.to_vec()),
        ];
        for (i, work) in works.into_iter().enumerate() {
            let short = net("CUDA out of memory. Tried to allocate 2.00 GiB");
            let found = work(&short);
            assert!(short.network().left.get().is_none(), "{i}: nothing was refused");
            assert!(take_error().is_none(), "{attach:?} {i}");
            let plain = net("");
            plain.network().left.set(None);
            same(&found, &work(&plain));
            let kept = short.kept_graphs().kept;
            assert!(kept < 3, "{attach:?} {i}: {kept} kept");

            let failing = net("CUDA error: an illegal memory access was encountered");
            assert!(work(&failing).iter().any(|x| x.is_nan()), "{attach:?} {i}");
            _ = take_error();
            // All are kept as before by whoever goes on.
            failing.network().left.set(None);
            failing.hessian_product(&theta, gates, batch, &v);
            assert!(failing.kept_graphs().kept >= 3, "{attach:?} {i}");
        }
    }
}

#[test]
fn refusals_are_nan_and_tell_why() {
    let (point, batch, theta, v) = case();
    let net = supernet(&point, Attach::Flat, 0);
    let reason = |needle: &str| {
        let error = take_error().expect("a reason").to_string();
        assert!(error.contains(needle), "{error}");
        assert!(take_error().is_none());
    };
    assert!(net.loss(&theta, &ndarray::Array2::zeros((2, 2)), &batch).is_nan());
    reason("the gates: shape [2, 2] was given, [5, 8]");
    let short = vector(&[1.0; 3]);
    assert!(!net.gradient(&short, &point.gates, &batch).is_finite());
    reason("the weights: shape [3] was given, [294]");
    assert!(!net.hessian_product(&theta, &point.gates, &batch, &short).is_finite());
    reason("the direction of a product: shape [3] was given");
    assert!(net.cost(&theta, &point.gates, &[]).iter().all(|c| c.is_nan()));
    reason("no mini-batch was given");
    let images = device::tensor(&[0.0; 2 * 3 * 64], &[2, 3, 8, 8]);
    let labels = device::integers(&[0, 99]);
    let wrong_labels = [MiniBatch::new(&images.narrow(1, 0, 1), &labels, &double()).unwrap()];
    assert!(net.cross_adjoint(&theta, &point.gates, &wrong_labels, &point.gates).max_abs().is_nan());
    reason("a mini-batch has the label 99, and the network tells 10 classes apart, 0 to 9");
    // A solve at such a point ends with an error of its own.
    let at = nasproof::problem::Hessian { problem: &net, weights: &short, gates: &point.gates, batch: &batch[..] };
    assert!(nasproof::ihvp::cg::solve(&at, &[v], None, &Default::default()).is_err());
    reason("the weights");
    assert!(
        TorchSupernet::new(Twin::new(point.cell.settings(), Attach::Flat), double(), Normalisation::Train).is_err()
    );
}
