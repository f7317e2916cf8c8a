#![doc = include_str!("equation-17-closed.md")]

use nasproof::cost::normalisation::slice;

decided!("wiring.equation-17-closed", Refuted => Holds);

/// The example of the text.
#[test]
fn two_points() {
    let (x, g) = ([1.0, -1.0], [1.0, 0.0]);
    let (mut hat, mut pulled) = ([0.0; 2], [0.0; 2]);
    let statistics = slice::normalise(&x, 0.0, &mut hat);
    slice::pull_back(&hat, &statistics, &g, &mut pulled);
    assert_eq!((hat, pulled), (x, [0.0, 0.0]));
    let slope = g[0] * hat[0] + g[1] * hat[1];
    let printed = [0, 1].map(|i| g[i] - 0.5 - slope);
    assert_eq!(printed, [-0.5, -1.5]);
}
