//! $v-Ax$ of stored numbers, in twice the precision they are stored in.
//!
//! A residual in `f64` is lost in the rounding of $Ax$ when $x$ is good, and what is proved of $x$ is then proved of that rounding. Here every product is the
//! exact sum of two numbers (Dekker 1971, by a fused multiply-add) and every sum goes into a pair $(h,l)$: $h$ takes the number by an addition whose
//! error is known exactly (Knuth), and $l$ sums up those errors in `f64`, as in the dot product of Ogita, Rump and Oishi (2005).
//!
//! # Rounding
//! Let $k$ numbers of absolute sum $S$ go into a pair. All partial sums are at most $S(1+\gamma_k)$, so the errors caught, of products and of sums, have absolute
//! sum at most $(k+1)uS(1+\gamma_k)$, and adding them up in `f64`, two additions for each number, loses at most $\gamma_{2k}$ of that: less than $3(k+1)^2u^2S$.
//!
//! - *Dense.* Row $i$ takes $v_i$, $-\eta x_i$ and $n$ products: $k=n+2$, and $S$ is entry $i$ of $|v|+\eta|x|+|H||x|$, whose norm is at most
//!   $\lVert v\rVert+(\eta+\lVert H\rVert_F)\lVert x\rVert$.
//! - *Gradients.* $c=Gx$ comes out as pairs, off by at most $2(k+1)^2u^2|G||x|$ with $k=d$ + [`LANES`]. Division by $N$ keeps the pair: the remainder of
//!   $h/N$ is exact, and $l$, at most $(k+1)u|G||x|/N$, takes three more roundings. Coordinate $j$ then takes $v_j$, $-\eta x_j$ and $N$ products with the $h$, whereas those with the
//!   $l$ are added to its $l$ rounded. With $m=N+d$ + [`LANES`] $+5$ all of it is less than $3m^2u^2(|v|+\eta|x|+\frac1N|G|^\top|G||x|)$.
//!
//! Besides, the pair becomes one number, $u|r_j|$, and a product may underflow, by less than the smallest normal number.

use ndarray::{Array1, Array2, ArrayView1, s};
use pulp::Arch;

use super::{Curvature, System};
use crate::{
    ihvp::certificate::Residual,
    linalg::{LinearOperator, Vector, gamma},
};

/// Pairs that a dot product sums into by turns.
const LANES: usize = 32;

/// Coordinates whose pairs stay in the nearest cache while the rows go by.
const BLOCK: usize = 1024;

/// Adds `x` to the pair.
#[inline(always)]
fn add(h: &mut f64, l: &mut f64, x: f64, error: f64) {
    let sum = *h + x;
    let rest = sum - *h;
    *l += ((*h - (sum - rest)) + (x - rest)) + error;
    *h = sum;
}

/// Adds the exact product $ax$ to the pair.
#[inline(always)]
fn add_product(h: &mut f64, l: &mut f64, a: f64, x: f64) {
    let product = a * x;
    add(h, l, product, a.mul_add(x, -product));
}

/// $x^\top y$ as a pair.
fn dot(x: &[f64], y: &[f64]) -> (f64, f64) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let (mut hs, mut ls) = ([0.0; LANES], [0.0; LANES]);
            for (x, y) in x.chunks(LANES).zip(y.chunks(LANES)) {
                for (((h, l), x), y) in hs.iter_mut().zip(&mut ls).zip(x).zip(y) {
                    add_product(h, l, *x, *y);
                }
            }
            hs.iter().zip(&ls).fold((0.0, 0.0), |(mut h, mut l), (x, error)| {
                add(&mut h, &mut l, *x, *error);
                (h, l)
            })
        },
    )
}

/// Adds $(a_h+a_l)x$ to the pairs.
fn combine(a: (f64, f64), x: &[f64], hs: &mut [f64], ls: &mut [f64]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for ((h, l), x) in hs.iter_mut().zip(ls).zip(x) {
                add_product(h, l, a.0, *x);
                *l += a.1 * x;
            }
        },
    );
}

/// $v-\eta x-\sum_ia_i\,\mathrm{row}_i$, rounded once.
fn combined(v: &Array1<f64>, damping: f64, x: &Array1<f64>, a: &[(f64, f64)], rows: &Array2<f64>) -> Array1<f64> {
    let mut r: Vec<f64> = v.iter().copied().collect();
    let mut rest = [0.0; BLOCK];
    for (block, hs) in r.chunks_mut(BLOCK).enumerate() {
        let (start, length) = (block * BLOCK, hs.len());
        let ls = &mut rest[..length];
        ls.fill(0.0);
        let mut subtract = |(h, l): (f64, f64), row: ArrayView1<f64>| {
            let row = row.slice_move(s![start..start + length]);
            combine((-h, -l), row.as_standard_layout().as_slice().unwrap_or_default(), hs, ls);
        };
        subtract((damping, 0.0), x.view());
        for (&a, row) in a.iter().zip(rows.rows()) {
            subtract(a, row);
        }
        for (h, l) in hs.iter_mut().zip(ls) {
            *h += *l;
        }
    }
    Array1::from(r)
}

/// The norm of $v-Ax$ and a bound on how far rounding may have moved it.
pub(super) fn residual(system: &System, x: &Array1<f64>, v: &Array1<f64>) -> Residual {
    let (operator, damping) = (system.operator(), system.damping());
    let (r, rows, uncertainty) = match &operator.inner {
        Curvature::Hessian { matrix, uncertainty } => {
            // The columns of a symmetric matrix are its rows.
            let a: Vec<(f64, f64)> = x.iter().map(|&x| (x, 0.0)).collect();
            (combined(v, damping, x, &a, matrix.matrix()), 0, *uncertainty)
        }
        Curvature::Gradients(fisher) => {
            let (panel, x) = (fisher.panel(), x.as_standard_layout());
            let rows = panel.nrows();
            let n = rows as f64;
            let a: Vec<(f64, f64)> = panel
                .rows()
                .into_iter()
                .map(|row| {
                    let (h, l) =
                        dot(row.as_standard_layout().as_slice().unwrap_or_default(), x.as_slice().unwrap_or_default());
                    let quotient = h / n;
                    (quotient, (quotient.mul_add(-n, h) + l) / n)
                })
                .collect();
            (combined(v, damping, &x.to_owned(), &a, panel), rows, 0.0)
        }
    };
    let (norm, x_norm, v_norm) = (r.norm(), x.norm(), v.norm());
    let m = (rows + x.len() + LANES + 5) as f64;
    let unit = f64::EPSILON / 2.0;
    let curvature = operator.inner.norm_bound().unwrap_or(f64::INFINITY);
    let rounding = 3.0 * (m * unit).powi(2) * (v_norm + (damping + curvature) * x_norm)
        + gamma(1, f64::EPSILON) * norm
        + uncertainty * x_norm
        + f64::MIN_POSITIVE * m.powi(2) * (1.0 + curvature.sqrt());
    // The norms and these sums are themselves computed.
    Residual { norm, rounding: rounding * (1.0 + gamma(x.len() + 12, f64::EPSILON)), complete: true }
}

#[cfg(test)]
mod tests {
    use dashu_ratio::RBig;
    use ndarray::ShapeBuilder;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::linalg::TestRatio;

    fn exact(x: f64) -> RBig {
        RBig::try_from(x).unwrap()
    }

    fn dot(x: ArrayView1<f64>, y: &[RBig]) -> RBig {
        x.iter().zip(y).fold(RBig::ZERO, |sum, (&x, y)| sum + exact(x) * y)
    }

    /// $\lVert v-Ax\rVert$ over fractions, rounded in the end.
    fn oracle(system: &System, x: &Array1<f64>, v: &Array1<f64>) -> f64 {
        let xs: Vec<RBig> = x.iter().map(|&x| exact(x)).collect();
        let products: Vec<RBig> = match &system.operator().inner {
            Curvature::Hessian { matrix, .. } => matrix.matrix().rows().into_iter().map(|row| dot(row, &xs)).collect(),
            Curvature::Gradients(fisher) => {
                let c: Vec<RBig> = fisher.panel().rows().into_iter().map(|row| dot(row, &xs)).collect();
                let n = RBig::from(c.len());
                fisher.panel().columns().into_iter().map(|column| dot(column, &c) / &n).collect()
            }
        };
        let eta = exact(system.damping());
        let squares = products.iter().zip(&xs).zip(v).map(|((product, x), &v)| {
            let r = exact(v) - &eta * x - product;
            &r * &r
        });
        squares.fold(RBig::ZERO, |sum, square| sum + square).to_f64().value().sqrt()
    }

    /// Systems with an $x$ that is right to rounding, so that the residual is what rounding left.
    fn systems() -> Vec<(System, Array1<f64>, Array1<f64>)> {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut made = Vec::new();
        for (rows, dim) in [(0, 1), (0, 40), (0, 77), (1, 1), (3, 1100), (5, 16), (90, 31)] {
            let graded = |i: usize, j: usize| 10f64.powi(((i + j) % 7) as i32 - 3);
            let mut draw = |n: usize, m: usize| {
                Array2::from_shape_fn((n, m).f(), |(i, j)| rng.random_range(-1.0..1.0) * graded(i, j))
            };
            let system = if rows == 0 {
                let a = draw(dim, dim);
                System::hessian(&a + &a.t(), f64::EPSILON, 1e-3).unwrap()
            } else {
                System::gradients(draw(rows, dim), 1e-6).unwrap()
            };
            let x = draw(dim, 1).column(0).to_owned();
            let v = system.operator().product(&x);
            made.push((system, x, v));
        }
        made
    }

    #[test]
    fn a_residual_lost_in_rounding_is_found() {
        for (system, x, v) in systems() {
            let (found, exact) = (residual(&system, &x, &v), oracle(&system, &x, &v));
            assert!(found.complete);
            // The norm rounds once more, like a sum of so many squares.
            let allowed = found.rounding + gamma(x.len() + 2, f64::EPSILON) * exact;
            assert!((found.norm - exact).abs() <= allowed, "{} and {exact:e}, {allowed:e}", found.norm);
            // It is exact to its last digits though a product in `f64` has none of them.
            let ratio = TestRatio::quotient((found.norm - exact).abs(), x.len() as f64 * f64::EPSILON * exact);
            assert!(ratio.passes(), "{ratio}");
            // What is allowed for is little beside what a product in `f64` is.
            let plain = system.operator().rounding(x.norm(), f64::EPSILON).unwrap();
            assert!(found.rounding < f64::EPSILON.sqrt() * (exact + plain), "{} of {plain}", found.rounding);
        }
    }

    /// By hand, for vectors of four ones, of norm 2, and matrices $hI$, of Frobenius norm $2h$, damped by 1: $3m^2u^2(\lVert v\rVert+(1+2h)\cdot2)$ where the residual is
    /// zero, and sixteen roundings upwards. $m=4+32+5=41$, and three gradients make it 44.
    #[test]
    fn what_rounding_may_hide_is_the_documented_bound() {
        let up = 1.0 + 8.0 * f64::EPSILON;
        // The Frobenius norm is itself rounded upwards.
        let agrees = |found: f64, expected: f64| {
            assert!(
                found >= expected && TestRatio::identity(found, expected, expected, 1).passes(),
                "{found} {expected}"
            );
        };
        let square = (0.5 * f64::EPSILON).powi(2);
        let matrix = |h: f64| System::hessian(Array2::eye(4) * h, f64::EPSILON, 1.0).unwrap();
        let gradients = System::gradients(Array2::zeros((3, 4)), 1.0).unwrap();
        let ones = Array1::<f64>::ones(4);
        for (system, terms) in [(matrix(0.0), 3.0 * 1681.0 * 4.0), (gradients, 3.0 * 1936.0 * 4.0)] {
            assert_eq!(residual(&system, &ones, &ones).rounding, terms * square * up);
        }
        for (system, scale, terms) in
            [(matrix(1.0), 2.0, 3.0 * 1681.0 * (4.0 + 6.0)), (matrix(2.0), 3.0, 3.0 * 1681.0 * (6.0 + 10.0))]
        {
            let found = residual(&system, &ones, &(&ones * scale));
            assert_eq!(found.norm, 0.0);
            agrees(found.rounding, terms * square * up);
        }
        // Underflow alone, of zeros: beside a curvature of norm 4 three times as much as without.
        let zeros = Array1::<f64>::zeros(4);
        for (h, terms) in [(0.0, 1681.0), (2.0, 3.0 * 1681.0)] {
            agrees(residual(&matrix(h), &zeros, &zeros).rounding, terms * f64::MIN_POSITIVE * up);
        }
        // What symmetrising rounded, ε‖H‖_F, and half an ε of a residual of norm 6 are most of the bound.
        let mut asymmetric = Array2::<f64>::eye(4) * 2.0;
        asymmetric[(0, 3)] = 2f64.powi(-60);
        let system = System::symmetric_part(asymmetric, 1.0).unwrap();
        let found = residual(&system, &ones, &zeros);
        let expected = 4.0 * f64::EPSILON * 2.0 + 0.5 * f64::EPSILON * 6.0 + 3.0 * 1681.0 * 10.0 * square;
        agrees(found.rounding, expected * up);
    }

    #[test]
    fn an_answer_to_the_system_of_its_own_product_has_almost_no_residual() {
        let x = Array1::from_vec(vec![1.0, -2.0, 3.0]);
        let system = System::gradients(Array2::from_elem((2, 3), 1.0), 0.5).unwrap();
        // GᵀG/N of ones takes the sum of the entries, 2, everywhere.
        let v = x.mapv(|x| 0.5 * x + 2.0);
        assert_eq!(residual(&system, &x, &v).norm, 0.0);
    }
}
