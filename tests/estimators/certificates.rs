//! What is claimed of an answer, against the formula multiplied out.

use nasproof::{
    ihvp::{Certificate, InverseBound, certify},
    linalg::{Closure, Damped, Fisher, LinearOperator, TestRatio, Vector, gamma},
};
use ndarray::{Array1, Array2};

const N: usize = 9;

/// $A=\eta I$ by way of a zero panel and $x=v/\eta$ exactly: no residual, and the bound is all rounding.
#[test]
fn an_error_bound_is_residual_and_rounding_over_the_smallest_eigenvalue() {
    let damping = 0.25;
    let operator = Damped { inner: Fisher::new(Array2::<f64>::zeros((3, N))), damping };
    let known = InverseBound::by_construction(&operator).unwrap();
    assert_eq!((known.lambda_min(), known.certificate()), (damping, Certificate::Proved));
    let v = Array1::from_shape_fn(N, |i| 1.0 + i as f64);
    for off in [0.0, 1.0] {
        let mut x = &v / damping;
        x[2] += off / damping;
        let report = certify(&operator, &x, &v, Some(known));
        assert_eq!((report.residual, report.certificate), (off, Certificate::Proved));
        assert_eq!(report.relative_residual, off / v.norm());
        let norms = 1.0 + gamma(N + 2, f64::EPSILON);
        let subtraction = gamma(2, f64::EPSILON) * (v.norm() + (&x * damping).norm());
        let product = operator.rounding(x.norm() * norms, f64::EPSILON).unwrap();
        assert!(product > 0.0);
        let expected = (off + subtraction + product) * norms / damping;
        let bound = report.error_bound.unwrap();
        assert!(TestRatio::identity(bound, expected, expected, 4).passes(), "{bound:e} {expected:e}");
    }
}

/// Without a bound on the rounding of its products an operator proves nothing, and without one on its eigenvalues it bounds nothing.
#[test]
fn the_weakest_link_names_the_chain() {
    let damped = Damped { inner: Fisher::new(Array2::<f64>::zeros((3, N))), damping: 0.25 };
    let known = InverseBound::by_construction(&damped);
    let closure = Closure::new(N, |x: &Array1<f64>, y: &mut Array1<f64>| damped.apply(x, y));
    let (x, v) = (Array1::zeros(N), Array1::ones(N));
    let report = certify(&closure, &x, &v, known);
    assert_eq!(report.certificate, Certificate::Probabilistic);
    assert!(report.error_bound.unwrap() >= v.norm() / 0.25);
    let report = certify(&damped, &x, &v, None);
    assert_eq!((report.certificate, report.error_bound, report.relative_residual), (Certificate::Heuristic, None, 1.0));
    // Zero for zero is exact, and the relative residual is not 0/0.
    assert_eq!(certify(&damped, &x, &x, known).relative_residual, 0.0);
}

/// What an operator is asked to bound is the rounding of a product with a vector at least as long as the exact norm of this one.
#[test]
fn the_rounding_of_a_product_is_asked_for_the_rounded_up_norm() {
    struct Asked(std::cell::Cell<f64>);
    impl LinearOperator for Asked {
        type Vector = Array1<f64>;
        fn dim(&self) -> usize {
            N
        }
        fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
            y.assign(x);
        }
        fn rounding(&self, norm: f64, _: f64) -> Option<f64> {
            self.0.set(norm);
            Some(0.0)
        }
    }
    let asked = Asked(std::cell::Cell::new(0.0));
    let mut x = Array1::zeros(N);
    x[4] = 1.0;
    certify(&asked, &x, &x, None);
    // Eleven roundings of ε/2, and the next number upwards.
    assert_eq!(asked.0.get(), 1.0 + 6.0 * f64::EPSILON);
}
