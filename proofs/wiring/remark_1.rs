#![doc = include_str!("remark-1.md")]

decided!("wiring.remark-1", Refuted => Holds);

/// The example of the text: bisection of Δ + sinh Δ = −1.
#[test]
fn the_example() {
    let (mut low, mut high) = (-1.0f64, 0.0f64);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if middle + middle.sinh() < -1.0 { low = middle } else { high = middle }
    }
    let p = 1.0 / (1.0 + (-low).exp());
    assert_eq!(format!("{low:.2} {p:.2}"), "-0.49 0.38");
}
