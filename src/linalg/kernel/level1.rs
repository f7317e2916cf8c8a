//! Vector–vector kernels: one stream in or out for each operand.

use pulp::Arch;

use crate::linalg::vector::Scalar;

/// Partial sums of a dot product: enough to hide the latency of an addition in the widest registers.
const LANES: usize = 32;

/// $\sum_i x_i y_i$, products and sums in `f64`.
pub(in crate::linalg) fn dot<S: Scalar>(x: &[S], y: &[S]) -> f64 {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut lanes = [0.0; LANES];
            let (mut xs, mut ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
            for (x, y) in (&mut xs).zip(&mut ys) {
                for ((lane, x), y) in lanes.iter_mut().zip(x).zip(y) {
                    *lane += x.as_f64() * y.as_f64();
                }
            }
            let rest: f64 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| x.as_f64() * y.as_f64()).sum();
            lanes.iter().sum::<f64>() + rest
        },
    )
}

/// `y` becomes $y + ax$.
pub(in crate::linalg) fn axpy<S: Scalar>(a: f64, x: &[S], y: &mut [S]) {
    let a = S::of(a);
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (y, &x) in y.iter_mut().zip(x) {
                *y += a * x;
            }
        },
    );
}

/// `y` becomes $ay + x$.
pub(in crate::linalg) fn scale_add<S: Scalar>(a: f64, x: &[S], y: &mut [S]) {
    let a = S::of(a);
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = a * *y + x;
            }
        },
    );
}

/// `y` becomes $ay$.
pub(in crate::linalg) fn scale<S: Scalar>(a: f64, y: &mut [S]) {
    let a = S::of(a);
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for y in y.iter_mut() {
                *y *= a;
            }
        },
    );
}

/// $\max_i|x_i|$; NaN when an entry is NaN.
pub(in crate::linalg) fn max_abs<S: Scalar>(x: &[S]) -> f64 {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            // A maximum drops NaN, so one is kept apart.
            let (mut most, mut spoiled) = ([S::zero(); LANES], [S::zero(); LANES]);
            let mut chunks = x.chunks_exact(LANES);
            for chunk in &mut chunks {
                for ((most, spoiled), &x) in most.iter_mut().zip(&mut spoiled).zip(chunk) {
                    let size = x.abs();
                    *most = if size > *most { size } else { *most };
                    *spoiled = if x.is_nan() { x } else { *spoiled };
                }
            }
            for ((most, spoiled), &x) in most.iter_mut().zip(&mut spoiled).zip(chunks.remainder()) {
                let size = x.abs();
                *most = if size > *most { size } else { *most };
                *spoiled = if x.is_nan() { x } else { *spoiled };
            }
            if spoiled.iter().any(|x| x.is_nan()) {
                f64::NAN
            } else {
                most.iter().fold(0.0f64, |m, x| m.max(x.as_f64()))
            }
        },
    )
}
