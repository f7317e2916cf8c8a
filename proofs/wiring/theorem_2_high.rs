#![doc = include_str!("theorem-2-high.md")]

use nasproof::cost::cross_entropy::CrossEntropy;
use ndarray::Array2;

decided!("wiring.theorem-2-high", Holds);

/// However many examples are right, one wrong one of margin above 0.279 B makes the cost positive; of margin below, it may stay negative.
#[test]
fn one_confident_error_outweighs_any_accuracy_below_one() {
    for examples in [8usize, 64, 512] {
        let cost = |margin: f64| {
            // The margin at which a correct example of two classes has its lowest cost.
            let logits = Array2::from_shape_fn((examples, 2), |(b, n)| {
                let margin = if b == 0 { -margin } else { 1.278 };
                [margin, 0.0][n]
            });
            CrossEntropy::new(&logits, &vec![0; examples]).unwrap()
        };
        let above = cost(0.279 * examples as f64);
        assert_eq!(above.accuracy(), 1.0 - 1.0 / examples as f64);
        assert!(above.cost() > 0.0);
        assert!(cost(0.5).cost() < 0.0);
    }
}
