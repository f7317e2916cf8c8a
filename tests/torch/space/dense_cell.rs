//! The minimal cell on libtorch against the dense cell, which shares no code with it.

use nasproof::{
    linalg::TestRatio,
    problem::{
        Supernet,
        dense_cell::{DenseCell, Settings as DenseSettings},
        digits::Digits,
    },
    space::{Image, Settings, Space, SpaceName},
    torch::{Network, Parameter, SpaceNet},
};
use ndarray::{Array1, Array2};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use super::common::{Case, entries, numbers, place};
use crate::device;

/// The same network twice, and the same point.
fn both(seed: u64) -> (Case, DenseCell, Array1<f64>, Array2<f64>) {
    let digits = Digits::load();
    let dense = DenseCell::new(DenseSettings::minimal(), digits.images.view(), &digits.labels).unwrap();
    let settings = Settings {
        channels: 4,
        image: Image { channels: 1, height: 8, width: 8 },
        stem_multiplier: 1,
        stem_affine: false,
        ..Settings::published(SpaceName::Minimal)
    };
    let net = SpaceNet::new(Space::new(SpaceName::Minimal, settings).unwrap(), &place()).unwrap();
    assert_eq!(net.parameters().iter().map(Parameter::len).sum::<usize>(), dense.weight_count());

    let weights = dense.initial_weights(&mut ChaCha8Rng::seed_from_u64(seed));
    let gates = Array2::from_shape_vec((5, 8), numbers(seed, 40, -1.0, 1.0)).unwrap();
    let mut case = Case::new(net, 12, seed);
    let pixels: Vec<f64> = digits.images.rows().into_iter().take(12).flatten().copied().collect();
    let labels: Vec<i64> = digits.labels[..12].iter().map(|&label| label as i64).collect();
    case.theta = device::flat(weights.as_slice().unwrap());
    case.gates = device::tensor(gates.as_slice().unwrap(), &[5, 8]).set_requires_grad(true);
    case.images = device::tensor(&pixels, &[12, 1, 8, 8]);
    case.labels = device::integers(&labels);
    (case, dense, weights, gates)
}

/// Relative to the norm of the vector, n·ε for its n entries; what a normalisation amplifies, $s\max|x|$, is below 10 here.
fn agree(what: &str, given: Vec<f64>, expected: Vec<f64>) {
    let ratio = TestRatio::forward(&Array1::from(given), &Array1::from(expected), 10.0);
    assert!(ratio.passes(), "{what}: {ratio}");
}

#[test]
fn loss_gradient_and_cost_agree_with_the_dense_cell() {
    for seed in 0..4 {
        let (case, dense, weights, gates) = both(seed);
        let batch = dense.batch(0..12).unwrap();
        agree("loss", entries(&case.loss().1), vec![dense.loss(&weights, &gates, &batch)]);
        let (gradient, cost) = case.gradients();
        agree("cost", entries(&cost), dense.cost(&weights, &gates, &batch).into_iter().collect());
        agree("gradient", entries(&gradient), dense.gradient(&weights, &gates, &batch).to_vec());
    }
}

#[test]
fn hessian_and_cross_products_agree_with_the_dense_cell() {
    let (case, dense, weights, gates) = both(9);
    let batch = dense.batch(0..12).unwrap();
    let v = Array1::from(numbers(11, weights.len(), -1.0, 1.0));
    let (leaves, loss) = case.loss();
    let first = Tensor::run_backward(&[loss], &[&leaves[0]], true, true);
    let along = first[0].dot(&device::flat(v.as_slice().unwrap()));
    let second = Tensor::run_backward(&[along], &[&leaves[0], &case.gates], false, false);
    agree("Hv", entries(&second[0]), dense.hessian_product(&weights, &gates, &batch, &v).to_vec());
    agree("Mv", entries(&second[1]), dense.cross_product(&weights, &gates, &batch, &v).into_iter().collect());
}
