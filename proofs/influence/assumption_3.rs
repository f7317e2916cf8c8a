#![doc = include_str!("assumption-3.md")]

use nalgebra::DVector;
use nasproof::claims::landscape;
use proptest::{collection::vec, prelude::*};

decided!("influence.assumption-3", Definition);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Ten weights, three gates: the retrained weights move by at most $\frac{C_a}\lambda\lVert\Delta\alpha\rVert$, which is what the assumption is for.
    #[test]
    fn the_weights_move_by_at_most_the_mixed_derivative_over_the_convexity(
        loss in landscape::optimal(3, 10),
        points in vec(-1.0..1.0f64, 6),
    ) {
        let (a1, a2) = (DVector::from_row_slice(&points[..3]), DVector::from_row_slice(&points[3..]));
        let (t1, t2) = (loss.minimise(&a1).unwrap(), loss.minimise(&a2).unwrap());
        let flat = loss.with_bend(0.0);
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let bends: f64 = loss.ridges.iter().map(|r| loss.bend * norm(&r.weights) * norm(&r.gates) / 4.0).sum();
        let bound = flat.cross(&t1, &a1).singular_values().max() + bends;
        let h = flat.hessian(&t1, &a1);
        let lambda = h.clone().symmetric_eigenvalues().min();
        let rounding = 30.0 * 13.0 * f64::EPSILON * h.norm() / lambda * (t1.norm() + t2.norm());
        prop_assert!((&t1 - &t2).norm() <= bound / lambda * (&a1 - &a2).norm() + rounding);
    }
}
