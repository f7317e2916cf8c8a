//! The slow and obvious answers.

use ndarray::{Array1, Array2};

/// $A^{-1}b$ by Gaussian elimination with partial pivoting.
pub fn solve(a: &Array2<f64>, b: &Array1<f64>) -> Array1<f64> {
    let n = b.len();
    let (mut a, mut x) = (a.clone(), b.clone());
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[(i, k)].abs().total_cmp(&a[(j, k)].abs())).unwrap();
        for j in 0..n {
            a.swap((k, j), (pivot, j));
        }
        x.swap(k, pivot);
        for i in k + 1..n {
            let factor = a[(i, k)] / a[(k, k)];
            for j in k..n {
                a[(i, j)] -= factor * a[(k, j)];
            }
            x[i] -= factor * x[k];
        }
    }
    for k in (0..n).rev() {
        let sum: f64 = (k + 1..n).map(|j| a[(k, j)] * x[j]).sum();
        x[k] = (x[k] - sum) / a[(k, k)];
    }
    x
}

/// $\gamma\sum_{k=0}^K(I-\gamma A)^kv$, the powers formed as matrices.
pub fn neumann(a: &Array2<f64>, v: &Array1<f64>, step: f64, last: usize) -> Array1<f64> {
    let n = a.nrows();
    let factor = Array2::<f64>::eye(n) - step * a;
    let (mut power, mut sum) = (Array2::<f64>::eye(n), Array2::<f64>::zeros((n, n)));
    for _ in 0..=last {
        sum += &power;
        power = power.dot(&factor);
    }
    step * sum.dot(v)
}
