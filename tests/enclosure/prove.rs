//! Branch and bound.

use nasproof::enclosure::{Interval, Outcome, Region, Undefined, prove};

fn number(x: f64) -> Interval {
    x.into()
}

#[test]
fn what_holds_is_enclosed() {
    // ab ≤ (a + b)²/4 + 1/4.
    let region = Region::new(&[("a", -2.0, 3.0), ("b", -1.0, 4.0)]).unwrap();
    let outcome = prove(&region, 100_000, |x| Ok((x[0] + x[1]).square() * number(0.25) + number(0.25) - x[0] * x[1]));
    let Outcome::Enclosed { boxes, margin } = outcome else { panic!("{outcome:?}") };
    assert!(boxes > 1 && (0.0..=0.25).contains(&margin), "{boxes} {margin}");
}

#[test]
fn what_fails_is_refuted_by_a_point() {
    // e^x ≥ 1 + x + x²/2 fails for x < 0.
    let region = Region::new(&[("x", -1.0, 1.0)]).unwrap();
    let margin = |x: &[Interval]| Ok(x[0].exp() - (number(1.0) + x[0] + x[0].square() * number(0.5)));
    let Outcome::Fails { at, margin } = prove(&region, 1000, margin) else { panic!() };
    assert!(at[0] < 0.0 && margin.upper() < 0.0);
    assert!(at[0].exp() < 1.0 + at[0] + 0.5 * at[0] * at[0]);
}

/// Where the margin is zero inside the box no evaluation encloses it: the prover must not say that it holds, nor that it fails.
#[test]
fn what_touches_is_left_undecided() {
    let region = Region::new(&[("x", -1.0, 2.0)]).unwrap();
    let outcome = prove(&region, 500, |x| Ok(x[0] * x[0] - x[0] - x[0] + number(1.0)));
    let Outcome::Undecided { on, reason } = outcome else { panic!("{outcome:?}") };
    assert!(on.len() == 1 && reason.contains("500"), "{reason}");
    // Written as a square it is enclosed at once.
    assert_eq!(prove(&region, 500, |x| Ok((x[0] - number(1.0)).square())), Outcome::Enclosed { boxes: 1, margin: 0.0 });
}

/// Nothing is proved where a term has no value.
#[test]
fn an_undefined_margin_is_never_enclosed() {
    let region = Region::new(&[("x", -1.0, 1.0)]).unwrap();
    let Outcome::Undecided { reason, .. } = prove(&region, 1000, |x| Ok(number(1.0).over(x[0])?.square())) else {
        panic!()
    };
    assert!(!reason.is_empty());
    let outcome = prove(&Region::new(&[("x", 1.0, 2.0)]).unwrap(), 10, |x| x[0].ln());
    assert!(matches!(outcome, Outcome::Enclosed { .. }), "{outcome:?}");
    let refused = prove(&Region::new(&[("x", 0.0, 0.0)]).unwrap(), 10, |x| x[0].ln());
    let Outcome::Undecided { reason, .. } = refused else { panic!() };
    assert!(reason.contains("logarithm"), "{reason}");
}

#[test]
fn a_region_has_finite_sides_in_order() {
    for (lower, upper) in [(1.0, 0.0), (0.0, f64::INFINITY), (f64::NAN, 1.0)] {
        let error = Region::new(&[("x", lower, upper)]).unwrap_err();
        assert!(matches!(error, Undefined::Bounds { .. }), "{error}");
    }
    let region = Region::new(&[("p", 0.25, 1.0), ("q", -1.0, 2.0)]).unwrap();
    assert_eq!(region.to_string(), "p ∈ [0.25, 1], q ∈ [-1, 2]");
}

/// A wrong inequality whose failure is confined to a small part is found.
#[test]
fn a_small_failure_is_found() {
    let region = Region::new(&[("x", 0.0, 1.0), ("y", 0.0, 1.0)]).unwrap();
    let outcome = prove(&region, 100_000, |x| {
        let away = (x[0] - number(0.7)).square() + (x[1] - number(0.3)).square();
        Ok(away - number(1e-4))
    });
    let Outcome::Fails { at, .. } = outcome else { panic!("{outcome:?}") };
    assert!((at[0] - 0.7).hypot(at[1] - 0.3) < 0.01, "{at:?}");
}
