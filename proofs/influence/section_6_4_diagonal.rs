#![doc = include_str!("section-6.4-diagonal.md")]

use nalgebra::{DMatrix, DVector};
use nasproof::linalg::TestRatio;
use proptest::{collection::vec, prelude::*};

decided!("influence.section-6.4-diagonal", Refuted => Holds);

proptest! {
    /// At least eight weights: the inverse is diagonal with one nonzero gradient entry, and off the diagonal with two, by
    /// $g_ig_j/(\eta(\eta+\lVert g\rVert^2))$.
    #[test]
    fn it_is_diagonal_exactly_for_one_nonzero_entry(d in 8usize..=16, values in vec(0.1..1.0f64, 2), at in 0usize..8, eta in 0.01..1.0f64) {
        for second in [0.0, values[1]] {
            let mut g = DVector::zeros(d);
            let other = (at + 1) % d;
            (g[at], g[other]) = (values[0], second);
            let h = DMatrix::identity(d, d) * eta + &g * g.transpose();
            let inverse = h.clone().try_inverse().unwrap();
            let expected = -values[0] * second / (eta * (eta + g.norm_squared()));
            let scale = h.norm() / eta * inverse.norm();
            prop_assert!(TestRatio::identity(inverse[(at, other)], expected, scale, d).passes());
            let off: f64 = (0..d).flat_map(|i| (0..d).map(move |j| (i, j))).filter(|(i, j)| i != j).map(|ij| inverse[ij].abs()).sum();
            let diagonal = TestRatio::identity(off, 0.0, scale, d).passes();
            prop_assert_eq!(diagonal, second == 0.0);
        }
    }
}
