//! Mixed-precision iterative refinement: a solver that works in low precision, residuals in high.
//!
//! From $x_0=0$, each pass solves $A\delta\approx r_i$ for $r_i=v-Ax_i$ computed in the precision of `operator`, and sets $x_{i+1}=x_i+\delta$. If the inner
//! solver leaves $\lVert r_i-A\delta\rVert\le\phi\lVert r_i\rVert$, then $r_{i+1}=r_i-A\delta$ and
//! $$\lVert r_{i+1}\rVert\le\phi\lVert r_i\rVert + c\,u\,\lVert A\rVert\lVert x_{i+1}\rVert ,$$
//! $u$ that of the high precision (Higham, *Accuracy and Stability of Numerical Algorithms*, section 12.1). For a backward stable solver in a precision
//! $u_s$, $\phi$ is about $\kappa(A)\,u_s$: the residual falls by that factor a pass until the second term, the attainable level, is reached; when
//! $\kappa(A)\,u_s\ge1$ nothing is gained. Each pass must at least halve the residual, so there are at most $\log_2(1/\tau)$ and a few of them.

use crate::linalg::{LinearOperator, Vector};

/// A solution after refinement.
#[derive(Debug, Clone)]
pub struct Refined<V> {
    /// The solutions.
    pub columns: Vec<V>,
    /// $\lVert v-Ax\rVert/\lVert v\rVert$ of each, computed with the outer operator; 0 for a zero column.
    pub relative_residuals: Vec<f64>,
    /// Whether every column reached the tolerance.
    pub converged: bool,
    /// Passes of the inner solver.
    pub passes: usize,
}

/// Solves $Ax=v$ to a relative residual of `tolerance` in every column, with corrections by `inner`.
///
/// `inner` is handed the residuals of the columns that are not there yet, each scaled by a power of two to a norm near 1, and answers with
/// approximate solutions of the same operator. A column is given up, and left at its best, when a pass does not halve its residual.
///
/// # Errors
/// Those of `inner`.
pub fn refine<A: LinearOperator, E>(
    operator: &A,
    v: &[A::Vector],
    tolerance: f64,
    mut inner: impl FnMut(&[A::Vector]) -> Result<Vec<A::Vector>, E>,
) -> Result<Refined<A::Vector>, E> {
    let norms: Vec<f64> = v.iter().map(Vector::norm).collect();
    let mut columns: Vec<A::Vector> = v.iter().map(Vector::zeros_like).collect();
    let mut residuals = v.to_vec();
    let mut sizes = norms.clone();
    let reached = |size: f64, norm: f64| size <= tolerance * norm;
    let mut active: Vec<usize> = (0..v.len()).filter(|&j| !reached(sizes[j], norms[j])).collect();
    let mut passes = 0;
    while !active.is_empty() {
        let scales: Vec<f64> =
            active.iter().map(|&j| 2f64.powi((sizes[j].log2().round() as i32).clamp(-1000, 1000))).collect();
        let scaled: Vec<A::Vector> = active
            .iter()
            .zip(&scales)
            .map(|(&j, scale)| {
                let mut r = residuals[j].clone();
                r.scale(1.0 / scale);
                r
            })
            .collect();
        let corrections = inner(&scaled)?;
        passes += 1;
        let mut going = Vec::new();
        for ((&j, correction), scale) in active.iter().zip(&corrections).zip(&scales) {
            let mut x = columns[j].clone();
            x.axpy(*scale, correction);
            let mut r = x.zeros_like();
            operator.apply(&x, &mut r);
            r.scale_add(-1.0, &v[j]);
            let size = r.norm();
            // Written so that NaN is no progress.
            let halved = size <= sizes[j] / 2.0;
            if size < sizes[j] {
                (columns[j], residuals[j], sizes[j]) = (x, r, size);
            }
            if halved && !reached(sizes[j], norms[j]) {
                going.push(j);
            }
        }
        active = going;
    }
    let relative_residuals: Vec<f64> =
        sizes.iter().zip(&norms).map(|(size, norm)| if *size == 0.0 { 0.0 } else { size / norm }).collect();
    let converged = relative_residuals.iter().all(|residual| *residual <= tolerance);
    Ok(Refined { columns, relative_residuals, converged, passes })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use nalgebra::{DMatrix, DVector};
    use ndarray::Array1;
    use proptest::prelude::*;

    use super::*;
    use crate::linalg::{DenseSymmetric, TestRatio, samples};

    /// A solver in single precision, f64 outside.
    fn single(
        matrix: &ndarray::Array2<f64>,
    ) -> impl FnMut(&[Array1<f64>]) -> Result<Vec<Array1<f64>>, Infallible> + use<> {
        let factors = DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| matrix[(i, j)] as f32).lu();
        move |columns| {
            Ok(columns
                .iter()
                .map(|r| {
                    let r = DVector::from_iterator(r.len(), r.iter().map(|&r| r as f32));
                    factors
                        .solve(&r)
                        .map_or_else(|| Array1::zeros(r.len()), |x| x.iter().map(|&x| f64::from(x)).collect())
                })
                .collect())
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn single_precision_reaches_the_attainable_level_of_double((sample, v) in samples::system(8..=24, 4.0, 3)) {
            let operator = DenseSymmetric::symmetrised(sample.matrix.clone(), f64::EPSILON).unwrap();
            let mut v = v;
            v.push(Array1::zeros(sample.dim()));
            v[0].mapv_inplace(|x| x * 1e-200);
            let refined = refine(&operator, &v, 0.0, single(operator.matrix())).unwrap();
            for ((x, v), relative) in refined.columns.iter().zip(&v).zip(&refined.relative_residuals) {
                let mut r = x.clone();
                operator.apply(x, &mut r);
                r -= v;
                prop_assert!(TestRatio::solve(r.norm(), sample.norm(), x, v).passes());
                prop_assert_eq!(if v.norm() == 0.0 { 0.0 } else { r.norm() / v.norm() }, *relative);
            }
        }

        #[test]
        fn a_tolerance_is_reached_and_no_further_pass_spent((sample, v) in samples::system(8..=24, 4.0, 3)) {
            let operator = DenseSymmetric::symmetrised(sample.matrix.clone(), f64::EPSILON).unwrap();
            let mut inner = single(operator.matrix());
            let mut asked = Vec::new();
            let refined = refine(&operator, &v, 1e-9, |r| { asked.push(r.len()); inner(r) }).unwrap();
            prop_assert!(refined.converged, "{:?}", refined.relative_residuals);
            prop_assert_eq!(refined.passes, asked.len());
            prop_assert!(refined.passes <= 6 && asked.windows(2).all(|w| w[1] <= w[0]));
        }
    }

    #[test]
    fn a_solver_that_gains_nothing_is_given_up() {
        let operator = DenseSymmetric::new(ndarray::Array2::eye(8)).unwrap();
        let v = [Array1::from_elem(8, 3.0)];
        for factor in [-1.0, 0.0, 0.25, f64::NAN] {
            let answer = |r: &[Array1<f64>]| Ok::<_, Infallible>(r.iter().map(|r| r * factor).collect());
            let refined = refine(&operator, &v, 1e-12, answer).unwrap();
            assert!(!refined.converged && refined.passes == 1, "{factor}");
            assert_eq!(refined.relative_residuals[0], if factor == 0.25 { 0.75 } else { 1.0 });
        }
    }
}
