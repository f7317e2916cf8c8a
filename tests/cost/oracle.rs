//! Derivatives from the forward pass alone.

use nasproof::linalg::TestRatio;
use num_dual::Dual64;

/// The dense Jacobian, a row an output, by one dual forward pass an input.
pub fn jacobian(x: &[f64], forward: impl Fn(&[Dual64]) -> Vec<Dual64>) -> Vec<Vec<f64>> {
    let columns: Vec<Vec<f64>> = (0..x.len())
        .map(|j| {
            let lifted: Vec<Dual64> =
                x.iter().enumerate().map(|(i, &x)| Dual64::new(x, if i == j { 1.0 } else { 0.0 })).collect();
            forward(&lifted).into_iter().map(|y| y.eps).collect()
        })
        .collect();
    (0..columns.first().map_or(0, Vec::len)).map(|i| columns.iter().map(|column| column[i]).collect()).collect()
}

/// `got = Jᵀg`, the scale of each entry being `growth` (what the forward pass may have lost already) times `|J|ᵀ|g|` and that of the largest.
pub fn transposed(jacobian: &[Vec<f64>], g: &[f64], got: &[f64], growth: f64) -> TestRatio {
    let sums = |of: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        (0..got.len()).map(|j| jacobian.iter().zip(g).map(|(row, &g)| of(row[j], g)).sum()).collect()
    };
    let expected = sums(&|j, g| j * g);
    let sizes = sums(&|j, g| (j * g).abs());
    let largest = sizes.iter().fold(0.0f64, |m, &s| m.max(s));
    let n = got.len() + g.len();
    let each = expected.iter().zip(got).map(|(e, y)| TestRatio::identity(*e, *y, growth * largest, n));
    each.fold(TestRatio(0.0), TestRatio::max)
}
