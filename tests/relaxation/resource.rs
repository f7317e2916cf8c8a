use nasproof::{
    linalg::TestRatio,
    relaxation::{
        Error,
        resource::{Constraint, Layer, Prices, Resources},
    },
};
use ndarray::{Array2, array};

use super::oracle::{agree, gradient_of_expectation, normal, ratio, rng};

#[test]
fn expectation_and_gradient_are_those_over_all_one_hot_gates() {
    let mut rng = rng(1);
    let alpha = normal((3, 4), &mut rng);
    let table = normal((3, 4), &mut rng).mapv(f64::abs);
    let constraint = Constraint::new(table.clone()).unwrap();
    let (value, exact) = gradient_of_expectation(&alpha, |z| constraint.of(z));
    assert!(TestRatio::identity(constraint.expectation(&alpha), value, table.sum(), 64).passes());
    agree(&constraint.gradient(&alpha), &exact, table.sum(), 64);
    // The table alone is the derivative in the gates, not in α.
    assert!(!ratio(constraint.cost(), &exact, table.sum(), 64).passes());
}

/// Appendix F by hand: a separable 3×3 on 32×32 with 16 channels, a pooling, a skip.
#[test]
fn resources_of_layers_by_hand() {
    let depthwise = Layer { pixels: 1024.0, taps: 9.0, inputs: 16.0, outputs: 16.0, groups: 16.0 };
    let pointwise = Layer { taps: 1.0, groups: 1.0, ..depthwise };
    let separable = depthwise.convolution() + pointwise.convolution();
    assert_eq!(separable.parameters, 144.0 + 256.0);
    assert_eq!(separable.flops, 1024.0 * 400.0);
    assert_eq!(separable.memory_access, 2.0 * 1024.0 * 32.0 + 400.0);
    // Eq. 38 as printed counts every input for every output; channel by channel it is the operations of a depthwise convolution.
    assert_eq!(depthwise.pooling().flops, 1024.0 * 9.0 * 256.0);
    assert_eq!(Layer { outputs: 1.0, ..depthwise }.pooling().flops, depthwise.convolution().flops);
    assert_eq!(depthwise.skip(), Resources { parameters: 0.0, flops: 0.0, memory_access: 1024.0 * 32.0 });
    let prices = Prices { parameters: 1.0, flops: 0.5, memory_access: 0.25 };
    let constraint = Constraint::priced(&array![[separable, depthwise.skip()]], prices).unwrap();
    assert_eq!(constraint.cost()[(0, 1)], 8192.0);
    assert_eq!(constraint.cost()[(0, 0)], 400.0 + 0.5 * 409_600.0 + 0.25 * 65_936.0);
}

#[test]
fn a_negative_cost_is_refused() {
    let mut table = Array2::zeros((2, 2));
    table[(1, 0)] = -1.0;
    assert_eq!(Constraint::new(table), Err(Error::Resource { edge: 1, operation: 0, value: -1.0 }));
}
