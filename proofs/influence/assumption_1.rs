#![doc = include_str!("assumption-1.md")]

use nasproof::linalg::samples;
use proptest::prelude::*;

decided!("influence.assumption-1", Definition);

proptest! {
    /// A strongly convex loss outgrows every Lipschitz constant: the slope between the minimum and a point at distance $R$ is at least $\lambda R/2$.
    #[test]
    fn no_constant_serves_everywhere((sample, columns) in samples::system(8..=16, 6.0, 1), octaves in 0i32..40) {
        let direction = &columns[0];
        let length = direction.dot(direction).sqrt();
        prop_assume!(length > 0.0);
        let far = direction * (2f64.powi(octaves) / length);
        let loss = 0.5 * far.dot(&sample.matrix.dot(&far));
        let slope = loss / 2f64.powi(octaves);
        // Half of the bound leaves room for rounding at κ = 10⁶.
        prop_assert!(slope >= 0.25 * sample.lambda_min() * 2f64.powi(octaves));
    }
}
