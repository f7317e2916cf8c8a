#![doc = include_str!("equation-8.md")]

use nalgebra::DVector;
use nasproof::{claims::landscape, linalg::TestRatio};
use proptest::prelude::*;

decided!("influence.equation-8", Refuted => Holds);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Ten weights, four gates, no third derivatives: the derivative along the gates is the corrected formula, exactly; were Eq. (7) granted, its
    /// derivative would be twice the printed one.
    #[test]
    fn the_derivative_is_that_of_the_envelope(loss in landscape::optimal(4, 10), epsilon in 0.01..1.0f64) {
        let loss = loss.flat();
        let gates = DVector::from_element(4, epsilon);
        let (theta, alpha) = (DVector::zeros(10), DVector::zeros(4));
        let end = loss.minimise(&gates).unwrap();
        let derivative = loss.gate_gradient(&end, &gates);
        let (h, cross) = (loss.hessian(&theta, &alpha), loss.cross(&theta, &alpha));
        let response = &cross * h.clone().cholesky().unwrap().solve(&cross.transpose());
        let corrected = (loss.gate_hessian(&theta, &alpha) - &response) * &gates;
        let scale = h.norm() * cross.norm() * end.norm() + (loss.gate_hessian(&theta, &alpha).norm() + response.norm()) * gates.norm();
        prop_assert!(TestRatio::quotient((derivative - corrected).norm(), 14.0 * f64::EPSILON * scale).passes());

        let granted = |a: &DVector<f64>| -0.5 * a.dot(&(&response * a));
        let printed = (&response * &gates) * -0.5;
        for i in 0..4 {
            // A central difference of a quadratic is exact.
            let mut unit = DVector::zeros(4);
            unit[i] = epsilon;
            let slope = (granted(&(&gates + &unit)) - granted(&(&gates - &unit))) / (2.0 * epsilon);
            let scale = response.norm() * gates.norm_squared() / epsilon * 8.0;
            prop_assert!(TestRatio::identity(slope, 2.0 * printed[i], scale, 16).passes(), "{slope} {}", printed[i]);
        }
    }
}
