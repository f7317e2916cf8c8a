//! What a check sees in one case.

use nasproof::{
    claims::{LimitPoint, Measure},
    linalg::TestRatio,
};

/// Errors $c\,t^p$ against a kept term of 1, $t=2^{-1},\dots,2^{-8}$.
fn power(c: f64, p: i32) -> Vec<LimitPoint> {
    (1..=8)
        .map(|k| 0.5f64.powi(k))
        .map(|t| LimitPoint { t, error: c * t.powi(p), kept: 1.0, rounding: f64::EPSILON })
        .collect()
}

fn ratio(points: &[LimitPoint]) -> f64 {
    Measure::limit(points).test_ratio().0
}

#[test]
fn the_order_of_a_power_is_its_exponent_whatever_its_size() {
    for c in [1e-3, 1.0, 1e3] {
        for p in -1..=3 {
            let measure = Measure::limit(&power(c, p));
            let order = measure.order().unwrap();
            // Logarithms of powers of two are summed: eight terms of magnitude up to 8·3·ln 2 + |ln c|.
            assert!((order - f64::from(p)).abs() < 8.0 * 30.0 * f64::EPSILON * 64.0, "{c} {p} {order}");
            assert_eq!(measure.test_ratio().passes(), p >= 1, "{c} {p}");
        }
    }
}

#[test]
fn the_order_is_relative_to_the_kept_term() {
    // Error and kept term both of second order: what is dropped is of the order of what is kept.
    let points: Vec<_> = power(1.0, 2).into_iter().map(|p| LimitPoint { kept: p.t * p.t, ..p }).collect();
    assert!(!Measure::limit(&points).test_ratio().passes());
    // A kept term of lower order than the error: the quotient goes to 0 like t.
    let points: Vec<_> = power(1.0, 2).into_iter().map(|p| LimitPoint { kept: p.t, ..p }).collect();
    assert!((Measure::limit(&points).order().unwrap() - 1.0).abs() < 1e3 * f64::EPSILON);
}

#[test]
fn an_error_at_the_level_of_rounding_says_that_nothing_is_left_out() {
    let points: Vec<_> = power(1.0, 0).into_iter().map(|p| LimitPoint { error: 20.0 * p.rounding, ..p }).collect();
    let measure = Measure::limit(&points);
    assert_eq!((measure.test_ratio(), measure.order()), (TestRatio(0.0), None));
    // Just above it the order shows again.
    let points: Vec<_> = power(1.0, 0).into_iter().map(|p| LimitPoint { error: 40.0 * p.rounding, ..p }).collect();
    assert!(!Measure::limit(&points).test_ratio().passes());
}

#[test]
fn nothing_kept_is_no_approximation() {
    let points: Vec<_> = power(1.0, 3).into_iter().map(|p| LimitPoint { kept: 0.0, ..p }).collect();
    assert_eq!(ratio(&points), f64::INFINITY);
    let points: Vec<_> = points.into_iter().map(|p| LimitPoint { error: 0.0, ..p }).collect();
    assert_eq!(ratio(&points), 0.0, "nothing left out of nothing");
}

#[test]
fn a_nan_anywhere_never_passes() {
    let nan = |alter: fn(&mut LimitPoint)| {
        let mut points = power(1.0, 2);
        alter(&mut points[3]);
        !Measure::limit(&points).test_ratio().passes()
    };
    assert!(nan(|p| p.error = f64::NAN));
    assert!(nan(|p| p.kept = f64::NAN));
    assert!(nan(|p| p.t = f64::NAN));
    assert!(nan(|p| p.rounding = f64::NAN));
    assert!(nan(|p| p.t = 0.0), "the limit itself is no point of it");
    let same: Vec<_> = power(1.0, 2).into_iter().map(|p| LimitPoint { t: 0.5, ..p }).collect();
    assert!(!Measure::limit(&same).test_ratio().passes(), "a single t has no order");

    assert!(!Measure::equality(f64::NAN, 0.0, 1.0, 1).test_ratio().passes());
    assert!(!Measure::equality(0.0, 1.0, f64::NAN, 1).test_ratio().passes());
    assert!(!Measure::at_most(f64::NAN, 0.0, 1.0, 1).test_ratio().passes());
    assert!(!Measure::at_most(0.0, f64::NAN, 1.0, 1).test_ratio().passes());
    assert!(!Measure::vectors(&[f64::NAN], &[0.0], 1.0, 1).test_ratio().passes());
    assert!(!Measure::vectors(&[1.0], &[1.0, 0.0], 1.0, 1).test_ratio().passes(), "vectors of different lengths");
}

#[test]
fn equality_and_order_are_judged_by_what_rounding_explains() {
    assert!(Measure::equality(1.0, 1.0 + 8.0 * f64::EPSILON, 1.0, 1).test_ratio().passes());
    assert!(!Measure::equality(1.0, 1.0 + 64.0 * f64::EPSILON, 1.0, 1).test_ratio().passes());
    assert!(Measure::equality(0.0, 64.0 * f64::EPSILON, 1.0, 8).test_ratio().passes(), "eight terms round more");
    assert_eq!(Measure::at_most(-5.0, 3.0, 1.0, 1).test_ratio(), TestRatio(0.0));
    assert!(Measure::at_most(3.0 + 8.0 * f64::EPSILON, 3.0, 1.0, 1).test_ratio().passes());
    assert!(!Measure::at_most(3.0 + 64.0 * f64::EPSILON, 3.0, 1.0, 1).test_ratio().passes());
    assert!(!Measure::equality(1.0, 2.0, 0.0, 1).test_ratio().passes(), "no scale, no tolerance");
}

#[test]
fn of_two_parts_the_worse_counts() {
    let (good, bad) = (Measure::ratio(TestRatio(1.0)), Measure::ratio(TestRatio(100.0)));
    let nan = Measure::ratio(TestRatio(f64::NAN));
    assert!(
        !good.clone().and(bad.clone()).test_ratio().passes() && !bad.clone().and(good.clone()).test_ratio().passes()
    );
    assert!(
        !good.clone().and(nan.clone()).test_ratio().passes() && !nan.clone().and(good.clone()).test_ratio().passes()
    );
    assert!(!bad.and(nan.clone()).test_ratio().passes() && nan.and(good).test_ratio().0.is_nan());
    let orders = Measure::limit(&power(1.0, 3)).and(Measure::limit(&power(1.0, 1))).order().unwrap();
    assert!((orders - 1.0).abs() < 1e3 * f64::EPSILON, "{orders}");
}
