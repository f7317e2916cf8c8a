#![doc = include_str!("equation-5.md")]

use nalgebra::DVector;
use nasproof::linalg::{TestRatio, samples};
use proptest::prelude::*;

use crate::common::{column, matrix, solve};

decided!("influence.equation-5", Holds);

proptest! {
    /// No minimum is needed, stationarity is: for an indefinite Hessian the identity stands at the saddle, and anywhere else it is off by
    /// exactly $\tfrac12(\Delta\theta+H^{-1}g)^\top H(\Delta\theta+H^{-1}g)$.
    #[test]
    fn stationarity_is_what_it_needs(
        (sample, columns) in samples::indefinite(8..=16, 6.0).prop_flat_map(|s| { let n = s.dim(); (Just(s), samples::columns(n, 3)) }),
    ) {
        let h = matrix(&sample.matrix);
        let [g, start, other] = [0, 1, 2].map(|i| column(&columns[i]));
        // ½θᵀHθ + bᵀθ with the gradient g at `start`.
        let b = &g - &h * &start;
        let loss = |theta: &DVector<f64>| 0.5 * theta.dot(&(&h * theta)) + b.dot(theta);
        let newton = -solve(&h, &g);
        let predicted = loss(&start) + 0.5 * g.dot(&newton);
        let stationary = &start + &newton;
        // The relative error of Newton's step is κ n ε; the loss is stationary there, so it enters through the residual alone.
        let scale = |theta: &DVector<f64>| sample.norm() * (theta.norm() + start.norm() + newton.norm()).powi(2) + (b.norm() + g.norm()) * (theta.norm() + start.norm() + newton.norm());
        let n = sample.dim() * 8;
        prop_assert!(TestRatio::identity(loss(&stationary), predicted, scale(&stationary), n).passes());
        let off = &other - &start - &newton;
        let by = 0.5 * off.dot(&(&h * &off));
        prop_assert!(TestRatio::identity(loss(&other) - predicted, by, scale(&other), n).passes());
    }
}
