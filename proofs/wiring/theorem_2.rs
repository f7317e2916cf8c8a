#![doc = include_str!("theorem-2.md")]

use nasproof::{
    cost::cross_entropy::CrossEntropy,
    linalg::TestRatio,
    problem::{
        dense_cell::{DenseCell, Operation, Settings},
        digits::Digits,
    },
};
use ndarray::{Array1, Array2, Axis};
use proptest::{collection::vec, prelude::*};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

decided!("wiring.theorem-2", Holds);

proptest! {
    /// With a bias the cost at the features is L − H less the correction, and the correction is ⟨∂L/∂β, β⟩.
    #[test]
    fn a_bias_takes_away_its_own_cost(
        features in vec(-2.0..2.0f64, 80), weight in vec(-2.0..2.0f64, 32), bias in vec(-2.0..2.0f64, 4), labels in vec(0..4usize, 10)
    ) {
        let x = Array2::from_shape_vec((10, 8), features).unwrap();
        let w = Array2::from_shape_vec((8, 4), weight).unwrap();
        let logits = x.dot(&w) + &Array1::from(bias.clone());
        let ce = CrossEntropy::new(&logits, &labels).unwrap();
        let at_features = (ce.gradient().dot(&w.t()) * &x).sum();
        let at_bias: f64 = ce.gradient().sum_axis(Axis(0)).iter().zip(&bias).map(|(g, b)| g * b).sum();
        let size = x.mapv(f64::abs).dot(&w.mapv(f64::abs)).sum() + ce.loss() + ce.entropy();
        let ratio = TestRatio::identity(at_features + at_bias, ce.loss() - ce.entropy(), size, 80);
        prop_assert!(ratio.passes(), "{ratio}");
        let ratio = TestRatio::identity(at_features, ce.cost_with_bias(&bias).unwrap(), size, 80);
        prop_assert!(ratio.passes(), "{ratio}");
    }
}

/// Behind the last of two dense cells, on digits, whatever its edges carry.
#[test]
fn the_library_s_network_has_that_cost() {
    let digits = Digits::load();
    for (seed, operation) in Operation::ALL.into_iter().enumerate().skip(1) {
        let mut settings = Settings::stacked(2);
        for edge in 0..10 {
            let other = Operation::ALL[1 + (seed + edge) % (Operation::ALL.len() - 1)];
            let operation = if edge % 2 == 0 { operation } else { other };
            settings = settings.with_operations(edge / 5, edge % 5, &[operation]);
        }
        settings.classifier_bias = false;
        let network = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
        let weights = network.initial_weights(&mut ChaCha8Rng::seed_from_u64(seed as u64));
        let trace = network.trace(&weights, &network.uniform_gates(), &network.batch(0..8).unwrap()).unwrap();
        let last = &trace.cells[1];
        let products = &last.output_cotangent * &last.output;
        let size = products.mapv(f64::abs).sum() + trace.loss + trace.entropy;
        let ratio = TestRatio::identity(products.sum(), trace.loss - trace.entropy, size, products.len());
        assert!(ratio.passes(), "{operation}: {ratio}");
        assert!(!TestRatio::identity(products.sum(), trace.loss + trace.entropy, size, products.len()).passes());
    }
}
