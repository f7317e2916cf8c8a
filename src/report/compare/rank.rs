//! Rank correlations, ties included.

/// Spearman's $\rho$: Pearson's correlation of the ranks, tied values sharing the mean of theirs. `None` when the lengths differ, a value is
/// NaN, or either side is constant (or empty).
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    let (a, b) = (ranks(x)?, ranks(y)?);
    // Ranks always average (n + 1)/2.
    let mean = (x.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let (aa, bb) = (product(&a, &a), product(&b, &b));
    (aa > 0.0 && bb > 0.0).then(|| product(&a, &b) / (aa * bb).sqrt())
}

/// Kendall's $\tau_b = \dfrac{P-Q}{\sqrt{(P+Q+X)(P+Q+Y)}}$: $P$ pairs in the same order, $Q$ in opposite order, $X$ tied in `x` only, $Y$ in `y`
/// only. `None` as for [`spearman`].
pub fn kendall(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() || x.iter().chain(y).any(|v| v.is_nan()) {
        return None;
    }
    let (mut score, mut untied_x, mut untied_y) = (0i64, 0i64, 0i64);
    for i in 0..x.len() {
        for j in 0..i {
            let (a, b) = (order(x[i], x[j]), order(y[i], y[j]));
            score += a * b;
            untied_x += a * a;
            untied_y += b * b;
        }
    }
    (untied_x > 0 && untied_y > 0).then(|| score as f64 / ((untied_x as f64) * (untied_y as f64)).sqrt())
}

fn order(a: f64, b: f64) -> i64 {
    i64::from(a > b) - i64::from(a < b)
}

fn ranks(x: &[f64]) -> Option<Vec<f64>> {
    if x.iter().any(|v| v.is_nan()) {
        return None;
    }
    let rank = |v: &f64| {
        let below = x.iter().filter(|w| *w < v).count();
        let equal = x.iter().filter(|w| *w == v).count();
        below as f64 + (equal as f64 + 1.0) / 2.0
    };
    Some(x.iter().map(rank).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::TestRatio;

    #[test]
    fn values_computed_by_hand_with_ties() {
        // Ranks (1, 2.5, 2.5, 4) and (1, 3, 2, 4): ρ = 4.5/√(4.5·5). Pairs: P = 5, Q = 0, one tied in x only: τ_b = 5/√(5·6).
        let (x, y) = ([0.0, 1.0, 1.0, 7.0], [-1.0, 3.0, 2.0, 9.0]);
        for (x, y) in [(x, y), (y, x)] {
            assert!(TestRatio::identity(spearman(&x, &y).unwrap(), 4.5 / 22.5f64.sqrt(), 1.0, 4).passes());
            assert!(TestRatio::identity(kendall(&x, &y).unwrap(), 5.0 / 30f64.sqrt(), 1.0, 4).passes());
        }
    }

    #[test]
    fn monotone_is_one_reversed_is_minus_one_and_scale_does_not_matter() {
        let x = [3.0, -1.0, 0.5, 8.0, 2.0];
        let cubes = x.map(|x: f64| x * x * x + 1.0);
        let reversed = x.map(|x| -x);
        assert_eq!((spearman(&x, &cubes), kendall(&x, &cubes)), (Some(1.0), Some(1.0)));
        assert_eq!((spearman(&x, &reversed), kendall(&x, &reversed)), (Some(-1.0), Some(-1.0)));
    }

    #[test]
    fn what_has_no_order_has_no_correlation() {
        assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(kendall(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(kendall(&[1.0, f64::NAN], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[1.0, f64::NAN], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[1.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[], &[]), None);
    }
}
