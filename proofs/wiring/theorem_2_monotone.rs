#![doc = include_str!("theorem-2-monotone.md")]

use nasproof::{cost::cross_entropy::CrossEntropy, linalg::TestRatio};
use ndarray::{Array2, array};

decided!("wiring.theorem-2-monotone", Refuted => Holds);

#[test]
fn seven_of_eight_right_may_cost_more_than_none() {
    let mut logits = Array2::from_shape_fn((8, 2), |(_, n)| [1.0, 0.0][n]);
    logits[(7, 0)] = -10.0;
    logits[(7, 1)] = 10.0;
    let better = CrossEntropy::new(&logits, &[0; 8]).unwrap();
    let timid = Array2::from_shape_fn((8, 2), |(_, n)| [-0.1, 0.1][n]);
    let worse = CrossEntropy::new(&timid, &[0; 8]).unwrap();
    assert_eq!((better.accuracy(), worse.accuracy()), (0.875, 0.0));
    assert!(better.cost() > 2.0 && worse.cost() < 0.2);
}

/// One example, two classes: C(d) = −d/(1 + eᵈ) falls until e⁻ᵈ = d − 1 and rises again.
#[test]
fn the_cost_of_a_correct_example_is_not_monotone_in_its_margin() {
    let cost = |d: f64| CrossEntropy::new(&array![[d, 0.0]], &[0]).unwrap().cost();
    for d in [0.1, 1.0, 3.0, 20.0] {
        assert!(TestRatio::identity(cost(d), -d / (1.0 + d.exp()), d, 4).passes());
    }
    assert!(cost(0.5) > cost(1.278) && cost(1.278) < cost(3.0));
}

/// One competitor just above the label, others well below: wrong, and yet of negative cost.
#[test]
fn a_wrong_example_may_have_negative_cost() {
    let ce = CrossEntropy::new(&array![[0.0, 0.125, -1.0, -1.0]], &[0]).unwrap();
    assert_eq!(ce.accuracy(), 0.0);
    assert!(ce.cost() < 0.0);
}
