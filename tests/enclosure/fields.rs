//! One formula over floats, fractions and intervals.

use dashu::rational::RBig;
use nalgebra::DMatrix;
use nasproof::enclosure::{Field, Interval, Undefined, identity, lift_rows, solve};
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
