//! $+,-,\times,\div,\sqrt{\,}$ against rational arithmetic.

use dashu_ratio::RBig;
use nasproof::enclosure::{Interval, Undefined};
use proptest::prelude::*;

/// Numbers of every size and sign: huge, tiny, subnormal, zero, integers.
pub fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => any::<f64>().prop_filter("finite", |x| x.is_finite()),
        4 => -10.0..10.0f64,
        2 => (-5i32..=5).prop_map(f64::from),
        1 => prop::sample::select(vec![
            0.0, -0.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, -f64::MIN_POSITIVE, f64::from_bits(1), 1.0f64.next_up(), 1.0f64.next_down(),
        ]),
    ]
}

pub fn interval() -> impl Strategy<Value = Interval> {
    let near = (number(), 0u64..4).prop_map(|(x, steps)| (x, (0..steps).fold(x, |y, _| y.next_up().min(f64::MAX))));
    prop_oneof![(number(), number()), near].prop_map(|(a, b)| Interval::new(a.min(b), a.max(b)).unwrap())
}

fn exact(x: f64) -> RBig {
    RBig::try_from(x).unwrap()
}

/// $\underline x\le x\le\overline x$, infinite ends being no bounds.
pub fn holds(interval: Interval, x: &RBig) -> bool {
    (interval.lower().is_infinite() || exact(interval.lower()) <= *x)
        && (interval.upper().is_infinite() || *x <= exact(interval.upper()))
}

/// That the ends are the tightest there are: one number further in is on the wrong side of every value of `ends`.
fn tight(interval: Interval, least: &RBig, most: &RBig) -> bool {
    let (inner_low, inner_high) = (interval.lower().next_up(), interval.upper().next_down());
    let low = interval.lower().is_infinite() || inner_low.is_infinite() || exact(inner_low) > *least;
    let high = interval.upper().is_infinite() || inner_high.is_infinite() || exact(inner_high) < *most;
    low && high
}

fn ends(i: Interval) -> [RBig; 2] {
    [exact(i.lower()), exact(i.upper())]
}

fn extremes(values: Vec<RBig>) -> (RBig, RBig) {
    (values.iter().min().unwrap().clone(), values.iter().max().unwrap().clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn sums_and_differences(a in interval(), b in interval()) {
        let ([a1, a2], [b1, b2]) = (ends(a), ends(b));
        let sum = a + b;
        prop_assert!(holds(sum, &(&a1 + &b1)) && holds(sum, &(&a2 + &b2)) && tight(sum, &(&a1 + &b1), &(&a2 + &b2)));
        let difference = a - b;
        prop_assert!(holds(difference, &(&a1 - &b2)) && holds(difference, &(&a2 - &b1)));
        prop_assert!(tight(difference, &(&a1 - &b2), &(&a2 - &b1)));
    }

    #[test]
    fn products(a in interval(), b in interval()) {
        let corners = ends(a).iter().flat_map(|x| ends(b).map(|y| x * y)).collect();
        let (least, most) = extremes(corners);
        let product = a * b;
        prop_assert!(holds(product, &least) && holds(product, &most));
        // Products that underflow move on both sides.
        let large = |x: &RBig| x.is_zero() || x.to_f64_fast().abs() > 1e-270;
        prop_assert!(!(large(&least) && large(&most)) || tight(product, &least, &most), "{product}");
        let (least, most) = extremes(ends(a).iter().map(|x| x * x).collect());
        let square = a.square();
        prop_assert!(square.lower() >= 0.0 && holds(square, &most));
        let least = if a.contains(0.0) { RBig::ZERO } else { least };
        prop_assert!(holds(square, &least));
        prop_assert!(product.encloses(product) && (a * a).encloses(square));
    }

    #[test]
    fn quotients(a in interval(), b in interval()) {
        match a.over(b) {
            Err(error) => {
                prop_assert!(b.contains(0.0));
                prop_assert!(matches!(error, Undefined::Division { .. }), "{error}");
            }
            Ok(quotient) => {
                prop_assert!(!b.contains(0.0));
                let (least, most) = extremes(ends(a).iter().flat_map(|x| ends(b).map(|y| x / y)).collect());
                prop_assert!(holds(quotient, &least) && holds(quotient, &most));
                // What underflows or overflows moves on both sides.
                let plain = |i: Interval| [i.lower(), i.upper()].iter().all(|x| x.abs() > 1e-250 && x.abs() < 1e250);
                prop_assert!(![a, b, quotient].into_iter().all(plain) || tight(quotient, &least, &most));
            }
        }
    }

    #[test]
    fn roots(a in interval()) {
        match a.sqrt() {
            Err(error) => prop_assert!(a.lower() < 0.0 && matches!(error, Undefined::Root { .. }), "{error}"),
            Ok(root) => {
                prop_assert!(a.lower() >= 0.0);
                let [lower, upper] = ends(root);
                prop_assert!(&lower * &lower <= exact(a.lower()) && &upper * &upper >= exact(a.upper()));
                if a.lower() > 1e-250 {
                    let (above, below) = (exact(root.lower().next_up()), exact(root.upper().next_down()));
                    prop_assert!(&above * &above > exact(a.lower()) && &below * &below < exact(a.upper()));
                }
            }
        }
    }

    #[test]
    fn minima_maxima_magnitudes_and_halves(a in interval(), b in interval()) {
        let mids = [a.middle(), b.middle()];
        prop_assert!(a.contains(mids[0]) && b.contains(mids[1]));
        prop_assert!(a.min(b).contains(mids[0].min(mids[1])) && a.max(b).contains(mids[0].max(mids[1])));
        prop_assert!(a.abs().contains(mids[0].abs()) && a.abs().lower() >= 0.0);
        let (left, right) = a.halves();
        prop_assert_eq!((left.lower(), left.upper(), right.upper()), (a.lower(), right.lower(), a.upper()));
    }
}

#[test]
fn exact_results_are_points() {
    let point = Interval::from;
    assert_eq!(point(0.5) + point(0.25), point(0.75));
    assert_eq!(point(3.0) * point(-7.0), point(-21.0));
    assert_eq!(point(21.0).over(point(-7.0)).unwrap(), point(-3.0));
    assert_eq!(point(9.0).sqrt().unwrap(), point(3.0));
    let third = point(1.0).over(point(3.0)).unwrap();
    assert!(third.lower() < third.upper() && third.lower().next_up() == third.upper());
}

#[test]
fn what_is_too_large_has_no_bound_and_what_is_no_interval_is_refused() {
    let most = Interval::from(f64::MAX);
    assert_eq!(((most + most).lower(), (most + most).upper()), (f64::MAX, f64::INFINITY));
    assert_eq!(((most * -most).lower(), (most * -most).upper()), (f64::NEG_INFINITY, f64::MIN));
    let beyond = most + most;
    assert!((beyond - beyond).encloses(Interval::from(0.0)));
    assert!((beyond * Interval::new(0.0, 1.0).unwrap()).lower() == 0.0);
    assert_eq!(Interval::from(1.0).over(beyond).unwrap().lower(), 0.0);
    for (lower, upper) in [(1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::NAN), (f64::INFINITY, f64::INFINITY)] {
        let error = Interval::new(lower, upper).unwrap_err().to_string();
        assert!(error.contains(&lower.to_string()) && error.contains("lower ≤ upper"), "{error}");
    }
    assert!(Interval::new(f64::NEG_INFINITY, f64::INFINITY).unwrap().contains(0.0));
}
