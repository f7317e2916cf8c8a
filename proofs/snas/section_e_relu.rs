#![doc = include_str!("section-e-relu.md")]

decided!("snas.section-e-relu", Refuted => Holds);

/// The page's two counterexamples: another linear region, and no root.
#[test]
fn biases_move_the_region_and_the_root() {
    let f = |bias: f64, x: f64| (x + bias).max(0.0);
    let slope = |bias: f64, x: f64| if x + bias > 0.0 { 1.0 } else { 0.0 };
    assert_eq!((slope(-1.0, 2.0), slope(-1.0, 2.0 / 128.0)), (1.0, 0.0));
    assert_ne!(f(-1.0, 2.0), slope(-1.0, 2.0) * 2.0);
    assert_eq!(f(1.0, 0.0), 1.0);
}
