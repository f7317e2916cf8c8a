//! The currency itself, in numbers one can multiply out.

use approx::{abs_diff_eq, abs_diff_ne};
use nasproof::linalg::{Rounded, TestRatio, gamma};
use ndarray::{Array1, array};

const EPSILON: f64 = f64::EPSILON;

#[test]
fn ratios_are_residuals_over_what_rounding_explains() {
    // (2·5 + 13)·2·ε
    let (x, b) = (array![3.0, 4.0], array![5.0, 12.0]);
    assert_eq!(TestRatio::solve(23.0 * EPSILON, 2.0, &x, &b), TestRatio(0.5));
    let single: Array1<f32> = array![3.0, 4.0];
    assert_eq!(TestRatio::solve(23.0, 2.0, &single, &b.mapv(|b| b as f32)), TestRatio(0.5 / f64::from(f32::EPSILON)));
    assert_eq!(TestRatio::identity(1.0, 0.0, 4.0, 2), TestRatio(1.0 / (8.0 * EPSILON)));
    assert_eq!(TestRatio::identity(0.0, 1.0, 4.0, 0), TestRatio(1.0 / (4.0 * EPSILON)), "at least one term");
    // ‖x − y‖ = 1 over 5·8·2·ε.
    assert_eq!(TestRatio::forward(&array![3.0, 5.0], &x, 8.0), TestRatio(1.0 / (80.0 * EPSILON)));
    assert_eq!(
        (TestRatio::quotient(0.0, 0.0), TestRatio::quotient(1.0, 0.0)),
        (TestRatio(0.0), TestRatio(f64::INFINITY))
    );
    for nonsense in [-1.0, f64::NAN] {
        assert_eq!(TestRatio::quotient(1.0, nonsense), TestRatio(f64::INFINITY));
    }
}

#[test]
fn thirty_passes_and_nothing_above_nor_a_nan() {
    assert!(TestRatio(0.0).passes() && TestRatio(30.0).passes());
    assert!(!TestRatio(30.0f64.next_up()).passes() && !TestRatio(f64::NAN).passes());
    assert_eq!(
        (TestRatio(1.0).max(TestRatio(2.0)), TestRatio(2.0).max(TestRatio(1.0))),
        (TestRatio(2.0), TestRatio(2.0))
    );
    assert!(TestRatio(f64::NAN).max(TestRatio(1.0)).0.is_nan() && TestRatio(1.0).max(TestRatio(f64::NAN)).0.is_nan());
    assert_eq!(TestRatio(1.5).to_string(), "1.500");
}

#[test]
fn roundings_build_up_as_higham_has_it() {
    assert_eq!(gamma(0, EPSILON), 0.0);
    assert_eq!(gamma(2, 0.5), 1.0);
    assert_eq!((gamma(4, 0.5), gamma(5, 0.5)), (f64::INFINITY, f64::INFINITY));
}

#[test]
fn a_sum_is_compared_by_the_size_of_its_terms() {
    let sum = Rounded::sum([1.0, -2.0, 5.0]);
    assert_eq!(sum, Rounded { value: 4.0, terms: 8.0, n: 3 });
    assert_eq!(sum.ratio(sum.expected(5.0)), TestRatio(1.0 / (24.0 * EPSILON)));
    // The larger of the two scales.
    let other = Rounded { value: 5.0, terms: 2.0, n: 6 };
    assert_eq!(sum.ratio(other), TestRatio(1.0 / (48.0 * EPSILON)));
    let off = |ratio: f64| sum.expected(4.0 + ratio * 24.0 * EPSILON);
    assert!(abs_diff_eq!(sum, off(29.0)) && abs_diff_ne!(sum, off(31.0)));
}
