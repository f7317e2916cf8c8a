#![doc = include_str!("theorem-2.md")]

use nalgebra::DVector;
use nasproof::{claims::landscape, linalg::TestRatio};
use proptest::prelude::*;

decided!("influence.theorem-2", Refuted => Holds);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Ten weights, four gates, a minimum: the truth is never negative and the printed formula never positive, whatever the size of the nudge,
    /// bent or not.
    #[test]
    fn at_a_minimum_the_printed_sign_is_wrong(loss in landscape::optimal(4, 10), direction in landscape::direction(4), bent in any::<bool>()) {
        let loss = if bent { loss } else { loss.flat() };
        let gates = DVector::from_vec(direction);
        let (theta, alpha) = (DVector::zeros(10), DVector::zeros(4));
        let end = loss.minimise(&gates).unwrap();
        let (after, size) = loss.value(&end, &gates);
        let truth = after - loss.value(&theta, &alpha).0;
        let m = loss.cross(&theta, &alpha).tr_mul(&gates);
        let printed = -0.5 * m.dot(&loss.hessian(&theta, &alpha).cholesky().unwrap().solve(&m));
        prop_assert!(truth > 0.0 && printed <= 0.0);
        if !bent {
            let gain = after - loss.value(&theta, &gates).0;
            let scale = size + loss.hessian(&theta, &alpha).norm() * (end.norm() + 1.0) * m.norm();
            prop_assert!(TestRatio::identity(gain, printed, scale, 14).passes(), "{gain} {printed}");
        }
    }
}
