#![doc = include_str!("section-5-neumann.md")]

use nasproof::linalg::{TestRatio, samples};
use proptest::{collection::vec, prelude::*};

use crate::common::{column, matrix};

decided!("influence.section-5-neumann", Refuted => Holds);

proptest! {
    /// Spectra in $(0,2)$, at least eight eigenvalues: the error of every partial sum is below $\rho^{K+1}\lVert H^{-1}v\rVert$. With one eigenvalue at 2 the
    /// component of $v$ along its eigenvector never settles.
    #[test]
    fn strictly_inside_it_converges_and_on_the_edge_it_does_not(
        eigenvalues in vec(0.05..1.95f64, 8..=16),
        reflections in vec(vec(-1.0..1.0f64, 16), 3),
        v in vec(-1.0..1.0f64, 16),
    ) {
        let n = eigenvalues.len();
        let reflections: Vec<_> = reflections.iter().map(|w| w[..n].iter().copied().collect()).collect();
        let v: ndarray::Array1<f64> = v[..n].iter().copied().collect();
        for edge in [false, true] {
            let mut spectrum = eigenvalues.clone();
            if edge {
                spectrum[0] = 2.0;
            }
            let sample = samples::Sample::new(spectrum, reflections.clone());
            let (h, v) = (matrix(&sample.matrix), column(&v));
            let exact = h.clone().cholesky().unwrap().solve(&v);
            let rho = sample.eigenvalues.iter().map(|l| (1.0 - l).abs()).fold(0.0, f64::max);
            let along = column(&samples::eigenvectors(&sample.reflections, n).column(0).to_owned());
            let (mut term, mut sum) = (v.clone(), v.clone());
            for k in 1..=60 {
                term = &term - &h * &term;
                sum += &term;
                let error = (&sum - &exact).norm();
                let scale = f64::from(k) * n as f64 * f64::EPSILON * exact.norm() * sample.condition();
                let bound = rho.powi(k + 1) * exact.norm();
                prop_assert!(TestRatio::quotient((error - bound).max(0.0), scale).passes(), "{k}: {error} {bound}");
                if edge {
                    // (1 − 2)^{k+1} of the component along that eigenvector of H⁻¹v.
                    let stays = along.dot(&exact).abs();
                    let seen = along.dot(&(&sum - &exact)).abs();
                    prop_assert!(TestRatio::quotient((seen - stays).abs(), scale).passes(), "{k}: {seen} {stays}");
                }
            }
        }
    }
}
