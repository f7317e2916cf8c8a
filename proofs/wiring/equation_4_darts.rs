#![doc = include_str!("equation-4-darts.md")]

decided!("wiring.equation-4-darts", Refuted => Holds);

/// The example of the text, in numbers that are exact.
#[test]
fn the_sign_differs() {
    let slope = |x: f64| x - 0.75;
    assert_eq!((slope(0.5), slope(1.0)), (-0.25, 0.25));
}
