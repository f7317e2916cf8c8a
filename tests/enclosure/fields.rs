//! One formula over floats, fractions and intervals.

use dashu_ratio::RBig;
use nalgebra::DMatrix;
use nasproof::enclosure::{Analytic, Dual, Field, Interval, Rooted, Undefined, identity, lift_rows, solve};
use proptest::{collection::vec, prelude::*};

fn inverse<F: Field>(rows: &[Vec<f64>]) -> Result<DMatrix<F>, Undefined> {
    solve(&lift_rows(rows)?, &identity(rows.len()))
}

proptest! {
    /// $AA^{-1}=I$ in fractions, exactly; and the inverse over intervals holds each fraction.
    #[test]
    fn elimination(entries in vec(-4i8..=4, 16), n in 1usize..=4) {
        let rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(entries[4 * i + j])).collect()).collect();
        match inverse::<RBig>(&rows) {
            Ok(exact) => {
                prop_assert_eq!(lift_rows::<RBig>(&rows).unwrap() * &exact, identity::<RBig>(n));
                if let Ok(wide) = inverse::<Interval>(&rows) {
                    for (x, i) in exact.iter().zip(wide.iter()) {
                        prop_assert!(crate::interval::holds(*i, x), "{i} {x}");
                    }
                }
            }
            Err(error) => {
                prop_assert!(matches!(error, Undefined::Singular { .. }), "{error}");
                let determinant = DMatrix::from_fn(n, n, |i, j| rows[i][j]).determinant();
                // Integer determinants: a singular one is 0 up to rounding, any other at least 1.
                prop_assert!(determinant.abs() < 0.5, "{determinant}");
                prop_assert!(inverse::<Interval>(&rows).is_err());
            }
        }
    }

    #[test]
    fn powers_and_quotients(x in -20i32..=20, y in -20i32..=20, k in 0u32..7) {
        fn formula<F: Field>(x: i32, y: i32, k: u32) -> Result<F, Undefined> {
            (F::integer(x).power(k) - F::integer(y).squared()).over(&F::integer(y))
        }
        match (formula::<RBig>(x, y, k), formula::<f64>(x, y, k), formula::<Interval>(x, y, k)) {
            (Ok(exact), Ok(near), Ok(wide)) => {
                prop_assert!(crate::interval::holds(wide, &exact) && wide.contains(near));
                prop_assert!(wide.width() <= 2.0 * f64::EPSILON * near.abs());
            }
            (a, b, c) => prop_assert!(y == 0 && a.is_err() && b.is_err() && c.is_err()),
        }
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for x in [f64::NAN, f64::INFINITY] {
        assert!(matches!(RBig::number(x), Err(Undefined::NotFinite { .. })));
        assert!(f64::number(x).is_err() && Interval::number(x).is_err());
    }
    assert_eq!(RBig::number(0.1).unwrap().to_f64_fast(), 0.1);
    assert_ne!(RBig::number(0.1).unwrap(), RBig::from(1) / RBig::from(10));
}

#[test]
fn roots_of_fractions_are_rational_or_refused() {
    let fraction = |a: i32, b: i32| RBig::from(a) / RBig::from(b);
    assert_eq!(fraction(18, 8).root().unwrap(), fraction(3, 2));
    assert!(matches!(fraction(2, 9).root(), Err(Undefined::Root { .. })) && fraction(-4, 9).root().is_err());
}

/// $\frac d{dx}\frac{x^3}{1+x^2}=\frac{x^4+3x^2}{(1+x^2)^2}$ exactly, $\frac d{dx}\sqrt x=\tfrac12$ at 1, and $\frac d{dx}\ln(1+e^x)=\frac{e^x}{1+e^x}$ enclosed.
#[test]
fn derivatives() {
    for k in -5..=5 {
        let x = Dual::variable(RBig::from(k));
        let quotient = x.power(3).over(&(Dual::integer(1) + x.squared())).unwrap();
        let square = k * k;
        let expected = RBig::from(square * square + 3 * square) / RBig::from((1 + square) * (1 + square));
        assert_eq!(quotient.slope, expected);
    }
    assert_eq!(Dual::variable(RBig::ONE).root().unwrap().slope, RBig::ONE / RBig::from(2));
    let x = Interval::from(0.5);
    let softplus = (Dual::integer(1) + Dual::variable(x).exponential()).logarithm().unwrap();
    let expected = x.exp().over(x.exp() + 1.0.into()).unwrap();
    assert!(softplus.slope.encloses(expected) || expected.encloses(softplus.slope));
}
