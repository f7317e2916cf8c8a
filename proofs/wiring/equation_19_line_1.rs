#![doc = include_str!("equation-19-line-1.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};

decided!("wiring.equation-19-line-1", Refuted => Holds);

/// The example of the text: the printed line is 1 where the truth is 0.
#[test]
fn two_points() {
    let (x, g) = ([1.0, -1.0], [1.0, 0.0]);
    let slope = g[0] * x[0] + g[1] * x[1];
    let (total, sum): (f64, f64) = (g.iter().sum(), x.iter().sum());
    assert_eq!(g[0] * x[0] + g[1] * x[1] - total / 2.0 * sum - slope / 2.0 * sum, 1.0);
}

proptest! {
    /// With $\hat X$ kept, over the rationals: for $\gamma=1$ the line times $\sigma^2$ is
    /// $\sigma\,\bigl[\sigma^2\sum g(x-\mu)-\sum g(x-\mu)\cdot\frac1n\sum(x-\mu)x\bigr]$, and the bracket is 0, exactly.
    #[test]
    fn the_corrected_line_is_zero_exactly(x in vec(-9i32..=9, 6), g in vec(-9i32..=9, 6)) {
        let n = RBig::from(6);
        let exact = |v: &[i32]| v.iter().map(|&v| RBig::from(v)).collect::<Vec<_>>();
        let (x, g) = (exact(&x), exact(&g));
        let mean = x.iter().fold(RBig::ZERO, |s, x| s + x) / &n;
        let centred: Vec<RBig> = x.iter().map(|x| x - &mean).collect();
        let sum = |a: &[RBig], b: &[RBig]| a.iter().zip(b).fold(RBig::ZERO, |s, (a, b)| s + a * b);
        let variance = sum(&centred, &centred) / &n;
        let slope = sum(&g, &centred);
        prop_assert_eq!(&variance * &slope - &slope * sum(&centred, &x) / &n, RBig::ZERO);
    }
}
