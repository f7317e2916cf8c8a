#![doc = include_str!("theorem-2-loss.md")]

use nasproof::cost::cross_entropy::row;

decided!("wiring.theorem-2-loss", Refuted => Holds);

/// The example of the text, and the turning point.
#[test]
fn a_smaller_loss_with_a_larger_cost() {
    let (near, far) = (row(&[1.0, 0.0], 0, &mut [0.0; 2]), row(&[4.0, 0.0], 0, &mut [0.0; 2]));
    assert!(far.loss < near.loss && far.cost > near.cost);
    assert_eq!(
        format!("{:.3} {:.3} {:.3} {:.3}", near.loss, near.cost, far.loss, far.cost),
        "0.313 -0.269 0.018 -0.072"
    );
    // Bisection of (d − 1)e^d = 1.
    let (mut low, mut high) = (1.0f64, 2.0f64);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if (middle - 1.0) * middle.exp() < 1.0 { low = middle } else { high = middle }
    }
    assert_eq!(format!("{low:.4} {:.3}", (-low).exp().ln_1p()), "1.2785 0.246");
}
