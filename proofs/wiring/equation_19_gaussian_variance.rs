#![doc = include_str!("equation-19-gaussian-variance.md")]

use nasproof::{cost::normalisation::slice, linalg::TestRatio};
use proptest::{collection::vec, prelude::*};

decided!("wiring.equation-19-gaussian-variance", Holds);

proptest! {
    /// With $\epsilon$ the mean square is $\sigma^2/(\sigma^2+\epsilon)$.
    #[test]
    fn epsilon_takes_its_share(x in vec(-2.0..2.0f64, 8), epsilon in 1e-6..1.0f64) {
        let x: Vec<f64> = x.iter().zip(0..).map(|(x, i)| x + 5.0 * f64::from(i)).collect();
        let mut hat = vec![0.0; 8];
        let statistics = slice::normalise(&x, epsilon, &mut hat);
        let square = hat.iter().map(|x| x * x).sum::<f64>() / 8.0;
        let expected = statistics.variance / (statistics.variance + epsilon);
        // Each x̂ is known to max|x|/σ units: x ≤ 37, σ ≥ 8.
        prop_assert!(TestRatio::identity(square, expected, 8.0, 8).passes());
    }
}
