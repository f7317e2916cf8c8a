//! The oracle is exact: $Q=H/\sqrt n$ with $H$ a Sylvester–Hadamard matrix with shuffled, signed rows and $n=4^k$, eigenvalues powers of two at least $2^{-44}$. Every
//! entry of $Q\Lambda Q^\top$ is then a multiple of $2^{-44}/n$ below 1 and fits a double, and so do all partial sums.

use dashu_ratio::RBig;
use proptest::{prelude::*, sample::subsequence};

use super::*;
use crate::linalg::TestRatio;

const LEAST: i32 = 44;

/// $Q\Lambda Q^\top$ for $n=16$, exactly, and $\min|\lambda|$.
#[derive(Debug, Clone)]
struct Exact {
    matrix: Array2<f64>,
    least: f64,
}

fn exact(exponents: &[i32], negative: &[usize], flips: u16) -> Exact {
    let n = exponents.len();
    let sign = |i: usize, j: usize| {
        let flipped = flips >> (i % 16) & 1;
        if ((i & j).count_ones() + u32::from(flipped)).is_multiple_of(2) { 0.25 } else { -0.25 }
    };
    let value = |k: usize| if negative.contains(&k) { -2f64.powi(exponents[k]) } else { 2f64.powi(exponents[k]) };
    let matrix = Array2::from_shape_fn((n, n), |(i, j)| (0..n).map(|k| sign(i, k) * value(k) * sign(j, k)).sum());
    Exact { matrix, least: 2f64.powi(*exponents.iter().min().unwrap()) }
}

/// $\kappa=2^{\text{digits}}$ up to $2^{44}\approx1.8\cdot10^{13}$.
fn exact_matrices(negative: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Exact> {
    let exponents = (3..=LEAST, proptest::collection::vec(0..=1000i32, 16)).prop_map(|(least, parts)| {
        let mut exponents: Vec<i32> = parts.into_iter().map(|part| -least * part / 1000).collect();
        exponents[..3].copy_from_slice(&[0, -least / 2, -least]);
        exponents
    });
    (exponents, subsequence((0..16).collect::<Vec<_>>(), negative), any::<u16>())
        .prop_map(|(exponents, negative, flips)| exact(&exponents, &negative, flips))
}

const BACKENDS: &[Backend] = &[
    Backend::Nalgebra,
    #[cfg(feature = "lapack")]
    Backend::Lapack,
];

#[test]
fn the_oracle_is_exact() {
    // Q is orthogonal exactly, and (QΛQᵀ)(QΛ⁻¹Qᵀ) = I exactly for eigenvalues that span few bits.
    let a = exact(&[0, -1, -2, -3, 0, -1, -2, -3, 0, -1, -2, -3, 0, -1, -2, -3], &[1, 5], 0b1011);
    let b = exact(&[0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3], &[1, 5], 0b1011);
    assert_eq!(a.matrix.dot(&b.matrix), Array2::<f64>::eye(16));
}

proptest! {
    #[test]
    fn a_definite_bound_is_below_the_truth_and_near_it(a in exact_matrices(0..=0)) {
        for &backend in BACKENDS {
            let cholesky = Cholesky::new(a.matrix.clone(), backend).unwrap();
            let bound = definite(|| a.matrix.clone(), 16, &cholesky, backend);
            if a.least >= 2f64.powi(-40) {
                let bound = bound.expect("the rounding of n = 16 is about 2^-45");
                prop_assert!(bound <= a.least, "{bound:e} > {:e}", a.least);
                prop_assert!(bound >= 0.2 * a.least, "{bound:e} is far below {:e}", a.least);
            } else if let Some(bound) = bound {
                prop_assert!(bound <= a.least, "{bound:e} > {:e}", a.least);
            }
        }
    }

    #[test]
    fn a_spectral_bound_is_below_the_truth_and_near_it(a in exact_matrices(1..=15)) {
        for &backend in BACKENDS {
            let eigen = Eigen::new(a.matrix.clone(), backend).unwrap();
            let bound = spectral(&a.matrix, &eigen);
            if a.least >= 2f64.powi(-40) {
                let bound = bound.expect("the rounding of n = 16 is about 2^-44");
                prop_assert!(bound <= a.least, "{bound:e} > {:e}", a.least);
                prop_assert!(bound >= 0.2 * a.least, "{bound:e} is far below {:e}", a.least);
            } else if let Some(bound) = bound {
                prop_assert!(bound <= a.least, "{bound:e} > {:e}", a.least);
            }
        }
    }

    /// Poor eigenvectors make a poor bound, not a false one.
    #[test]
    fn spoiled_eigenvectors_are_paid_for(a in exact_matrices(1..=15), spoil in 1e-9..1e-3f64, at in 0..256usize) {
        let mut eigen = Eigen::new(a.matrix.clone(), Backend::Nalgebra).unwrap();
        eigen.vectors[(at / 16, at % 16)] += spoil;
        eigen.values.mapv_inplace(|l| l * (1.0 + spoil));
        let bound = spectral(&a.matrix, &eigen).unwrap_or(0.0);
        prop_assert!(bound <= a.least, "{bound:e} > {:e}", a.least);
    }
}

proptest! {
    /// Eigenvectors too short and eigenvalues too large to match: $M=A$, and only the defect of orthogonality tells.
    #[test]
    fn short_eigenvectors_are_paid_for(a in exact_matrices(1..=15), length in 0.97..0.999f64) {
        let mut eigen = Eigen::new(a.matrix.clone(), Backend::Nalgebra).unwrap();
        eigen.vectors.mapv_inplace(|q| length * q);
        eigen.values.mapv_inplace(|l| l / (length * length));
        let bound = spectral(&a.matrix, &eigen);
        if a.least >= 2f64.powi(-36) {
            let bound = bound.expect("0.97 leaves three quarters");
            prop_assert!(bound <= a.least, "{bound:e} > {:e}", a.least);
        }
    }
}

/// Cholesky ends for some shifts beyond $\lambda_{\min}$, by rounding; then the terms for rounding are all that keeps the bound true.
#[test]
fn rounding_is_what_makes_the_bound_true() {
    for &backend in BACKENDS {
        let mut beyond = 0;
        for flips in 0..400u16 {
            let spread = i32::from(flips % 7);
            let exponents: Vec<i32> = (0..16).map(|k| if k == 15 { -LEAST } else { -(k * spread) % 30 }).collect();
            let a = exact(&exponents, &[], flips.wrapping_mul(40_503));
            for step in 1..=20 {
                // In steps of the rounding of the entries, 2^-53, seen from 2^-44.
                let s = a.least * (1.0 + f64::from(step) * 2f64.powi(-10));
                if let Some(bound) = shifted(a.matrix.clone(), s, backend) {
                    beyond += 1;
                    assert!(bound <= a.least, "{backend:?}: {bound:e} > {:e} at shift {s:e}", a.least);
                }
            }
        }
        assert!(beyond > 0, "{backend:?}: no shift beyond the smallest eigenvalue passed, so that nothing was tested");
    }
}

/// $\gamma_k$ with $u=2^{-53}$, exactly.
fn exact_gamma(k: usize) -> RBig {
    let ku = rational(k as f64) * rational(2f64.powi(-53));
    &ku / (RBig::ONE - &ku)
}

fn rational(x: f64) -> RBig {
    RBig::try_from(x).unwrap()
}

/// Both bounds are computed in floating point, and never above what the module's documentation says in exact arithmetic. $n=64$, where the factors
/// for many roundings are no longer covered by the reserve for few.
#[test]
fn the_bounds_are_not_above_the_documented_ones() {
    const SIDE: usize = 64;
    let two_u = rational(f64::EPSILON);
    let identity = Array2::<f64>::eye(SIDE);
    for s in [0.0, 2f64.powi(-60), 2f64.powi(-30), 0.5] {
        let bound = rational(shifted(identity.clone(), s, Backend::Nalgebra).unwrap());
        let (gamma, shift) = (exact_gamma(SIDE + 8), RBig::ONE - rational(s));
        // The diagonal of B is 1 − s, rounded where s is small.
        let trace = rational(1.0 - s) * rational(SIDE as f64);
        let loss = &gamma / (RBig::ONE - &gamma) * trace + &two_u * shift + &two_u;
        assert!(bound <= rational(s) - loss, "s = {s:e}");
    }
    // Q = I and Λ = 1 + 1/32: the residual is 1/32 on the diagonal, of Frobenius norm 1/4.
    let (count, off) = (rational(SIDE as f64), rational(1.0 / 32.0));
    let value = RBig::ONE + &off;
    let eigen = Eigen { values: Array1::from_elem(SIDE, 1.0 + 1.0 / 32.0), vectors: identity.clone() };
    let bound = rational(spectral(&identity, &eigen).unwrap());
    let residual =
        (RBig::ONE + exact_gamma(SIDE * SIDE + 2)) * rational(0.25) + exact_gamma(SIDE + 2) * &count * &value;
    let defect = exact_gamma(SIDE) * &count;
    let documented = (RBig::ONE - defect) * value - residual - two_u;
    assert!(bound <= documented);
    // The factor for 64² entries is two thousand roundings, and is not taken twice.
    let [bound, documented] = [bound, documented].map(|x| x.to_f64().value());
    assert!(TestRatio::identity(bound, documented, documented, 4).passes(), "{bound:e} {documented:e}");
}

/// $Q=\tfrac{33}{32}I$ and $\Lambda=I$: columns that are not of length 1, whose products are exact.
#[test]
fn long_eigenvectors_are_counted_with_their_length() {
    const SIDE: usize = 64;
    let identity = Array2::<f64>::eye(SIDE);
    let eigen = Eigen { values: Array1::ones(SIDE), vectors: &identity * (33.0 / 32.0) };
    let square = 1089.0 / 1024.0;
    let bound = rational(spectral(&(&identity * square), &eigen).unwrap());
    let [count, square] = [SIDE as f64, square].map(rational);
    // ‖I − QᵀQ‖ = 8(q² − 1).
    let defect = (RBig::ONE + exact_gamma(SIDE * SIDE + 2)) * rational(8.0) * (&square - RBig::ONE)
        + exact_gamma(SIDE) * &count * &square;
    let loss = exact_gamma(SIDE + 2) * &count * &square + rational(f64::EPSILON) * &square;
    let documented = RBig::ONE - defect - loss;
    assert!(bound <= documented);
    let [bound, documented] = [bound, documented].map(|x| x.to_f64().value());
    assert!(TestRatio::identity(bound, documented, 1.0, 4).passes(), "{bound:e} {documented:e}");
}

/// A random start knows little of the smallest eigenvalue, each step multiplies what it knows by 64.
#[test]
fn inverse_iteration_finds_the_smallest_eigenvalue() {
    let mut a = Array2::<f64>::eye(16) * 64.0;
    a[(15, 15)] = 1.0;
    for &backend in BACKENDS {
        let cholesky = Cholesky::new(a.clone(), backend).unwrap();
        let [one, several] = [1, 12].map(|steps| inverse_iteration(&cholesky, 16, steps));
        assert!((1.0 - RESERVE..1.001).contains(&several), "{backend:?}: {several}");
        assert!(one > 1.1, "{backend:?}: {one} leaves nothing to be found");
    }
}

/// From eigenvalues between 1 and 1.04 no step gains a twentieth: after the second the estimate is taken as it is.
#[test]
fn inverse_iteration_ends_where_it_gains_little() {
    let a = Array2::from_diag(&Array1::from_shape_fn(5, |i| 1.0 + 0.01 * i as f64));
    for &backend in BACKENDS {
        let cholesky = Cholesky::new(a.clone(), backend).unwrap();
        let [one, two, several] = [1, 2, 12].map(|steps| inverse_iteration(&cholesky, 5, steps));
        assert!(two < one && several == two, "{backend:?}: {one} {two} {several}");
    }
}

/// $A=\Lambda=\lambda I$ and $Q=I$: nothing is off, and what is left of the bound are the terms for rounding, exactly; below it by the rounding of the few operations
/// that compute it.
#[test]
fn a_spectral_bound_is_the_documented_one_rounded_down() {
    for side in [1, 3, 8, 32] {
        let identity = Array2::<f64>::eye(side);
        let count = rational(side as f64);
        let rounding = &count * (exact_gamma(side) + exact_gamma(side + 2)) + rational(f64::EPSILON);
        let mut lambda = 2f64.powi(-40);
        while lambda < 2f64.powi(40) {
            lambda *= 1.37;
            let eigen = Eigen { values: Array1::from_elem(side, lambda), vectors: identity.clone() };
            let bound = spectral(&(&identity * lambda), &eigen).unwrap();
            let documented = rational(lambda) * (RBig::ONE - &rounding);
            assert!(rational(bound) <= documented, "{side} {lambda:e}");
            let documented = documented.to_f64().value();
            assert!(
                TestRatio::identity(bound, documented, documented, 2).passes(),
                "{side} {lambda:e}: {bound:e} {documented:e}"
            );
        }
    }
}

/// Likewise of $B=A-sI$ for $A=aI$ at $s=a/2$, where nothing but the reserve is rounded.
#[test]
fn a_definite_bound_is_the_documented_one_rounded_down() {
    for side in [1, 3, 8, 32] {
        let (identity, count) = (Array2::<f64>::eye(side), rational(side as f64));
        let gamma = exact_gamma(side + 8);
        let loss = &gamma / (RBig::ONE - &gamma) * &count + rational(3.0 * f64::EPSILON);
        let mut s = 2f64.powi(-40);
        while s < 2f64.powi(40) {
            s *= 1.37;
            for &backend in BACKENDS {
                let bound = shifted(&identity * (2.0 * s), s, backend).unwrap();
                let documented = rational(s) * (RBig::ONE - &loss);
                assert!(rational(bound) <= documented, "{side} {s:e}");
                let documented = documented.to_f64().value();
                assert!(TestRatio::identity(bound, documented, documented, 2).passes(), "{side} {s:e}");
            }
        }
    }
}

/// $\lVert(3,4)\rVert$, and $n^3$ of the smallest normal number.
#[test]
fn norms_and_underflow_are_what_they_are_called() {
    assert_eq!(frobenius(&ndarray::array![[3.0, 0.0], [-4.0, 0.0]]), 5.0);
    assert_eq!(underflow(10), 1000.0 * f64::MIN_POSITIVE);
}

/// At $2^{-1000}$ a bound is $2^{-1000}$ times what it is at 1, less $8^3$ times the smallest normal number, a ten-thousandth of it.
#[test]
fn underflow_is_subtracted_from_both_bounds() {
    let identity = Array2::<f64>::eye(8);
    let tiny = 2f64.powi(-1000);
    let definite = |size: f64| shifted(&identity * (2.0 * size), size, Backend::Nalgebra).unwrap();
    let spectral = |size: f64| {
        let eigen = Eigen { values: Array1::from_elem(8, size), vectors: identity.clone() };
        super::spectral(&(&identity * size), &eigen).unwrap()
    };
    for [one, small] in [[1.0, tiny].map(definite), [1.0, tiny].map(spectral)] {
        let (lost, expected) = (one * tiny - small, 512.0 * f64::MIN_POSITIVE);
        assert!(TestRatio::identity(lost, expected, tiny, 2).passes(), "{lost:e} {expected:e}");
    }
}

/// $\frac12-\frac14$ less sixteen roundings of $1+\frac14$.
#[test]
fn a_difference_is_rounded_down_by_the_sizes_of_its_terms() {
    assert_eq!(below(0.5, 1.0, 0.25), 0.25 - 20.0 * f64::EPSILON);
}
