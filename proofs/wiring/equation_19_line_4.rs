#![doc = include_str!("equation-19-line-4.md")]

decided!("wiring.equation-19-line-4", Refuted => Holds);

/// The example of the text: the printed line is 1 where the fourth is 0.
#[test]
fn two_points() {
    let (x, g) = ([1.0, -1.0], [1.0, 0.0]);
    let slope = g[0] * x[0] + g[1] * x[1];
    let (total, sum): (f64, f64) = (g.iter().sum(), x.iter().sum());
    assert_eq!(g[0] * x[0] + g[1] * x[1] - total / 2.0 * sum - slope / 2.0 * sum, 1.0);
}
