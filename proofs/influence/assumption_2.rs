#![doc = include_str!("assumption-2.md")]

use nalgebra::DVector;
use nasproof::claims::landscape;
use proptest::{collection::vec, prelude::*};

decided!("influence.assumption-2", Definition);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Ten weights: the constants that Corollary 1 is tried with elsewhere, $\lambda_{\min}$ of the flat part and $s\lVert u\rVert^3/(6\sqrt3)$ a bend, are valid ones.
    #[test]
    fn the_bends_have_the_constants_claimed(
        loss in landscape::optimal(2, 10),
        points in vec(-1.0..1.0f64, 22),
    ) {
        let (one, two) = (DVector::from_row_slice(&points[..10]), DVector::from_row_slice(&points[10..20]));
        let alpha = DVector::from_row_slice(&points[20..]);
        let constant: f64 = loss.ridges.iter().map(|r| r.weights.iter().map(|x| x * x).sum::<f64>().powf(1.5)).sum::<f64>() * loss.bend / (6.0 * 3f64.sqrt());
        let (h1, h2) = (loss.hessian(&one, &alpha), loss.hessian(&two, &alpha));
        let change = (&h1 - &h2).symmetric_eigenvalues().amax();
        let rounding = 30.0 * 10.0 * f64::EPSILON * (h1.norm() + h2.norm());
        prop_assert!(change <= constant * (&one - &two).norm() + rounding);
        let lambda = loss.with_bend(0.0).hessian(&one, &alpha).symmetric_eigenvalues().min();
        let step = &two - &one;
        let ((l1, s1), (l2, s2)) = (loss.value(&one, &alpha), loss.value(&two, &alpha));
        let below = l1 + loss.weight_gradient(&one, &alpha).dot(&step) + 0.5 * lambda * step.norm_squared();
        prop_assert!(below <= l2 + 30.0 * 12.0 * f64::EPSILON * (s1 + s2 + h1.norm() * step.norm()));
    }
}
