#![doc = include_str!("hypothesis-training.md")]

decided!("wiring.hypothesis-training", Holds);

/// L − H is Euler's sum over the classifier's weights, at any weights of the cell; and not over those of another layer.
#[test]
fn the_cost_is_the_slope_along_the_classifier() {
    use nasproof::{
        linalg::TestRatio,
        problem::{
            Supernet,
            dense_cell::{DenseCell, Settings},
            digits::{CLASSES, Digits},
        },
    };
    use rand::SeedableRng;

    let (settings, digits) = (Settings::minimal(), Digits::load());
    let classifier = CLASSES * 2 * settings.channels;
    let network = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
    let weights = network.initial_weights(&mut rand_chacha::ChaCha8Rng::seed_from_u64(5)) * 4.0;
    let trace = network.trace(&weights, &network.uniform_gates(), &network.batch(0..8).unwrap()).unwrap();
    let ratio = |range: std::ops::Range<usize>| {
        let products = range.map(|i| trace.gradient[i] * weights[i]);
        let size = products.clone().map(f64::abs).sum::<f64>() + trace.loss + trace.entropy;
        TestRatio::identity(products.sum(), trace.loss - trace.entropy, size, classifier)
    };
    let count = network.weight_count();
    assert!(ratio(count - classifier..count).passes());
    assert!(!ratio(count - 2 * classifier..count - classifier).passes());
}

/// The logistic example of the page: positive from w = 4 down to its optimum ln 3.
#[test]
fn from_beyond_the_optimum_it_stays_positive() {
    let cost = |w: f64| w * (0.25 - 0.75 * (-w).exp()) / (1.0 + (-w).exp());
    assert!((0..=100).map(|k| 4.0 - f64::from(k) * (4.0 - 3f64.ln()) / 101.0).all(|w| cost(w) > 0.0));
    assert!(cost(3f64.ln() - 0.01) < 0.0);
}
