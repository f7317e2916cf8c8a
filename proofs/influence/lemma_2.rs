#![doc = include_str!("lemma-2.md")]

use nalgebra::{DMatrix, DVector};
use nasproof::{
    ihvp::{
        sherman_morrison::ShermanMorrison,
        woodbury::{Params, Woodbury},
    },
    linalg::TestRatio,
};
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};

decided!("influence.lemma-2", Refuted => Holds);

proptest! {
    /// Fewer gradients than weights, several right-hand sides, $\kappa$ to $10^6$: the library's recursion inverts $\eta I+\frac1N\sum gg^\top$; the printed $F_n$ has a
    /// null vector, so no recursion inverts it. What the recursion ends with in closed form (Woodbury) is the same matrix.
    #[test]
    fn the_recursion_inverts_the_damped_mean(
        d in 8usize..=16,
        count in 1usize..=7,
        entries in vec(-1.0..1.0f64, 7 * 16),
        v in vec(-1.0..1.0f64, 3 * 16),
        digits in -6.0..0.0f64,
    ) {
        let eta = 10f64.powf(digits);
        let rows = Array2::from_shape_fn((count, d), |(i, j)| entries[i * 16 + j]);
        let g = DMatrix::from_fn(count, d, |i, j| rows[(i, j)]);
        let printed = g.transpose() * &g / count as f64;
        let damped = &printed + DMatrix::identity(d, d) * eta;
        let vs: Vec<Array1<f64>> = (0..3).map(|k| v[16 * k..16 * k + d].iter().copied().collect()).collect();
        let recursion = ShermanMorrison::new(&rows, &Params::new(eta)).unwrap().apply(&vs);
        let (_, closed) = Woodbury::prepare_and_apply(&rows, &vs, &Params::new(eta)).unwrap();
        let tolerance = 0.5;
        let (_, solved) = Woodbury::prepare_and_solve(&rows, &vs, &Params { damping: eta, tolerance }).unwrap();
        for (v, x) in vs.iter().zip(recursion).chain(vs.iter().zip(closed)).chain(vs.iter().zip(solved.columns)) {
            let (v, x) = (DVector::from_column_slice(&v.to_vec()), DVector::from_column_slice(&x.to_vec()));
            let exact = damped.clone().cholesky().unwrap().solve(&v);
            let condition = damped.norm() / eta;
            let ratio = TestRatio::quotient((&x - &exact).norm(), condition * (count + d) as f64 * f64::EPSILON * exact.norm().max(v.norm() / eta));
            prop_assert!(ratio.passes(), "{ratio}");
            // What the printed F_n maps x to misses v by ηx, no less.
            let missed = &v - &printed * &x;
            let scale = (damped.norm() * x.norm() + v.norm()) * condition;
            prop_assert!(TestRatio::quotient((missed - &x * eta).norm(), (count + d) as f64 * f64::EPSILON * scale).passes());
        }
        let smallest = printed.symmetric_eigenvalues().min().abs();
        prop_assert!(TestRatio::quotient(smallest, d as f64 * f64::EPSILON * damped.norm()).passes(), "{smallest}");
    }
}
