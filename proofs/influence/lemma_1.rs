#![doc = include_str!("lemma-1.md")]

use nasproof::{
    ihvp::{Stop, neumann},
    linalg::{Contraction, Damped, Fisher, LinearOperator, PositiveDefinite, TestRatio, dense},
};
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};

use crate::common::{column, matrix};

decided!("influence.lemma-1", Refuted => Holds);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// At least eight weights, $\kappa$ to $10^6$: the library's truncated series plus the remainder of the corrected lemma is the solution; and a step that the
    /// doubled operator no longer allows is refused for it.
    #[test]
    fn the_series_and_its_remainder(
        d in 8usize..=16,
        count in 3usize..=8,
        entries in vec(-1.0..1.0f64, 8 * 16),
        v in vec(-1.0..1.0f64, 16),
        digits in -6.0..0.0f64,
        share in 0.1..0.95f64,
        last in 0usize..200,
    ) {
        let rows = Array2::from_shape_fn((count, d), |(i, j)| entries[i * 16 + j]);
        let operator = || Damped { inner: Fisher::new(rows.clone()), damping: 10f64.powf(digits) };
        let step = share * 2.0 / operator().norm_bound().unwrap();
        let contraction = Contraction::by_construction(PositiveDefinite::by_construction(operator()).unwrap(), step).unwrap();
        let v: Array1<f64> = v[..d].iter().copied().collect();
        let params = neumann::Params { stop: Stop::terms(last) };
        let solution = neumann::solve(&contraction, std::slice::from_ref(&v), &params).unwrap();
        let h = matrix(&dense(&operator(), &v));
        let exact = h.clone().cholesky().unwrap().solve(&column(&v));
        let mut tail = exact.clone();
        for _ in 0..=last {
            tail = &tail - &h * &tail * step;
        }
        let seen = column(&solution.columns[0]);
        let scale = h.norm() / 10f64.powf(digits) * exact.norm();
        let ratio = TestRatio::quotient((&seen + &tail - &exact).norm(), (last + 2) as f64 * d as f64 * f64::EPSILON * scale);
        prop_assert!(ratio.passes(), "{ratio}");

        let doubled = Damped { inner: Fisher::new(&rows * 2.0), damping: 10f64.powf(digits) };
        let refused = Contraction::by_construction(PositiveDefinite::by_construction(doubled).unwrap(), step);
        prop_assert_eq!(refused.is_err(), share * 2.0 / operator().norm_bound().unwrap() >= 2.0 / (Damped { inner: Fisher::new(&rows * 2.0), damping: 10f64.powf(digits) }).norm_bound().unwrap());
    }
}
